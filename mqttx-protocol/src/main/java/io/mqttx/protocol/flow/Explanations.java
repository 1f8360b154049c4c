package io.mqttx.protocol.flow;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;

/**
 * How much may be said to the peer beside what must be said: reason strings and user properties are left out where
 * they are not wanted or would make the packet too large for the peer (§3.1.2.11.4, §3.1.2.11.7).
 *
 * @param maximumPacketSize bytes of the largest packet that the peer takes
 * @param wanted            whether the peer wants them on every packet; if not, then on PUBLISH, CONNACK and
 *                          DISCONNECT alone [MQTT-3.1.2-29]
 */
public record Explanations(long maximumPacketSize, boolean wanted) {
    /** No limit but that of the protocol: what a version without properties has. */
    public static final Explanations UNLIMITED = new Explanations(DecoderOptions.LARGEST_PACKET, true);

    /** Of the properties of an acknowledgement, SUBACK, UNSUBACK or AUTH, those that may be sent. */
    public Properties onAnswer(Properties properties, int otherBytes) {
        if (properties.isEmpty()) {
            return properties;
        }
        return wanted
                ? fitting(properties, otherBytes)
                : properties.without(Property.USER_PROPERTY).without(Property.REASON_STRING);
    }

    /**
     * Of the properties of CONNACK or DISCONNECT, those that fit.
     *
     * @param otherBytes the length of the packet's variable header and payload without the properties
     */
    public Properties fitting(Properties properties, int otherBytes) {
        Properties fitting = properties;
        if (!fits(fitting, otherBytes)) {
            fitting = fitting.without(Property.USER_PROPERTY);
        }
        if (!fits(fitting, otherBytes)) {
            fitting = fitting.without(Property.REASON_STRING);
        }
        return fitting;
    }

    private boolean fits(Properties properties, int otherBytes) {
        int length = properties.encodedLength();
        long remaining = (long) otherBytes + lengthBytes(length) + length;
        return 1 + lengthBytes(remaining) + remaining <= maximumPacketSize;
    }

    /** How many bytes a variable byte integer takes (§1.5.5). */
    private static int lengthBytes(long value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
}

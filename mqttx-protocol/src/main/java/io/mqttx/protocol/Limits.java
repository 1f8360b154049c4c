package io.mqttx.protocol;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;

/**
 * What one side of a connection takes from the other, as it said in CONNECT or CONNACK.
 *
 * @param receiveMaximum    QoS 1 and 2 messages before the first of them is answered, 1 to 65,535 (§4.9)
 * @param maximumPacketSize bytes of the largest packet, its fixed header included (§3.1.2.11.4)
 * @param topicAliasMaximum highest topic alias, 0 for none (§3.1.2.11.5)
 */
public record Limits(int receiveMaximum, long maximumPacketSize, int topicAliasMaximum) {
    /** The largest packet that can be written: what a peer takes that says nothing. */
    public static final long LARGEST_PACKET = 1 + 4 + 268_435_455;

    /** What holds when nothing is said, as always before version 5. */
    public static final Limits DEFAULT = new Limits(0xFFFF, LARGEST_PACKET, 0);

    /** The same with topic aliases up to this one only, if it takes as many. */
    Limits withAliasesUpTo(int most) {
        return new Limits(receiveMaximum, maximumPacketSize, Math.min(topicAliasMaximum, most));
    }

    static Limits of(ProtocolVersion version, Properties properties) {
        if (!version.hasProperties() || properties.isEmpty()) {
            return DEFAULT;
        }
        return new Limits(
                (int) properties.number(Property.RECEIVE_MAXIMUM, DEFAULT.receiveMaximum),
                properties.number(Property.MAXIMUM_PACKET_SIZE, DEFAULT.maximumPacketSize),
                (int) properties.number(Property.TOPIC_ALIAS_MAXIMUM, DEFAULT.topicAliasMaximum));
    }
}

package io.mqttx.codec;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * SUBACK on the wire (§3.9). Before version 5 every refusal is 0x80; 3.1, which has no code for one, is given the same
 * rather than a grant that is not true.
 */
final class SubAckCodec {
    private SubAckCodec() {}

    static SubAck read(Reader in, ProtocolVersion version) {
        int packetId = in.packetId();
        Properties properties = in.properties(version);
        List<ReasonCode> reasons = in.reasons(PacketType.SUBACK);
        if (!version.hasProperties()) {
            for (ReasonCode reason : reasons) {
                if (reason.code() > ReasonCode.UNSPECIFIED_ERROR.code()) {
                    throw ProtocolException.malformed("return code " + reason.code() + " (3.1.1) [MQTT-3.9.3-2]");
                }
            }
        }
        return new SubAck(packetId, reasons, properties);
    }

    static long length(SubAck ack, ProtocolVersion version) {
        return 2L
                + Writer.propertiesLength(ack.properties(), version)
                + ack.reasons().size();
    }

    static void write(SubAck ack, ProtocolVersion version, ByteBuffer out) {
        out.putShort((short) ack.packetId());
        Writer.properties(out, ack.properties(), version);
        for (ReasonCode reason : ack.reasons()) {
            boolean plainError = reason.isError() && !version.hasProperties();
            out.put((byte) (plainError ? ReasonCode.UNSPECIFIED_ERROR : reason).code());
        }
    }
}

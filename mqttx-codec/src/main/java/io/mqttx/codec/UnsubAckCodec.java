package io.mqttx.codec;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.UnsubAck;
import java.nio.ByteBuffer;
import java.util.List;

/** UNSUBACK on the wire (§3.11); before version 5 it has no payload. */
final class UnsubAckCodec {
    private UnsubAckCodec() {}

    static UnsubAck read(Reader in, ProtocolVersion version) {
        int packetId = in.packetId();
        if (!version.hasProperties()) {
            return new UnsubAck(packetId, List.of());
        }
        Properties properties = in.properties(version);
        List<ReasonCode> reasons = in.reasons(PacketType.UNSUBACK);
        requireReasons(reasons);
        return new UnsubAck(packetId, reasons, properties);
    }

    static long length(UnsubAck ack, ProtocolVersion version) {
        if (!version.hasProperties()) {
            return 2;
        }
        requireReasons(ack.reasons());
        return 2L
                + Writer.propertiesLength(ack.properties(), version)
                + ack.reasons().size();
    }

    static void write(UnsubAck ack, ProtocolVersion version, ByteBuffer out) {
        out.putShort((short) ack.packetId());
        if (version.hasProperties()) {
            Writer.properties(out, ack.properties(), version);
            for (ReasonCode reason : ack.reasons()) {
                out.put((byte) reason.code());
            }
        }
    }

    private static void requireReasons(List<ReasonCode> reasons) {
        if (reasons.isEmpty()) {
            throw ProtocolException.protocolError("UNSUBACK without a reason code [MQTT-3.11.3-1]");
        }
    }
}

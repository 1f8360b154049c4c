package io.mqttx.codec;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;
import java.util.List;

/** CONNACK on the wire (§3.2), with the return codes that came before the reason codes (3.1.1, table 3.1). */
final class ConnAckCodec {
    private static final List<ReasonCode> RETURN_CODES = List.of(
            ReasonCode.SUCCESS,
            ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
            ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
            ReasonCode.SERVER_UNAVAILABLE,
            ReasonCode.BAD_USER_NAME_OR_PASSWORD,
            ReasonCode.NOT_AUTHORIZED);

    private ConnAckCodec() {}

    static ConnAck read(Reader in, ProtocolVersion version) {
        int flags = in.u8("connect acknowledge flags");
        if ((flags & 0xFE) != 0 && version != ProtocolVersion.V3_1) {
            throw ProtocolException.malformed("reserved connect acknowledge flags are set [MQTT-3.2.2-1]");
        }
        int code = in.u8("connect reason code");
        if (version.hasProperties()) {
            return new ConnAck(flags != 0, ReasonCode.of(PacketType.CONNACK, code), in.properties(version));
        }
        if (code >= RETURN_CODES.size()) {
            throw ProtocolException.malformed("return code " + code + " is reserved (3.1.1, section 3.2.2.3)");
        }
        // In 3.1 the first byte is reserved and says nothing (3.1, section 3.2).
        return new ConnAck(flags != 0 && version != ProtocolVersion.V3_1, RETURN_CODES.get(code));
    }

    static int length(ConnAck ack, ProtocolVersion version) {
        if (!version.hasProperties()) {
            returnCode(ack.reason());
        }
        return 2 + Writer.propertiesLength(ack.properties(), version);
    }

    static void write(ConnAck ack, ProtocolVersion version, ByteBuffer out) {
        out.put((byte) (ack.sessionPresent() && version != ProtocolVersion.V3_1 ? 1 : 0));
        out.put((byte) (version.hasProperties() ? ack.reason().code() : returnCode(ack.reason())));
        Writer.properties(out, ack.properties(), version);
    }

    private static int returnCode(ReasonCode reason) {
        ReasonCode nearest = reason.asReturnCode()
                .orElseThrow(() -> new ProtocolException(
                        reason, "no return code says " + reason + ": close without CONNACK (3.1.1) [MQTT-3.2.2-6]"));
        return RETURN_CODES.indexOf(nearest);
    }
}

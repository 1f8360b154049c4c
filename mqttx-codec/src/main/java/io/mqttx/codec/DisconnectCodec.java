package io.mqttx.codec;

import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;

/** DISCONNECT on the wire (§3.14): a reason left out is a normal one (§3.14.2.1). */
final class DisconnectCodec {
    private static final Disconnect NORMAL = new Disconnect(ReasonCode.NORMAL_DISCONNECTION);

    private DisconnectCodec() {}

    static Disconnect read(Reader in, ProtocolVersion version) {
        if (!version.hasProperties() || !in.hasMore()) {
            return NORMAL;
        }
        ReasonCode reason = ReasonCode.of(PacketType.DISCONNECT, in.u8("reason code"));
        Properties properties = in.hasMore() ? in.properties(version) : Properties.EMPTY;
        return new Disconnect(reason, properties);
    }

    static int length(Disconnect disconnect, ProtocolVersion version) {
        if (!version.hasProperties()) {
            if (disconnect.reason() != ReasonCode.NORMAL_DISCONNECTION) {
                throw ProtocolException.malformed("DISCONNECT has no reason before version 5 (3.1.1, section 3.14)");
            }
            return 0;
        }
        if (disconnect.properties().isEmpty()) {
            return disconnect.reason() == ReasonCode.NORMAL_DISCONNECTION ? 0 : 1;
        }
        return 1 + Writer.propertiesLength(disconnect.properties(), version);
    }

    static void write(Disconnect disconnect, ProtocolVersion version, ByteBuffer out) {
        int length = length(disconnect, version);
        if (length > 0) {
            out.put((byte) disconnect.reason().code());
        }
        if (length > 1) {
            Writer.properties(out, disconnect.properties(), version);
        }
    }
}

package io.mqttx.codec;

import io.mqttx.packet.Auth;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;

/** AUTH on the wire (§3.15): success without properties is said with no bytes at all (§3.15.2.1). */
final class AuthCodec {
    private AuthCodec() {}

    static Auth read(Reader in) {
        if (!in.hasMore()) {
            return new Auth(ReasonCode.SUCCESS, Properties.EMPTY);
        }
        ReasonCode reason = ReasonCode.of(PacketType.AUTH, in.u8("reason code"));
        return new Auth(reason, in.properties(ProtocolVersion.V5));
    }

    static int length(Auth auth, ProtocolVersion version) {
        if (!version.hasProperties()) {
            throw ProtocolException.malformed("AUTH came with version 5 (3.1.1, section 2.2.1)");
        }
        return isBare(auth) ? 0 : 1 + Writer.propertiesLength(auth.properties(), version);
    }

    static void write(Auth auth, ByteBuffer out) {
        if (!isBare(auth)) {
            out.put((byte) auth.reason().code());
            Writer.properties(out, auth.properties(), ProtocolVersion.V5);
        }
    }

    private static boolean isBare(Auth auth) {
        return auth.reason() == ReasonCode.SUCCESS && auth.properties().isEmpty();
    }
}

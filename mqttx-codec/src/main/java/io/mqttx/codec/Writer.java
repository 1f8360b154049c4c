package io.mqttx.codec;

import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.wire.Utf8;
import io.mqttx.wire.VarInt;
import java.nio.ByteBuffer;

/** Writes the data representations of §1.5. Sizes are long where a sum could pass what an int holds. */
final class Writer {
    private Writer() {}

    static int textLength(String text) {
        return 2 + Utf8.encodedLength(text);
    }

    static void text(ByteBuffer out, String text) {
        int start = out.position();
        out.putShort((short) 0); // the length, known below
        Utf8.encodeTo(text, out);
        out.putShort(start, (short) (out.position() - start - 2));
    }

    /** What the properties take with their length in front: nothing before version 5. */
    static int propertiesLength(Properties properties, ProtocolVersion version) {
        if (!version.hasProperties()) {
            return 0;
        }
        int length = properties.encodedLength();
        return VarInt.size(length) + length;
    }

    static void properties(ByteBuffer out, Properties properties, ProtocolVersion version) {
        if (version.hasProperties()) {
            VarInt.put(out, properties.encodedLength()); // §2.2.2.1: no properties is said with a zero length
            properties.encodeTo(out);
        }
    }
}

package io.mqttx.broker.limits;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/** Whether a payload is what its payload format indicator says (§3.3.2.3.2). */
public final class PayloadFormat {
    private static final int AT_ONCE = 1024; // characters

    private PayloadFormat() {}

    /** Whether {@code payload} is UTF-8, or does not say to be. */
    public static boolean isKept(Properties properties, ByteBuffer payload) {
        return !properties.flag(Property.PAYLOAD_FORMAT_INDICATOR, false) || isUtf8(payload);
    }

    private static boolean isUtf8(ByteBuffer payload) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer room = CharBuffer.allocate(Math.min(AT_ONCE, payload.remaining() + 2)); // what is read is forgotten
        CoderResult result;
        do {
            room.clear();
            result = decoder.decode(payload, room, true);
        } while (result.isOverflow());
        return !result.isError();
    }
}

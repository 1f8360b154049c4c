package io.mqttx.packet;

import io.mqttx.wire.Utf8;
import io.mqttx.wire.VarInt;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of one property (§2.2.2): over them, into them, out of them. */
final class PropertyWire {
    private PropertyWire() {}

    /** Checks the value that begins at {@code at} and returns the place behind it. */
    static int check(Property<?> property, byte[] bytes, int at, int to) {
        int end = endOf(property, bytes, at, to);
        switch (property.wire()) {
            case BYTE, TWO_BYTES, FOUR_BYTES, VAR_INT -> property.checkNumber(number(property, bytes, at));
            case UTF8 -> checkText(property, bytes, at + 2, end);
            case UTF8_PAIR -> {
                int second = at + 2 + u16(bytes, at);
                checkText(property, bytes, at + 2, second);
                checkText(property, bytes, second + 2, end);
            }
            case BINARY -> {} // any bytes will do
        }
        return end;
    }

    /** The place behind the value that begins at {@code at}, and that has been checked before. */
    static int skip(Property<?> property, byte[] bytes, int at) {
        return endOf(property, bytes, at, bytes.length);
    }

    /** The number that begins at {@code at}. */
    static long number(Property<?> property, byte[] bytes, int at) {
        return switch (property.wire()) {
            case BYTE -> bytes[at] & 0xFF;
            case TWO_BYTES -> u16(bytes, at);
            case FOUR_BYTES -> (long) u16(bytes, at) << 16 | u16(bytes, at + 2);
            case VAR_INT -> varInt(bytes, at);
            case UTF8, BINARY, UTF8_PAIR -> throw new IllegalArgumentException(property + " is not a number");
        };
    }

    /** The value that begins at {@code at}. */
    static <T> T value(Property<T> property, byte[] bytes, int at) {
        Class<T> type = property.javaType();
        Object value = switch (property.wire()) {
            case BYTE -> type == Boolean.class ? (Object) (bytes[at] != 0) : (Object) (bytes[at] & 0xFF);
            case TWO_BYTES, VAR_INT -> (int) number(property, bytes, at);
            case FOUR_BYTES -> number(property, bytes, at);
            case UTF8 -> text(bytes, at);
            case BINARY ->
                ByteBuffer.wrap(bytes, at + 2, u16(bytes, at)).slice().asReadOnlyBuffer();
            case UTF8_PAIR -> new UserProperty(text(bytes, at), text(bytes, at + 2 + u16(bytes, at)));
        };
        return type.cast(value);
    }

    /** The identifier and value as bytes; refuses what is out of range. */
    static byte[] encode(Property<?> property, Object value) {
        Object typed = property.javaType().cast(value); // raw types end here, not in the peer's decoder
        ByteBuffer out = ByteBuffer.allocate(1 + lengthOf(property, typed));
        out.put((byte) property.id());
        switch (property.wire()) {
            case BYTE -> out.put((byte) checkedNumber(property, typed));
            case TWO_BYTES -> out.putShort((short) checkedNumber(property, typed));
            case FOUR_BYTES -> out.putInt((int) checkedNumber(property, typed));
            case VAR_INT -> VarInt.put(out, (int) checkedNumber(property, typed));
            case UTF8 -> putText(out, (String) typed);
            case BINARY -> {
                ByteBuffer data = ((ByteBuffer) typed).duplicate();
                out.putShort((short) data.remaining()).put(data);
            }
            case UTF8_PAIR -> {
                UserProperty pair = (UserProperty) typed;
                putText(out, pair.name());
                putText(out, pair.value());
            }
        }
        byte[] bytes = out.array();
        check(property, bytes, 1, bytes.length);
        return bytes;
    }

    private static int lengthOf(Property<?> property, Object value) {
        return switch (property.wire()) {
            case BYTE -> 1;
            case TWO_BYTES -> 2;
            case FOUR_BYTES -> 4;
            case VAR_INT -> VarInt.size((int) checkedNumber(property, value));
            case UTF8 -> {
                Checks.text((String) value, property.standardName());
                yield 2 + Utf8.encodedLength((String) value);
            }
            case BINARY ->
                2 + Checks.binary((ByteBuffer) value, property.standardName()).remaining();
            case UTF8_PAIR -> ((UserProperty) value).encodedLength();
        };
    }

    private static long checkedNumber(Property<?> property, Object value) {
        long number = value instanceof Boolean flag ? (flag ? 1 : 0) : ((Number) value).longValue();
        property.checkNumber(number);
        return number;
    }

    private static void putText(ByteBuffer out, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.putShort((short) utf8.length).put(utf8);
    }

    private static int endOf(Property<?> property, byte[] bytes, int at, int to) {
        return switch (property.wire()) {
            case BYTE -> within(property, at + 1, to);
            case TWO_BYTES -> within(property, at + 2, to);
            case FOUR_BYTES -> within(property, at + 4, to);
            case VAR_INT -> varIntEnd(property, bytes, at, to);
            case UTF8, BINARY -> lengthPrefixedEnd(property, bytes, at, to);
            case UTF8_PAIR -> lengthPrefixedEnd(property, bytes, lengthPrefixedEnd(property, bytes, at, to), to);
        };
    }

    private static int within(Property<?> property, int end, int to) {
        if (end > to) {
            throw ProtocolException.malformed(property + " is cut short (§2.2.2)");
        }
        return end;
    }

    private static int lengthPrefixedEnd(Property<?> property, byte[] bytes, int at, int to) {
        int start = within(property, at + 2, to);
        return within(property, start + u16(bytes, at), to);
    }

    private static int varIntEnd(Property<?> property, byte[] bytes, int at, int to) {
        int end = within(property, at + 1, to);
        while (bytes[end - 1] < 0) {
            if (end - at == 4) {
                throw ProtocolException.malformed(property + " takes more than four bytes (§1.5.5)");
            }
            end = within(property, end + 1, to);
        }
        if (end - at > 1 && bytes[end - 1] == 0) {
            throw ProtocolException.malformed(property + " is written longer than needed [MQTT-1.5.5-1]");
        }
        return end;
    }

    private static int varInt(byte[] bytes, int at) {
        int value = 0;
        int i = at;
        for (int shift = 0; ; shift += 7) {
            byte next = bytes[i++];
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    private static void checkText(Property<?> property, byte[] bytes, int from, int to) {
        String fault = Utf8.fault(bytes, from, to);
        if (!fault.isEmpty()) {
            throw ProtocolException.malformed(property + ": " + fault);
        }
        if (property == Property.RESPONSE_TOPIC) {
            checkResponseTopic(bytes, from, to);
        }
    }

    private static void checkResponseTopic(byte[] bytes, int from, int to) {
        if (from == to) {
            throw ProtocolException.protocolError("response topic is empty [MQTT-4.7.3-1]");
        }
        for (int i = from; i < to; i++) {
            if (bytes[i] == '+' || bytes[i] == '#') {
                throw ProtocolException.protocolError("response topic holds a wildcard [MQTT-3.3.2-14]");
            }
        }
    }

    private static String text(byte[] bytes, int at) {
        return Utf8.decode(bytes, at + 2, at + 2 + u16(bytes, at));
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    static byte[] append(byte[] list, byte[] more) {
        byte[] both = Arrays.copyOf(list, list.length + more.length);
        System.arraycopy(more, 0, both, list.length, more.length);
        return both;
    }
}

package io.mqttx.wire;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** UTF-8 encoded strings (§1.5.4): what may stand in one, and the way between bytes and {@link String}. */
public final class Utf8 {
    /** Two length bytes can say no more. */
    public static final int MAX_LENGTH = 0xFFFF;

    /** What {@link #fault} answers when nothing is wrong. */
    public static final String NO_FAULT = "";

    private static final String ILL_FORMED = "ill-formed UTF-8 [MQTT-1.5.4-1]";
    private static final String SURROGATE = "UTF-8 encodes a surrogate [MQTT-1.5.4-1]";
    private static final String NUL = "string holds U+0000 [MQTT-1.5.4-2]";

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private Utf8() {}

    /**
     * What keeps these bytes from being a string of MQTT, ending with the statement broken, or {@link #NO_FAULT}.
     * U+FEFF is a character like any other [MQTT-1.5.4-3].
     */
    public static String fault(byte[] bytes, int from, int to) {
        int i = plainEnd(bytes, from, to);
        while (i < to) {
            int first = bytes[i];
            if (first > 0) {
                i++;
                continue;
            }
            if (first == 0) {
                return NUL;
            }
            int length = sequenceLength(first & 0xFF);
            if (length == 0 || i + length > to) {
                return ILL_FORMED;
            }
            String fault = sequenceFault(bytes, i, length);
            if (!fault.isEmpty()) {
                return fault;
            }
            i += length;
        }
        return NO_FAULT;
    }

    /** The first byte that is 0 or no ASCII, or {@code to}: eight at a time, since all that is read comes by here. */
    private static int plainEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i <= to - Long.BYTES) {
            if (!isPlain((long) LONG.get(bytes, i))) {
                break;
            }
            i += Long.BYTES;
        }
        int lastEight = to - Long.BYTES;
        if (i > lastEight && lastEight >= from && isPlain((long) LONG.get(bytes, lastEight))) {
            return to; // what was left over, looked at with what stands before it
        }
        while (i < to && bytes[i] > 0) {
            i++;
        }
        return i;
    }

    /** Whether none of these eight bytes is 0 or has its high bit set. */
    private static boolean isPlain(long eight) {
        return ((eight - LOW_BITS | eight) & HIGH_BITS) == 0;
    }

    /** The text of bytes that {@link #fault} found nothing wrong with. */
    public static String decode(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /**
     * The bytes of {@code text}.
     *
     * @throws IllegalArgumentException if it holds U+0000 or half a surrogate pair, or takes over 65,535 bytes
     */
    public static byte[] encode(String text) {
        encodedLength(text);
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * How many bytes {@link #encode} makes of {@code text}, found without making them.
     *
     * @throws IllegalArgumentException as {@link #encode} does
     */
    public static int encodedLength(String text) {
        if (isPlain(text)) {
            checkLength(text.length());
            return text.length();
        }
        int length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                length += c < 0x800 ? 1 : 2;
                if (Character.isSurrogate(c)) {
                    requirePair(text, i);
                    i++; // two characters and four bytes
                }
            } else if (c == 0) {
                throw new IllegalArgumentException(NUL);
            }
        }
        checkLength(length);
        return length;
    }

    /** Whether there is nothing but ASCII, without U+0000; to the end in any case, which is quicker than to stop early. */
    private static boolean isPlain(String text) {
        int bits = 0;
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            bits |= c | c - 1;
        }
        return (bits & ~0x7F) == 0;
    }

    /** Writes the bytes of {@code text}, in which {@link #encodedLength} found nothing wrong, without making an array. */
    public static void encodeTo(String text, ByteBuffer out) {
        int start = out.position();
        int ascii = 0;
        while (ascii < text.length() && text.charAt(ascii) < 0x80) {
            out.put(start + ascii, (byte) text.charAt(ascii));
            ascii++;
        }
        out.position(start + ascii);
        for (int i = ascii; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                out.put((byte) c);
            } else if (c < 0x800) {
                out.put((byte) (0xC0 | c >> 6)).put(continuation(c));
            } else if (Character.isSurrogate(c)) {
                int point = text.codePointAt(i++);
                out.put((byte) (0xF0 | point >> 18)).put(continuation(point >> 12));
                out.put(continuation(point >> 6)).put(continuation(point));
            } else {
                out.put((byte) (0xE0 | c >> 12)).put(continuation(c >> 6)).put(continuation(c));
            }
        }
    }

    private static byte continuation(int bits) {
        return (byte) (0x80 | bits & 0x3F);
    }

    private static void requirePair(String text, int at) {
        boolean pair = Character.isHighSurrogate(text.charAt(at))
                && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
        if (!pair) {
            throw new IllegalArgumentException("string holds half a surrogate pair [MQTT-1.5.4-1]");
        }
    }

    private static void checkLength(int length) {
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("string takes " + length + " bytes, at most 65535 (§1.5.4)");
        }
    }

    private static int sequenceLength(int first) {
        if (first >= 0xC2 && first <= 0xDF) { // C0 and C1 could only start an over-long form
            return 2;
        }
        if (first >= 0xE0 && first <= 0xEF) {
            return 3;
        }
        return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
    }

    private static String sequenceFault(byte[] bytes, int at, int length) {
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xC0) != 0x80) {
                return ILL_FORMED;
            }
        }
        int first = bytes[at] & 0xFF;
        int second = bytes[at + 1] & 0xFF;
        if (first == 0xED && second >= 0xA0) {
            return SURROGATE;
        }
        boolean overLong = first == 0xE0 && second < 0xA0 || first == 0xF0 && second < 0x90;
        boolean beyondUnicode = first == 0xF4 && second > 0x8F;
        return overLong || beyondUnicode ? ILL_FORMED : NO_FAULT;
    }
}

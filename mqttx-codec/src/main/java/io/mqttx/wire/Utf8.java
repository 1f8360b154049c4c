package io.mqttx.wire;

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

    private Utf8() {}

    /** Whether the bytes are ASCII without U+0000, as almost every topic and property is. */
    public static boolean isPlain(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] <= 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * What keeps these bytes from being a string of MQTT, ending with the statement broken, or {@link #NO_FAULT}.
     * U+FEFF is a character like any other [MQTT-1.5.4-3].
     */
    public static String fault(byte[] bytes, int from, int to) {
        int i = from;
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

    /** The text of bytes that {@link #fault} found nothing wrong with. */
    public static String decode(byte[] bytes, int from, int to) {
        // Latin-1 is a plain copy where UTF-8 is a copy behind a scan: the scan is already done.
        return isPlain(bytes, from, to)
                ? new String(bytes, from, to - from, StandardCharsets.ISO_8859_1)
                : new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /**
     * The bytes of {@code text}.
     *
     * @throws IllegalArgumentException if it holds U+0000 or half a surrogate pair, or takes over 65,535 bytes
     */
    public static byte[] encode(String text) {
        checkCharacters(text);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        checkLength(bytes.length);
        return bytes;
    }

    /**
     * How many bytes {@link #encode} makes of {@code text}, found without making them.
     *
     * @throws IllegalArgumentException as {@link #encode} does
     */
    public static int encodedLength(String text) {
        checkCharacters(text);
        int length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                // a pair of surrogates is two characters and four bytes
                length += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
            }
        }
        checkLength(length);
        return length;
    }

    private static void checkCharacters(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == 0) {
                throw new IllegalArgumentException(NUL);
            }
            if (Character.isSurrogate(c)) {
                boolean pair = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!pair) {
                    throw new IllegalArgumentException("string holds half a surrogate pair [MQTT-1.5.4-1]");
                }
                i++;
            }
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

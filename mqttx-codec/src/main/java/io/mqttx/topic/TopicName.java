package io.mqttx.topic;

import io.mqttx.wire.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Where a message is published to (§4.7): at least one character, no wildcard, 65,535 bytes of UTF-8 at most.
 *
 * <p>The bytes are kept beside the text, so a topic that is published again and again is checked and encoded
 * once. Levels are separated by {@code /} and may be empty. Comparison is by character, case counts
 * [MQTT-4.7.3-4]. Immutable and safe for all threads.
 */
public final class TopicName {
    /** The absent name of a PUBLISH that says its topic with a topic alias alone (§3.3.2.3.4). */
    public static final TopicName NONE = new TopicName(new byte[0], "");

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] utf8;
    private String text; // null until somebody asks; a race makes the same text twice
    private int hash; // 0 until somebody asks

    private TopicName(byte[] utf8, String text) {
        this.utf8 = utf8;
        this.text = text;
    }

    /**
     * The name {@code text}.
     *
     * @throws IllegalArgumentException if it is empty [MQTT-4.7.3-1], holds a wildcard [MQTT-3.3.2-2], U+0000
     *     [MQTT-4.7.3-2] or half a surrogate pair, or takes more than 65,535 bytes [MQTT-4.7.3-3]
     */
    public static TopicName of(String text) {
        byte[] bytes = Utf8.encode(text);
        check(bytes);
        return new TopicName(bytes, text);
    }

    /**
     * The name that these bytes spell, copied.
     *
     * @param from index of the first byte
     * @param to   index behind the last byte
     * @throws IllegalArgumentException as {@link #of}, or if the bytes are no well-formed UTF-8 [MQTT-1.5.4-1]
     */
    public static TopicName ofUtf8(byte[] bytes, int from, int to) {
        if (to - from > Utf8.MAX_LENGTH) {
            throw new IllegalArgumentException("topic name takes over 65535 bytes [MQTT-4.7.3-3]");
        }
        byte[] own = Arrays.copyOfRange(bytes, from, to);
        String fault = Utf8.fault(own, 0, own.length);
        if (!fault.isEmpty()) {
            throw new IllegalArgumentException(fault);
        }
        check(own);
        return new TopicName(own, null);
    }

    /** Whether this is {@link #NONE}. */
    public boolean isNone() {
        return utf8.length == 0;
    }

    /** The name as text. */
    public String text() {
        String known = text;
        if (known == null) {
            known = Utf8.decode(utf8, 0, utf8.length);
            text = known;
        }
        return known;
    }

    /** The levels in their order, empty ones too: {@code "/a"} has two. A new list each time. */
    public List<String> levels() {
        return Levels.split(text());
    }

    /** How many levels there are, at least 1. */
    public int levelCount() {
        return Levels.count(utf8);
    }

    /** Whether the name begins with {@code $}, which wildcards in the first level do not match [MQTT-4.7.2-1]. */
    public boolean isReserved() {
        return utf8.length > 0 && utf8[0] == '$';
    }

    /** How many bytes the name takes, 0 to 65,535, its two length bytes not counted. */
    public int encodedLength() {
        return utf8.length;
    }

    /** Writes the bytes of the name, without their length. */
    public void encodeTo(ByteBuffer out) {
        out.put(utf8);
    }

    /** Whether these bytes spell this name. */
    public boolean isSpelled(byte[] bytes, int from, int to) {
        int length = utf8.length;
        if (to - from != length) {
            return false;
        }
        if (length < Long.BYTES) {
            for (int i = 0; i < length; i++) {
                if (utf8[i] != bytes[from + i]) {
                    return false;
                }
            }
            return true;
        }
        int last = length - Long.BYTES; // names are short: a call to compare them costs more
        for (int i = 0; i < last; i += Long.BYTES) {
            if ((long) LONG.get(utf8, i) != (long) LONG.get(bytes, from + i)) {
                return false;
            }
        }
        return (long) LONG.get(utf8, last) == (long) LONG.get(bytes, from + last);
    }

    byte[] utf8() {
        return utf8;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof TopicName name && Arrays.equals(utf8, name.utf8);
    }

    @Override
    public int hashCode() {
        int known = hash;
        if (known == 0) {
            known = Arrays.hashCode(utf8);
            hash = known;
        }
        return known;
    }

    /** The same as {@link #text()}. */
    @Override
    public String toString() {
        return text();
    }

    private static void check(byte[] bytes) {
        if (bytes.length == 0) {
            throw new IllegalArgumentException("topic name is empty [MQTT-4.7.3-1]");
        }
        if (Wildcards.next(bytes, 0) < bytes.length) {
            throw new IllegalArgumentException("topic name holds a wildcard [MQTT-3.3.2-2]");
        }
    }
}

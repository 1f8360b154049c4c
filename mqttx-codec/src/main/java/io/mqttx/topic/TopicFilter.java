package io.mqttx.topic;

import io.mqttx.wire.Utf8;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * What a client subscribes with (§4.7.1): a topic name in which {@code +} stands for one level and a last
 * {@code #} for any number of levels, the parent included. Behind {@code $share/name/} it is a shared
 * subscription (§4.8.2), in every version of the protocol.
 *
 * <p>Parsed and checked once; immutable and safe for all threads.
 */
public final class TopicFilter {
    private static final String SHARE_PREFIX = "$share/";

    private final byte[] utf8; // as the client wrote it, $share/name/ included
    private String text; // null until somebody asks; a race makes the same text twice
    private final String shareName; // empty: not shared
    private final int start; // where in utf8 the filter proper begins, behind $share/name/
    private final boolean wildcard;

    private TopicFilter(byte[] utf8, String text, String shareName, int start, boolean wildcard) {
        this.text = text;
        this.utf8 = utf8;
        this.shareName = shareName;
        this.start = start;
        this.wildcard = wildcard;
    }

    /**
     * The filter {@code text}.
     *
     * @throws IllegalArgumentException if it is empty [MQTT-4.7.3-1], a {@code #} is not the whole last level
     *     [MQTT-4.7.1-1], a {@code +} not a whole level [MQTT-4.7.1-2], the share name is empty or holds a wildcard
     *     or the filter behind it is missing [MQTT-4.8.2-1] [MQTT-4.8.2-2], it holds U+0000 or half a surrogate pair,
     *     or takes more than 65,535 bytes
     */
    public static TopicFilter of(String text) {
        return parse(Utf8.encode(text), text);
    }

    /**
     * The filter that these bytes spell, copied.
     *
     * @param from index of the first byte
     * @param to   index behind the last byte
     * @throws IllegalArgumentException as {@link #of}, or if the bytes are no well-formed UTF-8 [MQTT-1.5.4-1]
     */
    public static TopicFilter ofUtf8(byte[] bytes, int from, int to) {
        if (to - from > Utf8.MAX_LENGTH) {
            throw new IllegalArgumentException("topic filter takes over 65535 bytes [MQTT-4.7.3-3]");
        }
        byte[] own = Arrays.copyOfRange(bytes, from, to);
        String fault = Utf8.fault(own, 0, own.length);
        if (!fault.isEmpty()) {
            throw new IllegalArgumentException(fault);
        }
        return parse(own, null);
    }

    private static TopicFilter parse(byte[] utf8, String text) {
        if (utf8.length == 0) {
            throw new IllegalArgumentException("topic filter is empty [MQTT-4.7.3-1]");
        }
        String shareName = "";
        int start = 0;
        if (isPrefixed(utf8)) {
            start = indexOfSeparator(utf8, SHARE_PREFIX.length()) + 1;
            shareName = shareNameIn(utf8, start);
        }
        return new TopicFilter(utf8, text, shareName, start, checkWildcards(utf8, start));
    }

    /** The whole filter as the client wrote it, {@code $share/name/} included. */
    public String text() {
        String known = text;
        if (known == null) {
            known = Utf8.decode(utf8, 0, utf8.length);
            text = known;
        }
        return known;
    }

    /** Whether this is a shared subscription. */
    public boolean isShared() {
        return !shareName.isEmpty();
    }

    /** The share name, or an empty text if the filter is not shared. */
    public String shareName() {
        return shareName;
    }

    /** The filter without {@code $share/name/}: this one, if it is not shared. */
    public TopicFilter unshared() {
        if (!isShared()) {
            return this;
        }
        return new TopicFilter(Arrays.copyOfRange(utf8, start, utf8.length), null, "", 0, wildcard);
    }

    /** Whether it holds {@code +} or {@code #}. */
    public boolean hasWildcard() {
        return wildcard;
    }

    /** The levels in their order, {@code $share/name/} left out, empty ones included. A new list each time. */
    public List<String> levels() {
        return Levels.split(Utf8.decode(utf8, start, utf8.length)); // a filter whose levels are known keeps no text
    }

    /** How many levels there are, {@code $share/name/} not counted; at least 1. */
    public int levelCount() {
        int count = 1;
        for (int i = start; i < utf8.length; i++) {
            if (utf8[i] == '/') {
                count++;
            }
        }
        return count;
    }

    /**
     * Whether messages for {@code topic} belong to this filter (§4.7.1, §4.7.2). A name that begins with {@code $}
     * is matched only by a filter whose first level is no wildcard [MQTT-4.7.2-1]. A shared filter matches what
     * the filter behind its share name matches.
     */
    public boolean matches(TopicName topic) {
        byte[] name = topic.utf8();
        if (name.length == 0 || name[0] == '$' && (utf8[start] == '+' || utf8[start] == '#')) {
            return false;
        }
        int f = start;
        int n = 0;
        while (f < utf8.length) {
            byte wanted = utf8[f];
            if (wanted == '#') {
                return true;
            }
            if (wanted == '+') {
                n = indexOfSeparator(name, n);
                f++;
            } else if (n < name.length && name[n] == wanted) {
                n++;
                f++;
            } else {
                // "a/#" belongs to "a" as well: the name is over where the filter has its last "/#" (§4.7.1.2)
                return n == name.length && f + 2 == utf8.length && wanted == '/' && utf8[f + 1] == '#';
            }
        }
        return n == name.length;
    }

    /** How many bytes the filter takes, 1 to 65,535, its two length bytes not counted. */
    public int encodedLength() {
        return utf8.length;
    }

    /** Writes the bytes of the filter, without their length. */
    public void encodeTo(ByteBuffer out) {
        out.put(utf8);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof TopicFilter filter && Arrays.equals(utf8, filter.utf8);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(utf8);
    }

    /** The same as {@link #text()}. */
    @Override
    public String toString() {
        return text();
    }

    private static boolean isPrefixed(byte[] utf8) {
        if (utf8[0] != '$' || utf8.length < SHARE_PREFIX.length()) {
            return false;
        }
        for (int i = 1; i < SHARE_PREFIX.length(); i++) {
            if (utf8[i] != SHARE_PREFIX.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** @param start where the filter behind the share name begins */
    private static String shareNameIn(byte[] utf8, int start) {
        if (start >= utf8.length) {
            throw new IllegalArgumentException("shared subscription without a filter [MQTT-4.8.2-2]");
        }
        String name = Utf8.decode(utf8, SHARE_PREFIX.length(), start - 1);
        if (name.isEmpty() || name.indexOf('+') >= 0 || name.indexOf('#') >= 0) {
            throw new IllegalArgumentException("share name is empty or holds a wildcard [MQTT-4.8.2-1]");
        }
        return name;
    }

    private static boolean checkWildcards(byte[] utf8, int start) {
        boolean found = false;
        for (int i = Wildcards.next(utf8, start); i < utf8.length; i = Wildcards.next(utf8, i + 1)) {
            boolean levelStarts = i == start || utf8[i - 1] == '/';
            boolean ends = i + 1 == utf8.length;
            if (utf8[i] == '#' && !(levelStarts && ends)) {
                throw new IllegalArgumentException("# is not the whole last level of the filter [MQTT-4.7.1-1]");
            }
            if (utf8[i] == '+' && !(levelStarts && (ends || utf8[i + 1] == '/'))) {
                throw new IllegalArgumentException("+ is not a whole level of the filter [MQTT-4.7.1-2]");
            }
            found = true;
        }
        return found;
    }

    /** The next separator at or behind {@code from}, or the end. */
    private static int indexOfSeparator(byte[] utf8, int from) {
        int i = from;
        while (i < utf8.length && utf8[i] != '/') {
            i++;
        }
        return i;
    }
}

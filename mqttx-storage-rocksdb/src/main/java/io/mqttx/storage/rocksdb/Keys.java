package io.mqttx.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The keys of the rows. Numbers are big-endian, so that rows lie in the order of their numbers.
 *
 * <pre>
 *   0                               the format
 *   1  session (8)  part (1)  name  what belongs to a session, one after the other as {@link Part} lists it
 *   2  message (8)                  a message that does not lie in a queue row
 *   3  topic                        a retained message
 * </pre>
 */
final class Keys {
    static final byte FORMAT = 0;
    static final byte SESSION = 1;
    static final byte MESSAGE = 2;
    static final byte RETAINED = 3;

    private static final int NAME = 1 + Long.BYTES + 1; // where the name of a part begins
    private static final Part[] PARTS = Part.values();

    private Keys() {}

    /** What a session has. What is in flight comes before the queue, so that one pass over the rows can tell both. */
    enum Part {
        /** The session itself; no name. */
        RECORD(0, 0),
        /** Named by its filter. */
        SUBSCRIPTION(1, 0),
        /** No name. */
        WILL(2, 0),
        /** Named by its packet identifier. */
        RECEIVED(3, Short.BYTES),
        /** Named by its packet identifier. */
        RELEASED(4, Short.BYTES),
        /** That a queued message is in flight; named by its sequence number. */
        SENT(5, Long.BYTES),
        /** Named by its sequence number. */
        QUEUED(6, Long.BYTES);

        private final int code; // in the key, so that it says the order of the rows too
        private final int numberLength; // bytes of the number that names it

        Part(int code, int numberLength) {
            this.code = code;
            this.numberLength = numberLength;
        }
    }

    /** One row of a session: {@code number} or {@code filter} name it, where its part has such a name. */
    record Row(Part part, long number, String filter) {
        static Row of(Part part) {
            return new Row(part, 0, "");
        }

        static Row of(Part part, long number) {
            return new Row(part, number, "");
        }

        static Row of(TopicFilter filter) {
            return new Row(Part.SUBSCRIPTION, 0, filter.text());
        }
    }

    static byte[] format() {
        return new byte[] {FORMAT};
    }

    static byte[] of(long session, Row row) {
        byte[] filter = row.filter().getBytes(UTF_8);
        int length = row.part().numberLength;
        ByteBuffer key = ByteBuffer.allocate(NAME + length + filter.length);
        key.put(SESSION).putLong(session).put((byte) row.part().code);
        if (length == Long.BYTES) {
            key.putLong(row.number());
        } else if (length == Short.BYTES) {
            key.putShort((short) row.number());
        }
        return key.put(filter).array();
    }

    /** What the keys of all rows of a session begin with. */
    static byte[] session(long session) {
        return ByteBuffer.allocate(1 + Long.BYTES).put(SESSION).putLong(session).array();
    }

    static byte[] message(long message) {
        return ByteBuffer.allocate(1 + Long.BYTES).put(MESSAGE).putLong(message).array();
    }

    static byte[] retained(TopicName topic) {
        ByteBuffer key = ByteBuffer.allocate(1 + topic.encodedLength()).put(RETAINED);
        topic.encodeTo(key);
        return key.array();
    }

    /** The number behind the first byte: of a session, or of a message. */
    static long numberIn(byte[] key) {
        return ByteBuffer.wrap(key).getLong(1);
    }

    static Part partIn(byte[] key) {
        return PARTS[key[NAME - 1]]; // listed by their codes
    }

    /** The number that names the part. */
    static long nameIn(byte[] key) {
        ByteBuffer in = ByteBuffer.wrap(key);
        return partIn(key).numberLength == Long.BYTES ? in.getLong(NAME) : Short.toUnsignedInt(in.getShort(NAME));
    }

    static TopicFilter filterIn(byte[] key) {
        return TopicFilter.ofUtf8(key, NAME, key.length);
    }

    static boolean startsWith(byte[] key, byte[] start) {
        return key.length >= start.length && Arrays.equals(key, 0, start.length, start, 0, start.length);
    }
}

package io.mqttx.codec;

import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import io.mqttx.wire.Utf8;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The topic names that a connection used lately. A client publishes to few topics, again and again: a name met
 * before is neither checked nor made again. Bounded by its {@value #SLOTS} places, two for each hash.
 *
 * <p>Of the new names that find their two places taken, every eighth is kept: who publishes to thousands of topics in
 * turn would only pay for the keeping, and names that come once do not push out those that come often.
 */
final class TopicNames {
    private static final int SLOTS = 32; // pairs: the name met last in each, and the one before
    private static final int LONGEST_KEPT = 256; // bytes: what a stranger can make us keep is SLOTS times this
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final TopicName[] slots = new TopicName[SLOTS];
    private int turnedAway; // names that were made and not kept

    /** The name that these bytes spell, {@link TopicName#NONE} for no bytes. */
    TopicName spelled(byte[] bytes, int from, int to) {
        if (from == to) {
            return TopicName.NONE;
        }
        if (to - from > LONGEST_KEPT) {
            return make(bytes, from, to);
        }
        int slot = slotOf(bytes, from, to);
        TopicName known = slots[slot];
        if (known != null && known.isSpelled(bytes, from, to)) {
            return known;
        }
        TopicName other = slots[slot + 1];
        if (other != null && other.isSpelled(bytes, from, to)) {
            return other;
        }
        TopicName made = make(bytes, from, to);
        if (other == null || (++turnedAway & 7) == 0) {
            slots[slot + 1] = known;
            slots[slot] = made;
        }
        return made;
    }

    /** The same for a name that comes once. */
    static TopicName spelledOnce(byte[] bytes, int from, int to) {
        return from == to ? TopicName.NONE : make(bytes, from, to);
    }

    private static TopicName make(byte[] bytes, int from, int to) {
        try {
            return TopicName.ofUtf8(bytes, from, to);
        } catch (IllegalArgumentException e) {
            ReasonCode reason =
                    Utf8.fault(bytes, from, to).isEmpty() ? ReasonCode.TOPIC_NAME_INVALID : ReasonCode.MALFORMED_PACKET;
            throw new ProtocolException(reason, e.getMessage());
        }
    }

    /** From all bytes: names differ in the middle, where the number of a machine stands between two common parts. */
    private static int slotOf(byte[] bytes, int from, int to) {
        long hash = (long) to - from;
        if (to - from < Long.BYTES) {
            for (int i = from; i < to; i++) {
                hash = Long.rotateLeft(hash, 9) ^ bytes[i];
            }
        } else {
            int last = to - Long.BYTES;
            for (int i = from; i < last; i += Long.BYTES) {
                hash = Long.rotateLeft(hash, 13) ^ (long) LONG.get(bytes, i);
            }
            hash = Long.rotateLeft(hash, 13) ^ (long) LONG.get(bytes, last); // overlaps what stands before
        }
        hash ^= hash >>> 32;
        return (int) (hash * 0x9E37_79B9_7F4A_7C15L >>> 60) * 2;
    }
}

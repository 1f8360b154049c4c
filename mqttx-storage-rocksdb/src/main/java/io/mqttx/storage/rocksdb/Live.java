package io.mqttx.storage.rocksdb;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * What is kept, by number alone: enough to know without a look at the disk which changes come too late, which rows are
 * there to be deleted, and which message nobody refers to any more. Belongs to the writer's thread once that runs.
 */
final class Live {
    private final Map<Long, Session> sessions = new HashMap<>();
    private final LongMap references = new LongMap(); // how many queue rows refer to a message row

    /** A session that is kept. */
    static final class Session {
        private static final long RELEASED = 1L << 16; // told from identifiers received, which have 16 bits

        private final LongMap messages = new LongMap(); // by sequence number: twice the message row, +1 if in flight
        private final LongMap identifiers = new LongMap();
        private boolean stored; // whether it was there before the group at hand

        boolean stored() {
            return stored;
        }

        void setStored() {
            stored = true;
        }

        /** @param message the number of its message row, or 0 if it has none */
        void add(long sequence, long message, boolean sent) {
            messages.put(sequence, message << 1 | (sent ? 1 : 0));
        }

        boolean has(long sequence) {
            return messages.contains(sequence);
        }

        boolean isSent(long sequence) {
            return messages.contains(sequence) && (messages.get(sequence) & 1) != 0;
        }

        void setSent(long sequence) {
            messages.put(sequence, messages.get(sequence) | 1);
        }

        /** Forgets a message that is there, and tells the number of its message row, or 0. */
        long remove(long sequence) {
            return messages.remove(sequence) >> 1;
        }

        /** Tells the message rows that its queue refers to, with 0 for those messages that have none. */
        void forEachMessageRow(LongConsumer action) {
            messages.forEachValue(value -> action.accept(value >> 1));
        }

        boolean addReceived(int packetId) {
            return add(packetId);
        }

        boolean removeReceived(int packetId) {
            return identifiers.remove(packetId) != LongMap.NONE;
        }

        boolean addReleased(int packetId) {
            return add(packetId | RELEASED);
        }

        boolean removeReleased(int packetId) {
            return identifiers.remove(packetId | RELEASED) != LongMap.NONE;
        }

        private boolean add(long identifier) {
            boolean isNew = !identifiers.contains(identifier);
            identifiers.put(identifier, 0);
            return isNew;
        }
    }

    Optional<Session> session(long key) {
        return Optional.ofNullable(sessions.get(key));
    }

    /** The session with this key, made if it is not there. */
    Session put(long key) {
        return sessions.computeIfAbsent(key, any -> new Session());
    }

    /** Forgets a session, and tells what it was; its messages keep their references until they are released. */
    Optional<Session> remove(long key) {
        return Optional.ofNullable(sessions.remove(key));
    }

    /** One queue row more refers to this message row. */
    void refer(long message) {
        references.put(message, Math.max(0, references.get(message)) + 1);
    }

    /** One queue row less refers to it; tells whether that was the last. */
    boolean release(long message) {
        long left = references.get(message) - 1;
        if (left <= 0) {
            references.remove(message);
            return true;
        }
        references.put(message, left);
        return false;
    }

    boolean isReferredTo(long message) {
        return references.contains(message);
    }
}

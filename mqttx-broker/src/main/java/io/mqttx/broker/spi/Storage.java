package io.mqttx.broker.spi;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Keeps what outlives a broker: the journal of changes to sessions and retained messages. Limits, expiry and order are
 * decided above it. Safe for all threads; nothing blocks but {@link #load} and {@link #close}.
 */
public interface Storage extends AutoCloseable {

    /** Whether anything is kept at all. If not, no changes are told, and there is nothing to load. */
    default boolean keeps() {
        return true;
    }

    /**
     * Does all of them or none, after everything that was given before, by whatever thread. Nothing to do is as good as
     * any: then this tells when all that was given before is safe.
     *
     * <p>The stage completes when they cannot be lost any more. Stages complete in the order of the calls, on a thread
     * of the storage, which whoever waits must not hold up. A storage that cannot write, because the disk is full, say,
     * tries again until it can or is closed, and says so by {@link #trouble}; a stage fails only when the storage is
     * closed before that.
     */
    CompletionStage<Void> apply(List<Change> changes);

    /**
     * Why nothing more can be kept for the moment, in a sentence for people: the disk is full, or so slow that too much
     * waits for it. Empty when all is well. Cheap enough to be asked for each message.
     */
    default Optional<String> trouble() {
        return Optional.empty();
    }

    /**
     * The messages with these sequence numbers that a session has, in its queue or in flight, in the order asked for,
     * those left out that are not there. Knows of all that was applied before this call. Completes on a thread of the storage, and fails if
     * they cannot be read.
     */
    CompletionStage<List<Kept.Entry>> read(long session, long[] sequences);

    /**
     * Hands out everything that is kept, once, before the first {@link #apply}.
     *
     * @throws java.io.UncheckedIOException if it cannot be read, with a sentence that says why
     */
    void load(Loader into);

    /** Where the state is kept and how safely: what goes on from "State is kept", such as "in memory". */
    String description();

    /** Writes what waits, a few seconds at most, and lets go of everything. */
    @Override
    void close();

    /** Whom a storage tells what it has, session by session: {@link #session} first, then what belongs to it. */
    interface Loader {

        /** A session; what follows belongs to it. */
        void session(Kept.Session session);

        /** It has this subscription. */
        void subscribed(Kept.Subscribed subscribed);

        /** Its connection had this will. */
        void will(Kept.Will will);

        /**
         * This waits in its queue; told by growing sequence number, and not for messages in flight.
         *
         * @param shared whether it came by a shared subscription
         * @param bytes  of topic, properties and payload
         */
        void queued(long sequence, boolean counted, boolean shared, int bytes);

        /**
         * This is in flight; told by growing {@code order}, and so is the next.
         *
         * @param order as in {@link Change.Sent}: what is sent from now on has to have a higher one
         */
        void sent(int packetId, long order, Kept.Entry entry);

        /** Of this, the PUBREL is in flight; {@code order} as above. */
        void released(int packetId, long order);

        /** Its client has not released this identifier. */
        void received(int packetId);

        /** A retained message; before, after or between the sessions. */
        void retained(Kept.Message message);
    }
}

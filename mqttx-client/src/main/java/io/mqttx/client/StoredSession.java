package io.mqttx.client;

import io.mqttx.packet.Publish;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.topic.TopicFilter;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * One session in a {@link SessionStore}, as long as a client has it open.
 *
 * <p>What the client does, and in which order: a change is {@linkplain #append appended} when it happens, and before any
 * packet that was made after it leaves, {@link #sync} is called once for all of them. So no PUBLISH, PUBREL, PUBREC or
 * PUBCOMP says what would be forgotten.
 *
 * <p>One thread at a time appends and resets; another may call {@link #sync} meanwhile.
 */
public interface StoredSession extends Closeable {
    /** Keeps nothing. */
    StoredSession NONE = new StoredSession() {
        @Override
        public boolean isKept() {
            return false;
        }

        @Override
        public FlowSnapshot<Publish> flows() {
            return new FlowSnapshot<>(List.of(), List.of(), 0);
        }

        @Override
        public void append(FlowChange<Publish> change) {}

        @Override
        public void reset() {}

        @Override
        public void sync() {}

        @Override
        public void close() {}
    };

    /** Whether anything is kept: otherwise changes are not even made. */
    default boolean isKept() {
        return true;
    }

    /** What is in flight now: the changes so far, since the last {@link #reset}. */
    FlowSnapshot<Publish> flows();

    /**
     * The subscriptions that the server has granted and that were not given up, in their order: a client makes them anew if
     * the server has lost the session. None, if a store keeps none.
     */
    default List<StoredSubscription> subscriptions() {
        return List.of();
    }

    /** A subscription was granted; it takes the place of one with the same filter. Returns at once. */
    default void subscribed(StoredSubscription subscription) {}

    /** A subscription was given up, or is refused now. Returns at once. */
    default void unsubscribed(TopicFilter filter) {}

    /** This happened. Returns at once. */
    void append(FlowChange<Publish> change);

    /** The session is a new one, with nothing in flight; subscriptions stay. Returns at once. */
    void reset();

    /**
     * Returns when all that was appended before this call will be found by the next {@link SessionStore#open}.
     *
     * @throws IOException if that cannot be promised; nothing of it may leave then, and the connection is given up
     */
    void sync() throws IOException;
}

package io.mqttx.broker.spi;

import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.util.List;
import java.util.Objects;

/**
 * One change of the state that outlives a broker.
 *
 * <p>Sessions are named by their number and queued messages by a sequence number, which is unique over all sessions
 * and grows. A change of a session that is not kept, or of a message, subscription or identifier that it does not have,
 * is none: it may come late, when the session has just ended.
 */
public sealed interface Change {

    // ---- sessions

    /** A session begins, or is otherwise than it was (§4.1). */
    record SessionPut(Kept.Session session) implements Change {
        /** Checks that there is one. */
        public SessionPut {
            Objects.requireNonNull(session, "session");
        }
    }

    /** A session ends, with all that belongs to it. */
    record SessionEnded(long session) implements Change {}

    /** A subscription is made or replaced [MQTT-3.8.4-3]. */
    record Subscribed(long session, Kept.Subscribed subscribed) implements Change {
        /** Checks that there is one. */
        public Subscribed {
            Objects.requireNonNull(subscribed, "subscribed");
        }
    }

    /** A subscription ends. */
    record Unsubscribed(long session, TopicFilter filter) implements Change {
        /** Checks that there is one. */
        public Unsubscribed {
            Objects.requireNonNull(filter, "filter");
        }
    }

    /** The will of a session's connection: in place of the one before. */
    record WillPut(long session, Kept.Will will) implements Change {
        /** Checks that there is one. */
        public WillPut {
            Objects.requireNonNull(will, "will");
        }
    }

    /** The will was published, or is void. */
    record WillCleared(long session) implements Change {}

    // ---- what is sent to clients

    /** One session that is to get a message. */
    record Receiver(long session, long sequence, Kept.Terms terms) {
        /** Checks that there are terms. */
        public Receiver {
            Objects.requireNonNull(terms, "terms");
        }
    }

    /** A message joins the queues of these sessions, at least one; to be held once for all of them. */
    record Queued(Kept.Message message, List<Receiver> receivers) implements Change {
        /** Checks that all is there. */
        public Queued {
            Objects.requireNonNull(message, "message");
            receivers = List.copyOf(receivers);
            if (receivers.isEmpty()) {
                throw new IllegalArgumentException("nobody to queue a message for");
            }
        }
    }

    /** A queued message is gone: expired, dropped, or given to somebody else. */
    record Dequeued(long session, long sequence) implements Change {}

    /**
     * A queued message is in flight with this packet identifier.
     *
     * @param order says in which order messages and PUBREL are to be sent again: grows from change to change
     */
    record Sent(long session, long sequence, int packetId, long order) implements Change {}

    /** The client took a QoS 2 message over: of what was in flight only the identifier is kept. */
    record Released(long session, long sequence, int packetId, long order) implements Change {}

    /**
     * The client is done with a message: neither it nor the identifier is kept.
     *
     * @param sequence 0 if it was released before: then there is only the identifier to forget
     */
    record Completed(long session, long sequence, int packetId) implements Change {}

    // ---- what clients send

    /** A QoS 2 message with this identifier was taken over [MQTT-4.3.3-10]. */
    record Received(long session, int packetId) implements Change {}

    /** The client released that identifier. */
    record Concluded(long session, int packetId) implements Change {}

    // ---- retained messages

    /** This message is the retained message of its topic now. */
    record RetainedPut(Kept.Message message) implements Change {
        /** Checks that there is one. */
        public RetainedPut {
            Objects.requireNonNull(message, "message");
        }
    }

    /** The topic has no retained message any more. */
    record RetainedCleared(TopicName topic) implements Change {
        /** Checks that there is one. */
        public RetainedCleared {
            Objects.requireNonNull(topic, "topic");
        }
    }
}

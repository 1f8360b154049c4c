package io.mqttx.broker.spi;

import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscription;
import java.util.Arrays;
import java.util.Objects;

/** What a {@link Storage} keeps. Points in time are milliseconds since 1970, UTC. */
public final class Kept {
    private Kept() {}

    /**
     * A message.
     *
     * @param publisher client identifier, or empty for the application
     * @param publish   as it was published; its packet identifier and DUP do not matter and need not be kept
     * @param arrived   when it came
     */
    public record Message(String publisher, Publish publish, long arrived) {
        /** Checks that all is there. */
        public Message {
            Objects.requireNonNull(publisher, "publisher");
            Objects.requireNonNull(publish, "publish");
        }

        /** How many bytes its topic, properties and payload have. */
        public int bytes() {
            return publish.topic().encodedLength() + publish.properties().encodedLength() + publish.payloadLength();
        }
    }

    /**
     * How one session gets a message.
     *
     * @param qos         1 or 2
     * @param retain      RETAIN as this client sees it
     * @param counted     whether the message takes room in the queue
     * @param identifiers subscription identifiers to tell this client, often none; not to be written to
     * @param share       the shared subscription by which it came, {@code $share/name/filter}; often empty
     */
    @SuppressWarnings("ArrayRecordComponent") // made for each delivery, compared by tests alone
    public record Terms(QoS qos, boolean retain, boolean counted, int[] identifiers, String share) {
        /** Checks that all is there. */
        public Terms {
            if (Objects.requireNonNull(qos, "qos") == QoS.AT_MOST_ONCE) {
                throw new IllegalArgumentException("a QoS 0 message is not kept (§4.1)");
            }
            Objects.requireNonNull(identifiers, "identifiers");
            Objects.requireNonNull(share, "share");
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Terms terms
                    && qos == terms.qos
                    && retain == terms.retain
                    && counted == terms.counted
                    && Arrays.equals(identifiers, terms.identifiers)
                    && share.equals(terms.share);
        }

        @Override
        public int hashCode() {
            return Objects.hash(qos, retain, counted, Arrays.hashCode(identifiers), share);
        }

        @Override
        public String toString() {
            return qos
                    + (retain ? " retain" : "")
                    + (counted ? "" : " not counted")
                    + Arrays.toString(identifiers)
                    + share;
        }
    }

    /** A message in the queue of one session. */
    public record Entry(long sequence, Message message, Terms terms) {
        /** Checks that all is there. */
        public Entry {
            Objects.requireNonNull(message, "message");
            Objects.requireNonNull(terms, "terms");
        }
    }

    /**
     * A session, without what belongs to it.
     *
     * @param key           its number, above 0; another session of the same client has another one
     * @param expirySeconds how long it lives without a connection; 4,294,967,295: for ever
     * @param disconnected  when its connection ended, or 0 while it has one
     */
    public record Session(long key, String clientId, long expirySeconds, long disconnected) {
        /** Checks that all is there. */
        public Session {
            Objects.requireNonNull(clientId, "clientId");
        }
    }

    /** A subscription of a session; {@code identifier} is 0 if there is none. */
    public record Subscribed(Subscription subscription, int identifier) {
        /** Checks that there is one. */
        public Subscribed {
            Objects.requireNonNull(subscription, "subscription");
        }
    }

    /**
     * A will that is not published yet.
     *
     * @param publisher    whose it is
     * @param userName     of its connection, or empty
     * @param message      its message, without {@code WILL_DELAY_INTERVAL}
     * @param delaySeconds how long it waits after the end of the connection
     * @param due          when it is to be published, or 0 while the connection stands
     */
    public record Will(String publisher, String userName, Publish message, long delaySeconds, long due) {
        /** Checks that all is there. */
        public Will {
            Objects.requireNonNull(publisher, "publisher");
            Objects.requireNonNull(userName, "userName");
            Objects.requireNonNull(message, "message");
        }

        /** The same, to be published then. */
        public Will dueAt(long millis) {
            return new Will(publisher, userName, message, delaySeconds, millis);
        }
    }
}

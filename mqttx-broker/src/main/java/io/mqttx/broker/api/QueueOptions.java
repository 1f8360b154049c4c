package io.mqttx.broker.api;

import java.util.Objects;

/**
 * What is kept for one session whose client is away or cannot follow.
 *
 * @param maxMessages QoS 1 and 2 messages, at least 0. Default 10,000
 * @param maxBytes    topics, properties and payloads of those and 64 bytes for each, at least 0. Default 64 MiB
 * @param whenFull    which message goes when not all can stay. Default {@link WhenFull#DROP_NEWEST}
 */
public record QueueOptions(int maxMessages, long maxBytes, WhenFull whenFull) {
    private static final QueueOptions DEFAULTS = new QueueOptions(10_000, 64L << 20, WhenFull.DROP_NEWEST);

    /** Which message goes. */
    public enum WhenFull {
        /** The one that has just come. */
        DROP_NEWEST,
        /** The ones that have waited longest, until there is room. */
        DROP_OLDEST,
        /**
         * The one that has just come, and if that is the only reason why nobody at all gets it, its publisher is told
         * {@code QUOTA_EXCEEDED}: every session that matches would have to keep it and is full. A message that any
         * other session takes, or that is retained, is accepted; the full ones miss it, as with {@link #DROP_NEWEST}.
         * A publisher before version 5 cannot be told: it is acknowledged to. Sessions are looked at when the message is
         * routed, so a burst may fill a queue before its publisher hears of it.
         */
        REFUSE
    }

    /** Checks the ranges. */
    public QueueOptions {
        if (maxMessages < 0 || maxBytes < 0) {
            throw new IllegalArgumentException("limits of a queue are not negative");
        }
        Objects.requireNonNull(whenFull, "whenFull");
    }

    /** The defaults above. */
    public static QueueOptions defaults() {
        return DEFAULTS;
    }
}

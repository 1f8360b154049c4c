package io.mqttx.broker.api;

import java.util.Objects;

/**
 * What is kept for one session whose client is away or cannot follow.
 *
 * @param maxMessages QoS 1 and 2 messages, at least 0. Default 10,000
 * @param maxBytes    topics and payloads of those, at least 0. Default 64 MiB
 * @param whenFull    which message goes when both cannot stay. Default {@link WhenFull#DROP_NEWEST}
 */
public record QueueOptions(int maxMessages, long maxBytes, WhenFull whenFull) {
    private static final QueueOptions DEFAULTS = new QueueOptions(10_000, 64L << 20, WhenFull.DROP_NEWEST);

    /** Which message goes. */
    public enum WhenFull {
        /** The one that has just come. */
        DROP_NEWEST,
        /** The ones that have waited longest, until there is room. */
        DROP_OLDEST
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

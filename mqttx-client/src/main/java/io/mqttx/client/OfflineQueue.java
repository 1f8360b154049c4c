package io.mqttx.client;

import java.time.Duration;
import java.util.Objects;

/**
 * What a client keeps while it has no connection, to be sent in order when it has one. By default nothing: every call
 * fails at once. What is kept dies with the process.
 *
 * @param maxMessages how many messages at most, 0 to 1,000,000; 0: none is kept
 * @param maxBytes    how many bytes at most, of payloads and topics and 128 for each message, 1 or more
 * @param whenFull    who has to go
 * @param maxAge      how long a message waits at most, until it is sent for the first time, over 0
 */
public record OfflineQueue(int maxMessages, long maxBytes, WhenFull whenFull, Duration maxAge) {
    private static final int MOST = 1_000_000;
    private static final Duration LONGEST = Duration.ofDays(365);

    /** Who has to go when there is no room for another message. */
    public enum WhenFull {
        /** The new message: the call fails. */
        REFUSE_NEW,
        /** As many of the oldest messages as it takes. */
        DROP_OLDEST
    }

    /** Keeps nothing. */
    public static final OfflineQueue NONE = new OfflineQueue(0, 1, WhenFull.REFUSE_NEW, Duration.ofDays(1));

    /** Checks every range. */
    public OfflineQueue {
        if (maxMessages < 0 || maxMessages > MOST) {
            throw new IllegalArgumentException("maxMessages is 0 to " + MOST + ", not " + maxMessages);
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes is 1 or more, not " + maxBytes);
        }
        Objects.requireNonNull(whenFull, "whenFull");
        if (maxAge.isNegative() || maxAge.isZero() || maxAge.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("maxAge is over 0 and at most a year, not " + maxAge);
        }
    }

    /** Up to so many messages and 16 MiB, for up to an hour; new ones are refused when it is full. */
    public static OfflineQueue of(int maxMessages) {
        return new OfflineQueue(maxMessages, 16 << 20, WhenFull.REFUSE_NEW, Duration.ofHours(1));
    }

    /** Whether anything is kept at all. */
    boolean isOn() {
        return maxMessages > 0;
    }
}

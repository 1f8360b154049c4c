package io.mqttx.client;

import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt to connect: exponential back-off with full jitter. Times are nanoseconds of
 * a clock like {@code System.nanoTime()}.
 */
final class BackOff {
    private final long first;
    private final long most;
    private final long stableAfter;
    private final RandomGenerator random;
    private long ceiling; // of the next pause

    BackOff(ReconnectOptions options, RandomGenerator random) {
        this.first = options.firstDelay().toNanos();
        this.most = options.maxDelay().toNanos();
        this.stableAfter = options.stableAfter().toNanos();
        this.random = random;
        this.ceiling = first;
    }

    /**
     * A connection was lost.
     *
     * @return whether it had lasted, so that what comes is a new story
     */
    boolean lost(long since, long now) {
        boolean stable = now - since >= stableAfter;
        if (stable) {
            ceiling = first;
        }
        return stable;
    }

    /** The next pause, in nanoseconds; the one after it may be twice as long. */
    long next() {
        long pause = random.nextLong(ceiling + 1);
        ceiling = ceiling > most / 2 ? most : ceiling * 2;
        return pause;
    }
}

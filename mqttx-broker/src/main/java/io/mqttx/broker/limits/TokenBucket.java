package io.mqttx.broker.limits;

import io.mqttx.broker.api.Rate;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds a rate: tokens come in evenly, at most those of one interval are kept. One number under a compare-and-set
 * instead of a count and a timer: the time at which the bucket will be full again. Safe for all threads.
 */
public final class TokenBucket {
    private final double nanosPerToken;
    private final long nanosToFill;
    private final AtomicLong fullAt; // on the loops' clock

    /** A full bucket. */
    public TokenBucket(Rate rate, long now) {
        this.nanosToFill = rate.interval().toNanos();
        this.nanosPerToken = (double) nanosToFill / rate.amount();
        this.fullAt = new AtomicLong(now);
    }

    /** Takes one token, if there is a whole one. */
    public boolean tryTake(long now) {
        while (true) {
            long full = fullAt.get();
            if (wait(full, now) > 0) {
                return false;
            }
            if (fullAt.compareAndSet(full, later(full, now, 1))) {
                return true;
            }
        }
    }

    /** Takes tokens whether they are there or not: what is missing is a debt. */
    public void take(long tokens, long now) {
        fullAt.accumulateAndGet(tokens, (full, taken) -> later(full, now, taken));
    }

    /** Nanoseconds until there is a whole token; 0 if there is one. */
    public long untilNext(long now) {
        return Math.max(0, wait(fullAt.get(), now));
    }

    private long wait(long full, long now) {
        return full - now + (long) nanosPerToken - nanosToFill;
    }

    private long later(long full, long now, long tokens) {
        long begin = full - now > 0 ? full : now;
        return begin + (long) (tokens * nanosPerToken);
    }
}

package io.mqttx.broker.api;

import java.time.Duration;

/**
 * So much per interval: on average, and at most so much at once.
 *
 * @param amount   of whatever is counted, at least 1
 * @param interval over 0, a day at most
 */
public record Rate(long amount, Duration interval) {
    private static final Duration LONGEST = Duration.ofDays(1);

    /** Checks both ranges. */
    public Rate {
        if (amount < 1) {
            throw new IllegalArgumentException("the amount of a rate is at least 1, not " + amount);
        }
        if (interval.isNegative() || interval.isZero() || interval.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("the interval of a rate is over 0, a day at most, not " + interval);
        }
    }

    /** So much in each second. */
    public static Rate perSecond(long amount) {
        return new Rate(amount, Duration.ofSeconds(1));
    }

    @Override
    public String toString() {
        return amount + " per " + interval;
    }
}

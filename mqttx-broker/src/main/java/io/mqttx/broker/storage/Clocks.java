package io.mqttx.broker.storage;

import java.time.InstantSource;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * The two ways to tell the time: by the loops' clock in nanoseconds, which only goes forward and means nothing to
 * another process, and by the calendar in milliseconds, which does.
 *
 * @param loops    nanoseconds
 * @param calendar the time of day
 */
public record Clocks(LongSupplier loops, InstantSource calendar) {
    private static final long NANOS = 1_000_000L; // of a millisecond

    /** Checks that both are there. */
    public Clocks {
        Objects.requireNonNull(loops, "loops");
        Objects.requireNonNull(calendar, "calendar");
    }

    /** The loops' time. */
    public long now() {
        return loops.getAsLong();
    }

    /** The calendar's time, in milliseconds since 1970. */
    public long today() {
        return calendar.millis();
    }

    /** What the calendar said at this point of the loops' time. */
    public long toCalendar(long nanos) {
        return today() - (now() - nanos) / NANOS;
    }

    /** The loops' time at this point of the calendar, which may be before the loops began. */
    public long toLoops(long millis) {
        return now() - (today() - millis) * NANOS;
    }
}

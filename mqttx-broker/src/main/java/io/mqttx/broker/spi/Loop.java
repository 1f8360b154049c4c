package io.mqttx.broker.spi;

import java.util.concurrent.Executor;

/**
 * One thread that does one thing after the other. A connection and its session belong to one loop, so that what runs
 * on it needs no locks.
 */
public interface Loop extends Executor {

    /** Runs {@code task} on the loop's thread, after what was given before; from any thread. */
    @Override
    void execute(Runnable task);

    /** Whether the caller is on the loop's thread. */
    boolean isCurrent();

    /** Runs {@code task} on the loop's thread in {@code nanos} nanoseconds; from any thread. */
    Timer schedule(Runnable task, long nanos);

    /** A clock in nanoseconds that only goes forward; its zero means nothing. */
    long now();

    /** Something that will run unless it is cancelled. */
    interface Timer {
        /** A timer that runs nothing. */
        Timer NONE = () -> {};

        /** Does not run it any more; nothing if it has run. From any thread. */
        void cancel();
    }
}

package io.mqttx.client.link;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How long a thread without work waits for more before it goes. To wait is the faster way, but where many clients are at
 * work the threads would be many: so a few wait, and the others go at once. Virtual threads may always wait, and count for
 * nothing.
 */
public final class Patience {
    /** That of all clients, because what it bounds is the threads of all clients. */
    public static final Patience OF_ALL = new Patience();

    /** Platform threads that may wait at once. */
    public static final int FEW = 32;

    private static final long LONG = 500_000_000; // nanoseconds

    private final AtomicInteger waiting = new AtomicInteger();

    private Patience() {}

    /** A thread begins to wait: for so many nanoseconds, and then it goes. */
    public long begin(boolean virtual) {
        return virtual || waiting.incrementAndGet() <= FEW ? LONG : 0;
    }

    /** It waits no more. */
    public void end(boolean virtual) {
        waiting.addAndGet(virtual ? 0 : -1);
    }
}

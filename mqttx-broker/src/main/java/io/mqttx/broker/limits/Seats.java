package io.mqttx.broker.limits;

import java.util.concurrent.atomic.AtomicInteger;

/** So many and no more, taken and given back. Safe for all threads. */
public final class Seats {
    private final int count;
    private final AtomicInteger taken = new AtomicInteger();

    /**
     * None of them taken.
     *
     * @param count how many, at least 1
     */
    public Seats(int count) {
        this.count = count;
    }

    /** Takes one, if one is free. */
    public boolean tryTake() {
        while (true) {
            int now = taken.get();
            if (now >= count) {
                return false;
            }
            if (taken.compareAndSet(now, now + 1)) {
                return true;
            }
        }
    }

    /** Gives one back. */
    public void free() {
        taken.decrementAndGet();
    }
}

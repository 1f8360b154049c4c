package io.mqttx.client;

import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One thread for the deadlines of all clients. It is there while a client is: the first one starts it, the last one
 * ends it. Tasks are short and never wait.
 */
final class SharedTimer {
    /** That of all clients. A thousand of them cost one thread because it is shared, and so it must live here. */
    static final SharedTimer OF_ALL = new SharedTimer();

    private final ReentrantLock lock = new ReentrantLock();
    private int clients;
    private Optional<ScheduledThreadPoolExecutor> executor = Optional.empty(); // there while clients > 0

    /** A client begins. */
    void enter() {
        lock.lock();
        try {
            if (clients++ == 0) {
                ScheduledThreadPoolExecutor first = new ScheduledThreadPoolExecutor(1, work -> {
                    Thread thread = Threads.platform(work);
                    thread.setName("mqttx-timer");
                    return thread;
                });
                first.setRemoveOnCancelPolicy(true);
                executor = Optional.of(first);
            }
        } finally {
            lock.unlock();
        }
    }

    /** A client ends: called once for each {@link #enter}. */
    void leave() {
        lock.lock();
        try {
            if (--clients == 0) {
                executor.ifPresent(ScheduledThreadPoolExecutor::shutdownNow);
                executor = Optional.empty();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs {@code task} once.
     *
     * @param nanos nanoseconds from now; 0 or less: at once
     * @return to cancel it with; empty if there is no client, and so nobody to run it
     */
    Optional<Future<?>> schedule(Runnable task, long nanos) {
        lock.lock();
        try {
            return executor.map(timer -> timer.schedule(task, Math.max(0, nanos), TimeUnit.NANOSECONDS));
        } finally {
            lock.unlock();
        }
    }
}

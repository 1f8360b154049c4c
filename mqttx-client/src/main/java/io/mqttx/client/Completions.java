package io.mqttx.client;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Completes the futures that the application holds.
 *
 * <p>What the application hung on a future runs on the thread that completes it, and may wait for anything: for another
 * future of the same client, or for a callback. So if one completion takes long, another thread goes on with those behind
 * it: none ever waits for another.
 */
final class Completions {
    private static final long LONG = 10_000_000; // nanoseconds after which the next thread goes on

    private final String threadName;
    private final Machine machine;
    private final Queue<Runnable> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger runners = new AtomicInteger();
    private final AtomicLong done = new AtomicLong(); // grows: shows whether the runners get on
    private final AtomicBoolean watched = new AtomicBoolean();

    Completions(String threadName, Machine machine) {
        this.threadName = threadName;
        this.machine = machine;
    }

    /** Completes {@code future} soon after the next {@link #kick}. */
    <T> void succeed(CompletableFuture<T> future, T value) {
        queue.add(() -> future.complete(value));
    }

    /** Fails {@code future} soon after the next {@link #kick}. */
    void fail(CompletableFuture<?> future, RuntimeException error) {
        queue.add(() -> future.completeExceptionally(error));
    }

    /** Starts a thread if there is something to complete and nobody at it. */
    void kick() {
        if (take()) {
            start();
        }
    }

    /** Takes over the completing, if there is something to complete and nobody at it: then {@link #run} has to follow. */
    boolean take() {
        boolean taken = !queue.isEmpty() && runners.compareAndSet(0, 1);
        if (taken) {
            enter();
        }
        return taken;
    }

    private void enter() {
        machine.enter(); // somebody must watch until the last runner has left, also when the client is closed
        watch();
    }

    private void start() {
        try {
            machine.start(threadName, this::run);
        } catch (OutOfMemoryError e) { // there is no thread to be had now: the next kick tries again
            runners.decrementAndGet();
            machine.leave();
            throw e;
        }
    }

    /** Completes what there is to complete, and what comes meanwhile. */
    void run() {
        Runnable next = queue.poll();
        while (next != null) {
            next.run();
            done.incrementAndGet();
            next = queue.poll();
        }
        runners.decrementAndGet();
        machine.leave();
        kick(); // what was added after the last look found a runner that was about to leave
    }

    private void watch() {
        if (watched.compareAndSet(false, true)) {
            long before = done.get();
            if (machine.schedule(() -> check(before), LONG).isEmpty()) {
                watched.set(false); // the last runner has left meanwhile
            }
        }
    }

    private void check(long before) {
        watched.set(false);
        if (done.get() == before && !queue.isEmpty()) {
            runners.incrementAndGet();
            enter();
            start();
        } else if (runners.get() > 0) {
            watch();
        }
    }
}

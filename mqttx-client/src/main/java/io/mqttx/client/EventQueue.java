package io.mqttx.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * What is to be told to {@link ClientEvents}: added under the lock of the client, told in the same order by whoever has
 * given the lock back. One thread tells, also what others add meanwhile; only if it falls far behind do they help it,
 * which costs the order and keeps the queue short.
 */
final class EventQueue {
    private static final System.Logger LOG = System.getLogger(EventQueue.class.getName());

    private static final int FAR_BEHIND = 1_000;

    private final ClientEvents listener;
    private final boolean on;
    private final Queue<Consumer<ClientEvents>> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean telling = new AtomicBoolean();

    EventQueue(ClientEvents listener) {
        this.listener = listener;
        this.on = listener != ClientEvents.NONE;
    }

    /** Whether anybody watches: otherwise nothing is to be added, nor even made. */
    boolean isOn() {
        return on;
    }

    /** Nanoseconds to be given to {@link #since} later; looks at no clock if nobody watches. */
    long now() {
        return on ? System.nanoTime() : 0;
    }

    Duration since(long then) {
        return Duration.ofNanos(System.nanoTime() - then);
    }

    void add(Consumer<ClientEvents> event) {
        queue.add(event);
        waiting.incrementAndGet(); // after: who sees the number finds the event
    }

    /** Tells all of it, or leaves it to the thread that is at it. Without the lock. */
    void tell() {
        while (waiting.get() > FAR_BEHIND) {
            tellNext();
        }
        while (waiting.get() > 0 && telling.compareAndSet(false, true)) {
            while (waiting.get() > 0) {
                tellNext();
            }
            telling.set(false);
        }
    }

    private void tellNext() {
        Consumer<ClientEvents> next = queue.poll();
        if (next == null) {
            return; // another thread was faster
        }
        waiting.decrementAndGet();
        try {
            next.accept(listener);
        } catch (Throwable e) { // also an AssertionError of who watches must not stop a thread of ours
            LOG.log(Level.ERROR, "an event listener failed", e);
        }
    }
}

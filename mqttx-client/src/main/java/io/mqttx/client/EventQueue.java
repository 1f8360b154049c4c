package io.mqttx.client;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * What is to be told to {@link ClientEvents}: added under the lock of the client, told by whoever has given the lock back.
 * Each thread tells until nothing is left, so the queue never holds more than the threads have just added.
 */
final class EventQueue {
    private static final System.Logger LOG = System.getLogger(EventQueue.class.getName());

    private final ClientEvents listener;
    private final boolean on;
    private final Queue<Consumer<ClientEvents>> queue = new ConcurrentLinkedQueue<>();

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
    }

    /** Tells all of it. Without the lock. */
    void tell() {
        if (!on) {
            return;
        }
        for (Consumer<ClientEvents> next = queue.poll(); next != null; next = queue.poll()) {
            try {
                next.accept(listener);
            } catch (Throwable e) { // also an AssertionError of who watches must not stop a thread of ours
                LOG.log(Level.ERROR, "an event listener failed", e);
            }
        }
    }
}

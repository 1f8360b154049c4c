package io.mqttx.broker.session;

import io.mqttx.broker.api.QueueOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/** Messages that wait for their client, or for its window: bounded in number and bytes. On the session's loop. */
final class OfflineQueue {
    private static final long OVERHEAD = 64; // bytes for what a message is beside its topic and payload, about

    private final QueueOptions options;
    private final Consumer<Delivery> dropped;
    private Deque<Delivery> waiting = new ArrayDeque<>(0);
    private long bytes;

    /**
     * An empty queue.
     *
     * @param dropped told of each message for which there was no room
     */
    OfflineQueue(QueueOptions options, Consumer<Delivery> dropped) {
        this.options = options;
        this.dropped = dropped;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    int size() {
        return waiting.size();
    }

    void add(Delivery delivery) {
        long size = sizeOf(delivery);
        if (options.whenFull() == QueueOptions.WhenFull.DROP_OLDEST) {
            while (!waiting.isEmpty() && !hasRoom(size)) {
                poll().ifPresent(dropped);
            }
        }
        if (!hasRoom(size)) {
            dropped.accept(delivery);
            return;
        }
        waiting.add(delivery);
        bytes += size;
    }

    /** The one that has waited longest. */
    Optional<Delivery> poll() {
        Delivery first = waiting.poll();
        if (first == null) {
            return Optional.empty();
        }
        bytes -= sizeOf(first);
        if (waiting.isEmpty()) {
            waiting = new ArrayDeque<>(0); // what a burst made large need not stay so
        }
        return Optional.of(first);
    }

    private boolean hasRoom(long size) {
        return waiting.size() < options.maxMessages() && bytes + size <= options.maxBytes();
    }

    private static long sizeOf(Delivery delivery) {
        var publish = delivery.message().publish();
        return OVERHEAD
                + publish.topic().encodedLength()
                + publish.properties().encodedLength()
                + publish.payloadLength();
    }
}

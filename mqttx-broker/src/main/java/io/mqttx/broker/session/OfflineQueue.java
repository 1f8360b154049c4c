package io.mqttx.broker.session;

import io.mqttx.broker.api.QueueOptions;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Messages that wait for their client, or for its window: bounded in number and bytes. On the session's loop. */
final class OfflineQueue {
    private static final long OVERHEAD = 64; // bytes for what a message is beside its topic and payload, about

    private final QueueOptions options;
    private final Consumer<Delivery> dropped;
    private Deque<Delivery> waiting = new ArrayDeque<>(0);
    private int counted; // how many of them take room
    private long bytes; // of those
    private int atMostOnce; // how many of them are QoS 0

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
        if (!delivery.counted()) {
            append(delivery);
            return;
        }
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
        append(delivery);
    }

    /** Whether QoS 0 messages wait, which newer ones must not overtake. */
    boolean holdsAtMostOnce() {
        return atMostOnce > 0;
    }

    /** Forgets the QoS 0 messages: they do not wait for a client that is away. */
    void dropAtMostOnce() {
        if (holdsAtMostOnce()) {
            List<Delivery> all = List.copyOf(waiting);
            waiting.clear();
            counted = 0;
            bytes = 0;
            atMostOnce = 0;
            all.stream().filter(delivery -> !isAtMostOnce(delivery)).forEach(this::append);
        }
    }

    /** The one that has waited longest; it stays. */
    Optional<Delivery> peek() {
        return Optional.ofNullable(waiting.peek());
    }

    /** The one that has waited longest. */
    Optional<Delivery> poll() {
        Delivery first = waiting.poll();
        if (first == null) {
            return Optional.empty();
        }
        counted -= first.counted() ? 1 : 0;
        bytes -= first.counted() ? sizeOf(first) : 0;
        atMostOnce -= isAtMostOnce(first) ? 1 : 0;
        if (waiting.isEmpty()) {
            waiting = new ArrayDeque<>(0); // what a burst made large need not stay so
        }
        return Optional.of(first);
    }

    private void append(Delivery delivery) {
        waiting.add(delivery);
        counted += delivery.counted() ? 1 : 0;
        bytes += delivery.counted() ? sizeOf(delivery) : 0;
        atMostOnce += isAtMostOnce(delivery) ? 1 : 0;
    }

    private static boolean isAtMostOnce(Delivery delivery) {
        return delivery.qos() == QoS.AT_MOST_ONCE;
    }

    private boolean hasRoom(long size) {
        return counted < options.maxMessages() && bytes + size <= options.maxBytes();
    }

    private static long sizeOf(Delivery delivery) {
        Publish publish = delivery.message().publish();
        return OVERHEAD
                + publish.topic().encodedLength()
                + publish.properties().encodedLength()
                + publish.payloadLength();
    }
}

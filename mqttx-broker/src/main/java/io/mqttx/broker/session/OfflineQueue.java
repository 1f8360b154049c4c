package io.mqttx.broker.session;

import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Messages that wait for their client, or for its window: bounded in number and bytes, those not counted that are held
 * elsewhere anyway. On the session's loop.
 */
final class OfflineQueue {
    private static final long OVERHEAD = 64; // bytes for what a message is beside its topic and payload, about

    private final QueueOptions options;
    private final Stored stored;
    private final Consumer<Delivery> dropped;
    private volatile int number; // of counted ones; written on the loop only, and so are the bytes
    private volatile long bytes;
    private Deque<Delivery> counted = new ArrayDeque<>(0);
    private Deque<Uncounted> uncounted = new ArrayDeque<>(0);
    private long left; // how many counted messages have left so far
    private int atMostOnce; // how many of all are QoS 0

    /** A message that takes no room, and its place: behind that many counted ones, as counted from the beginning. */
    private record Uncounted(Delivery delivery, long behind) {}

    /**
     * An empty queue.
     *
     * @param stored  told of what it holds
     * @param dropped told of each message for which there was no room
     */
    OfflineQueue(QueueOptions options, Stored stored, Consumer<Delivery> dropped) {
        this.options = options;
        this.stored = stored;
        this.dropped = dropped;
    }

    boolean isEmpty() {
        return counted.isEmpty() && uncounted.isEmpty();
    }

    int size() {
        return counted.size() + uncounted.size();
    }

    /** The bytes of those that take room. From any thread. */
    long bytes() {
        return bytes;
    }

    /** How many take room. From any thread. */
    int counted() {
        return number;
    }

    /** Whether there is no room for the message. From any thread; the answer may be old when it comes. */
    boolean isFullFor(SharedMessage message) {
        return !hasRoom(sizeOf(message));
    }

    void add(Delivery delivery) {
        if (!delivery.counted()) {
            append(delivery);
            return;
        }
        long size = sizeOf(delivery);
        if (options.whenFull() == QueueOptions.WhenFull.DROP_OLDEST) {
            while (!counted.isEmpty() && !hasRoom(size)) {
                dropped.accept(pollCounted());
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
            take(OfflineQueue::isAtMostOnce);
        }
    }

    /** Forgets everything. */
    void clear() {
        counted = new ArrayDeque<>(0);
        uncounted = new ArrayDeque<>(0);
        atMostOnce = 0;
        resize(0, 0);
    }

    /** Takes those out for which {@code wanted} holds, and leaves the others in their order. */
    List<Delivery> take(Predicate<Delivery> wanted) {
        List<Delivery> taken = new ArrayList<>();
        List<Delivery> rest = new ArrayList<>(size());
        for (Optional<Delivery> next = poll(); next.isPresent(); next = poll()) {
            (wanted.test(next.get()) ? taken : rest).add(next.get());
        }
        rest.forEach(this::append);
        return taken;
    }

    /** The one that has waited longest; it stays. */
    Optional<Delivery> peek() {
        return isUncountedNext() ? Optional.of(uncounted.element().delivery) : Optional.ofNullable(counted.peek());
    }

    /** The one that has waited longest. */
    Optional<Delivery> poll() {
        if (isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(isUncountedNext() ? pollUncounted() : pollCounted());
    }

    private boolean isUncountedNext() {
        return !uncounted.isEmpty() && uncounted.element().behind <= left;
    }

    private Delivery pollCounted() {
        Delivery first = counted.remove();
        left++;
        resize(counted.size(), bytes - sizeOf(first));
        atMostOnce -= isAtMostOnce(first) ? 1 : 0;
        if (counted.isEmpty()) {
            counted = new ArrayDeque<>(0); // what a burst made large need not stay so
        }
        return first;
    }

    private Delivery pollUncounted() {
        Delivery first = uncounted.remove().delivery;
        atMostOnce -= isAtMostOnce(first) ? 1 : 0;
        if (uncounted.isEmpty()) {
            uncounted = new ArrayDeque<>(0);
        }
        return first;
    }

    private void append(Delivery delivery) {
        if (delivery.counted()) {
            counted.add(delivery);
            resize(counted.size(), bytes + sizeOf(delivery));
        } else {
            uncounted.add(new Uncounted(delivery, left + counted.size()));
        }
        atMostOnce += isAtMostOnce(delivery) ? 1 : 0;
    }

    private void resize(int messages, long size) {
        stored.add(messages - number, size - bytes);
        number = messages;
        bytes = size;
    }

    private static boolean isAtMostOnce(Delivery delivery) {
        return delivery.qos() == QoS.AT_MOST_ONCE;
    }

    private boolean hasRoom(long size) {
        return number < options.maxMessages() && bytes + size <= options.maxBytes();
    }

    private static long sizeOf(Delivery delivery) {
        return sizeOf(delivery.message());
    }

    private static long sizeOf(SharedMessage message) {
        Publish publish = message.publish();
        return OVERHEAD
                + publish.topic().encodedLength()
                + publish.properties().encodedLength()
                + publish.payloadLength();
    }
}

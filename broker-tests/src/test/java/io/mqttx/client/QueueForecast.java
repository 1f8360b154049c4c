package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.OfflineQueue.WhenFull;
import io.mqttx.packet.QoS;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * Which messages an offline queue has to refuse or to drop, foretold with each call, and whether those are the ones that
 * failed. It knows nothing of the client but how many messages wait: since they leave in the order of the calls, those
 * are the last ones that were taken.
 */
final class QueueForecast {
    private final OfflineQueue options;
    private final List<Sent> taken = new ArrayList<>(); // that waited, or may have, in the order of the calls
    private final Set<Sent> refused = new HashSet<>();
    private final Set<Sent> pushedOut = new HashSet<>();
    private final Set<Sent> keptOffline = new HashSet<>();
    private final Set<Sent> turnedBack = new HashSet<>(); // while a blocking call waited for its turn

    QueueForecast(OfflineQueue options) {
        this.options = options;
    }

    /** The next message is about to be published, while so many wait. */
    void publish(Sent next, boolean connected, int waiting) {
        Queue<Sent> queue = new ArrayDeque<>(taken.subList(taken.size() - waiting, taken.size()));
        if (connected) {
            publishOnline(next, queue);
        } else if (next.bytes() > options.maxBytes()
                || options.whenFull() == WhenFull.REFUSE_NEW && !hasRoom(queue, next)) {
            refused.add(next);
        } else {
            while (!hasRoom(queue, next)) {
                pushedOut.add(queue.remove());
            }
            keptOffline.add(next);
            taken.add(next);
        }
    }

    /** A QoS 0 message does not wait for the window, and so not at all; but it overtakes no other one that waits. */
    private void publishOnline(Sent next, Queue<Sent> queue) {
        if (next.qos() != QoS.AT_MOST_ONCE) {
            taken.add(next);
        } else if (next.call() == Sent.Call.ASYNC
                && queue.stream().anyMatch(waiting -> waiting.qos() == QoS.AT_MOST_ONCE)) {
            refused.add(next);
        }
    }

    private boolean hasRoom(Queue<Sent> queue, Sent next) {
        long bytes = queue.stream().mapToLong(Sent::bytes).sum() + next.bytes();
        return queue.size() < options.maxMessages() && bytes <= options.maxBytes();
    }

    /** A blocking call has thrown: its message did not wait in the queue, unless that had no room for it. */
    void turnedBack(Sent message) {
        if (!refused.contains(message)) {
            turnedBack.add(message);
            taken.remove(message);
        }
    }

    /** Whether it never was sent, so that it must not come. */
    boolean isLost(Sent message) {
        return refused.contains(message)
                || pushedOut.contains(message)
                || turnedBack.contains(message)
                || isTooOld(message);
    }

    private static boolean isTooOld(Sent message) {
        return failedWith(message, MessageDroppedException.class, "it has waited for too long");
    }

    /**
     * Each of those failed as it had to, and no other one.
     *
     * @param forgets whether the broker may have forgotten what was in flight
     */
    void check(List<Sent> sent, boolean forgets) {
        for (Sent message : sent) {
            boolean isFull = failedWith(message, FlowControlException.class, "")
                    || !options.isOn() && failedWith(message, NotConnectedException.class, "");
            boolean isDropped = failedWith(message, MessageDroppedException.class, "the offline queue is full");
            if (refused.contains(message)) {
                assertTrue(isFull, () -> message + " had to be refused");
            } else if (pushedOut.contains(message)) {
                assertTrue(isDropped, () -> message + " had to make room");
            } else if (isTooOld(message)) {
                assertTrue(message.waited() >= options.maxAge().toNanos(), () -> message + " was not old");
            } else if (turnedBack.contains(message)) {
                assertTrue(
                        failedWith(message, NotConnectedException.class, "")
                                || failedWith(message, RequestTimeoutException.class, "no room to publish"),
                        () -> message + " was refused without a reason");
            } else {
                assertTrue(
                        message.failure().isEmpty() || forgets && failedWith(message, NotConnectedException.class, ""),
                        () -> message + ", though its session went on and there was room");
                checkAge(message);
            }
            if (isLost(message)) {
                assertEquals(false, message.isStarted(), () -> message + " was sent all the same");
            }
        }
    }

    private void checkAge(Sent message) {
        assertTrue(
                !keptOffline.contains(message)
                        || message.waited() <= options.maxAge().toNanos(),
                () -> message + " waited for too long");
    }

    private static boolean failedWith(Sent message, Class<? extends Throwable> type, String words) {
        return message.failure()
                .filter(type::isInstance)
                .filter(why -> why.getMessage().contains(words))
                .isPresent();
    }
}

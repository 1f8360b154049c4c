package io.mqttx.client;

import io.mqttx.client.OfflineQueue.WhenFull;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;

/**
 * Messages that wait to be sent for the first time, in the order of the calls: for room in the window, or for a
 * connection, if the application wants that. Guarded by the lock of the client; times are nanoseconds.
 */
final class WaitingMessages {
    /** Messages kept until the window has room for them. */
    static final int FOR_WINDOW_AT_MOST = 1000;

    private static final int OVERHEAD = 128; // bytes of a message beside payload and topic, about

    /** One of them. No record: the same message may wait twice. */
    static final class Waiting {
        private final Publish message;
        private final Optional<Promise<ReasonCode>> promise;
        private final long since;

        /**
         * A message that begins to wait.
         *
         * @param promise gets the server's answer; empty: the handler is told if there is something to tell
         */
        Waiting(Publish message, Optional<Promise<ReasonCode>> promise, long since) {
            this.message = message;
            this.promise = promise;
            this.since = since;
        }

        Publish message() {
            return message;
        }

        Optional<Promise<ReasonCode>> promise() {
            return promise;
        }

        private long bytes() {
            return (long) OVERHEAD
                    + message.topic().encodedLength()
                    + message.properties().encodedLength()
                    + message.payloadLength();
        }
    }

    private final OfflineQueue options;
    private final Queue<Waiting> queue = new ArrayDeque<>();
    private long bytes;
    private int atMostOnce; // how many of them are QoS 0

    WaitingMessages(OfflineQueue options) {
        this.options = options;
    }

    int size() {
        return queue.size();
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }

    boolean holdsQoS0() {
        return atMostOnce > 0;
    }

    /** Adds a message that waits for the window; says no if there are too many. */
    boolean addForWindow(Waiting waiting) {
        if (queue.size() >= Math.max(FOR_WINDOW_AT_MOST, options.maxMessages())) {
            return false;
        }
        add(waiting);
        return true;
    }

    /**
     * Adds a message that waits for a connection.
     *
     * @return those that have to make room for it; itself, if there is none
     */
    List<Waiting> addForConnection(Waiting waiting) {
        List<Waiting> dropped = new ArrayList<>();
        boolean hopeless = waiting.bytes() > options.maxBytes();
        while (!hopeless && !hasRoom(waiting) && options.whenFull() == WhenFull.DROP_OLDEST && !queue.isEmpty()) {
            dropped.add(remove());
        }
        if (hasRoom(waiting)) {
            add(waiting);
        } else {
            dropped.add(waiting);
        }
        return dropped;
    }

    /** The first of them, not one of them any more. There has to be one. */
    Waiting remove() {
        Waiting first = queue.remove();
        bytes -= first.bytes();
        atMostOnce -= isQoS0(first);
        return first;
    }

    /** Takes out those that have waited for too long. */
    List<Waiting> removeOld(long now) {
        List<Waiting> old = new ArrayList<>();
        while (!queue.isEmpty() && untilTooOld(now) <= 0) {
            old.add(remove());
        }
        return old;
    }

    /** Nanoseconds until the first of them has waited for too long. There has to be one. */
    long untilTooOld(long now) {
        return options.maxAge().toNanos() - (now - queue.element().since);
    }

    private boolean hasRoom(Waiting waiting) {
        return queue.size() < options.maxMessages() && bytes + waiting.bytes() <= options.maxBytes();
    }

    private void add(Waiting waiting) {
        queue.add(waiting);
        bytes += waiting.bytes();
        atMostOnce += isQoS0(waiting);
    }

    private static int isQoS0(Waiting waiting) {
        return waiting.message().qos() == QoS.AT_MOST_ONCE ? 1 : 0;
    }
}

package io.mqttx.client;

import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.ClientConnection;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Sends the application's messages, each when it is its turn: when the server's window (§4.9) and the output have room.
 * Until then a blocking caller waits, and messages for which nobody may wait are kept in their order.
 */
final class Publisher {
    /** Messages that {@link #publishAsync} keeps until the window has room for them. */
    static final int LATER_AT_MOST = 1000;

    private record Waiting(Publish message, Promise<ReasonCode> promise) {}

    private final ClientLoop loop;
    private final ClientOptions options;
    private final ReentrantLock lock; // the client's; guards everything below
    private final Condition turn; // signalled when the window or the output has room, or it is over
    private final ClientConnection connection;
    private final Writer writer;
    private final Callbacks callbacks;
    private final PendingReplies replies;
    private final Completions completions;

    private final Queue<Waiting> later = new ArrayDeque<>(); // QoS 1 and 2, in the order of the calls
    private int callersWaiting;

    Publisher(
            ClientLoop loop,
            ClientOptions options,
            ReentrantLock lock,
            ClientConnection connection,
            Writer writer,
            Callbacks callbacks,
            PendingReplies replies,
            Completions completions) {
        this.loop = loop;
        this.options = options;
        this.lock = lock;
        this.turn = lock.newCondition();
        this.connection = connection;
        this.writer = writer;
        this.callbacks = callbacks;
        this.replies = replies;
        this.completions = completions;
    }

    /** Returns when the message is on its way; waits for its turn, if it has to. */
    void publish(Publish message) {
        lock.lock();
        try {
            loop.requireOpen();
            if (!mayPublish(message)) {
                awaitTurn(message);
            }
            send(message, Optional.empty());
        } finally {
            writer.writeAndRelease();
        }
    }

    /** Never waits; {@code promise} gets the server's answer. */
    void publishAsync(Publish message, Promise<ReasonCode> promise) {
        lock.lock();
        try {
            loop.requireOpen();
            if (mayPublish(message)) {
                send(message, Optional.of(promise));
            } else if (message.qos() == QoS.AT_MOST_ONCE || later.size() >= LATER_AT_MOST) {
                throw new FlowControlException("the server does not keep up with what is published");
            } else {
                later.add(new Waiting(message, promise));
                callbacks.room().signal();
            }
        } catch (MqttClientException | ProtocolException e) {
            promise.fail(e, completions);
        } finally {
            writer.release();
        }
    }

    /** Whether somebody waits for the server to take a message, or may. With the lock. */
    boolean isWaiting() {
        return callersWaiting > 0 || !later.isEmpty();
    }

    /** There may be room now: sends what was kept, and wakes who waits. With the lock. */
    void goOn() {
        while (!later.isEmpty() && connection.canPublish() && writer.hasRoom()) {
            Waiting next = later.remove();
            try {
                send(next.message(), Optional.of(next.promise()));
            } catch (ProtocolException e) {
                next.promise().fail(e, completions);
            }
        }
        turn.signalAll();
    }

    /** What was kept is not sent any more, and who waits is to see why. With the lock. */
    void failAll(Supplier<RuntimeException> error) {
        later.forEach(waiting -> waiting.promise().fail(error.get(), completions));
        later.clear();
        turn.signalAll();
    }

    private boolean mayPublish(Publish message) {
        return writer.hasRoom() && (message.qos() == QoS.AT_MOST_ONCE || later.isEmpty() && connection.canPublish());
    }

    private void awaitTurn(Publish message) {
        long deadline = System.nanoTime() + options.requestTimeout().toNanos();
        Promise<Boolean> patient = Promise.toWaitFor(); // only ever fails
        callbacks.waitsFor(patient);
        callersWaiting++;
        callbacks.room().signal();
        writer.wake(); // the lock is given back without a release
        try {
            do {
                if (turn.awaitNanos(deadline - System.nanoTime()) <= 0) {
                    throw new RequestTimeoutException("no room to publish in " + options.requestTimeout());
                }
                if (patient.future().isDone()) {
                    patient.await(0); // throws
                }
                loop.requireOpen();
            } while (!mayPublish(message));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException(e);
        } finally {
            callersWaiting--;
            callbacks.goesOn();
        }
    }

    private void send(Publish message, Optional<Promise<ReasonCode>> promise) {
        int packetId = connection.publish(message, loop);
        if (packetId == 0) {
            promise.ifPresent(known -> known.succeed(ReasonCode.SUCCESS, completions));
        } else {
            replies.put(packetId, new Reply.OfPublish(message.topic().text(), promise));
            callbacks.room().signal();
        }
    }
}

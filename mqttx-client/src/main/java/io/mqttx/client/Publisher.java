package io.mqttx.client;

import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.time.Duration;
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

    private final ClientSession session;
    private final ReentrantLock lock; // the client's; guards everything below
    private final Condition turn; // signalled when the window or the output has room, or it is over
    private final Queue<Waiting> later = new ArrayDeque<>(); // QoS 1 and 2, in the order of the calls
    private int callersWaiting;

    Publisher(ClientSession session) {
        this.session = session;
        this.lock = session.lock();
        this.turn = lock.newCondition();
    }

    /** Returns when the message is on its way; waits for its turn, if it has to. */
    void publish(Publish message) {
        lock.lock();
        try {
            session.loop().requireOpen();
            if (!mayPublish(message)) {
                awaitTurn(message);
            }
            send(message, Optional.empty());
        } finally {
            session.loop().writer().writeAndRelease();
        }
    }

    /** Never waits; {@code promise} gets the server's answer. */
    void publishAsync(Publish message, Promise<ReasonCode> promise) {
        lock.lock();
        try {
            session.loop().requireOpen();
            if (mayPublish(message)) {
                send(message, Optional.of(promise));
            } else if (message.qos() == QoS.AT_MOST_ONCE || later.size() >= LATER_AT_MOST) {
                throw new FlowControlException("the server does not keep up with what is published");
            } else {
                later.add(new Waiting(message, promise));
                session.callbacks().room().signal();
            }
        } catch (MqttClientException | ProtocolException e) {
            promise.fail(e, session.completions());
        } finally {
            session.loop().release();
        }
    }

    /** Whether somebody waits for the server to take a message, or may. With the lock. */
    boolean isWaiting() {
        return callersWaiting > 0 || !later.isEmpty();
    }

    /** There may be room now: sends what was kept, and wakes who waits. With the lock. */
    void goOn() {
        while (!later.isEmpty() && canSend()) {
            Waiting next = later.remove();
            try {
                send(next.message(), Optional.of(next.promise()));
            } catch (ProtocolException e) {
                next.promise().fail(e, session.completions());
            }
        }
        turn.signalAll();
    }

    /** Who waits is to look whether there is still something to wait for. With the lock. */
    void wakeAll() {
        turn.signalAll();
    }

    /** What was kept is not sent any more, and who waits is to see why. With the lock. */
    void failAll(Supplier<RuntimeException> error) {
        later.forEach(waiting -> waiting.promise().fail(error.get(), session.completions()));
        later.clear();
        turn.signalAll();
    }

    private boolean mayPublish(Publish message) {
        return message.qos() == QoS.AT_MOST_ONCE ? session.loop().writer().hasRoom() : later.isEmpty() && canSend();
    }

    private boolean canSend() {
        return session.loop().connection().canPublish()
                && session.loop().writer().hasRoom();
    }

    private void awaitTurn(Publish message) {
        Duration patience = session.options().requestTimeout();
        long deadline = System.nanoTime() + patience.toNanos();
        Promise<Boolean> patient = Promise.toWaitFor(); // only ever fails
        session.callbacks().waitsFor(patient);
        callersWaiting++;
        session.callbacks().room().signal();
        session.loop().writer().wake(); // the lock is given back without a release
        try {
            do {
                if (turn.awaitNanos(deadline - System.nanoTime()) <= 0) {
                    throw new RequestTimeoutException("no room to publish in " + patience);
                }
                if (patient.future().isDone()) {
                    patient.await(0); // throws
                }
                session.loop().requireOpen();
            } while (!mayPublish(message));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WaitInterruptedException(e);
        } finally {
            callersWaiting--;
            session.callbacks().goesOn();
        }
    }

    private void send(Publish message, Optional<Promise<ReasonCode>> promise) {
        int packetId = session.loop().connection().publish(message, session.loop());
        if (packetId == 0) {
            promise.ifPresent(known -> known.succeed(ReasonCode.SUCCESS, session.completions()));
        } else {
            session.replies().put(packetId, new Reply.OfPublish(message.topic().text(), promise));
            session.callbacks().room().signal();
        }
    }
}

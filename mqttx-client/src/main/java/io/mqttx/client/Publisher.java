package io.mqttx.client;

import io.mqttx.client.WaitingMessages.Waiting;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Sends the application's messages, each when it is its turn: when the server's window (§4.9) and the output have room.
 * Until then a blocking caller waits, and messages for which nobody may wait are kept in their order.
 */
final class Publisher {
    private final ClientSession session;
    private final ReentrantLock lock; // the client's; guards everything below
    private final Condition turn; // signalled when the window or the output has room, or it is over
    private final WaitingMessages later;
    private Optional<Future<?>> alarm = Optional.empty(); // for those that wait for a connection for too long
    private int callersWaiting;

    Publisher(ClientSession session) {
        this.session = session;
        this.lock = session.lock();
        this.turn = session.machine().newCondition(lock);
        this.later = new WaitingMessages(session.options().offlineQueue());
    }

    /** Returns when the message is on its way, or kept for the next connection; waits for its turn, if it has to. */
    void publish(Publish message) {
        Threads.lock(lock);
        try {
            if (isKeptOffline()) {
                keepForConnection(message, Optional.empty());
                return;
            }
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
        Threads.lock(lock);
        try {
            if (isKeptOffline()) {
                keepForConnection(message, Optional.of(promise));
                return;
            }
            session.loop().requireOpen();
            if (mayPublish(message)) {
                send(message, Optional.of(promise));
            } else if (message.qos() == QoS.AT_MOST_ONCE
                    || !later.addForWindow(waiting(message, Optional.of(promise)))) {
                throw new FlowControlException("the server does not keep up with what is published");
            } else {
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
                send(next.message(), next.promise());
            } catch (ProtocolException e) {
                drop(next, e);
            }
        }
        turn.signalAll();
    }

    /** How many messages wait to be sent for the first time. With the lock. */
    int waiting() {
        return later.size() + callersWaiting;
    }

    /** Who waits is to look whether there is still something to wait for. With the lock. */
    void wakeAll() {
        turn.signalAll();
    }

    /** What was kept is not sent any more, and who waits is to see why. With the lock. */
    void failAll(Supplier<RuntimeException> error) {
        while (!later.isEmpty()) {
            drop(later.remove(), error.get());
        }
        turn.signalAll();
    }

    private boolean isKeptOffline() {
        return session.options().offlineQueue().isOn()
                && session.goesOn()
                && !session.loop().connection().isOpen();
    }

    private void keepForConnection(Publish message, Optional<Promise<ReasonCode>> promise) {
        Waiting waiting = waiting(message, promise);
        for (Waiting dropped : later.addForConnection(waiting)) {
            if (dropped == waiting) {
                throw new FlowControlException("the offline queue is full");
            }
            drop(dropped, dropped(dropped, "the offline queue is full"));
        }
        watch();
    }

    /** Sees to it that what waits for too long is given up, also if there never is a connection. */
    private void watch() {
        if (alarm.isEmpty() && !later.isEmpty()) {
            alarm = session.machine()
                    .schedule(
                            this::giveUpOld, later.untilTooOld(session.machine().now()));
        }
    }

    private void giveUpOld() {
        lock.lock();
        try {
            alarm = Optional.empty();
            for (Waiting old : later.removeOld(session.machine().now())) {
                drop(old, dropped(old, "it has waited for too long"));
            }
            watch();
        } finally {
            session.loop().release();
        }
    }

    private void drop(Waiting waiting, RuntimeException why) {
        drop(waiting.message(), waiting.promise(), why);
    }

    /** Tells whoever wants to know that a message is given up. With the lock. */
    void drop(Publish message, Optional<Promise<ReasonCode>> promise, RuntimeException why) {
        session.counts().messageDropped();
        if (session.events().isOn()) {
            session.events().add(events -> events.publishDropped(session.client(), message, why));
        }
        promise.ifPresentOrElse(
                known -> known.fail(why, session.completions()),
                () -> session.callbacks()
                        .add(() -> session.handler().onPublishDropped(session.client(), message, why)));
    }

    private static MessageDroppedException dropped(Waiting waiting, String why) {
        return new MessageDroppedException(waiting.message().topic().text(), why);
    }

    private Waiting waiting(Publish message, Optional<Promise<ReasonCode>> promise) {
        return new Waiting(message, promise, session.machine().now());
    }

    /** A QoS 0 message need not wait for the window, but does not overtake those that waited for a connection. */
    private boolean mayPublish(Publish message) {
        return message.qos() == QoS.AT_MOST_ONCE
                ? session.loop().writer().hasRoom() && !later.holdsQoS0()
                : later.isEmpty() && canSend();
    }

    private boolean canSend() {
        return session.loop().connection().canPublish()
                && session.loop().writer().hasRoom();
    }

    private void awaitTurn(Publish message) {
        Duration patience = session.options().requestTimeout();
        long deadline = session.machine().now() + patience.toNanos();
        Promise<Boolean> patient = Promise.toWaitFor(); // only ever fails
        session.callbacks().waitsFor(patient);
        session.callerWaits();
        callersWaiting++;
        session.callbacks().room().signal();
        session.loop().writer().wake(); // the lock is given back without a release
        try {
            do {
                if (turn.awaitNanos(deadline - session.machine().now()) <= 0) {
                    throw new RequestTimeoutException("no room to publish in " + patience);
                }
                if (patient.future().isDone()) {
                    patient.await(0, session.machine()); // throws
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
        if (session.events().isOn()) {
            tellStarted(message);
        }
        if (packetId == 0) {
            promise.ifPresent(known -> known.succeed(ReasonCode.SUCCESS, session.completions()));
        } else {
            session.replies()
                    .put(
                            packetId,
                            new Reply.OfPublish(
                                    message, promise, session.events().now()));
            session.callbacks().room().signal();
        }
    }

    private void tellStarted(Publish message) {
        MqttClient client = session.client();
        session.events().add(events -> events.publishStarted(client, message));
        if (message.qos() == QoS.AT_MOST_ONCE) {
            session.events().add(events -> events.publishDone(client, message, ReasonCode.SUCCESS, Duration.ZERO));
        }
    }
}

package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Sends SUBSCRIBE and UNSUBSCRIBE, and lets callers wait for the answers. */
final class Requests {
    private static final int BATCH = 100; // filters in one SUBSCRIBE when all are asked for again

    private final ClientSession session;
    private final ReentrantLock lock; // the client's

    Requests(ClientSession session) {
        this.session = session;
        this.lock = session.lock();
    }

    void subscribe(
            List<Subscription> wanted,
            Properties properties,
            Optional<Consumer<Message>> callback,
            Promise<List<QoS>> promise) {
        request(promise, () -> {
            ClientLoop loop = session.loop();
            int packetId = loop.connection().subscribe(wanted, properties, loop);
            List<Subscriptions.Entry> entries = wanted.stream()
                    .map(subscription -> new Subscriptions.Entry(subscription, properties, callback))
                    .toList();
            entries.forEach(session.subscriptions()::ask);
            session.replies()
                    .put(
                            packetId,
                            new Reply.OfSubscribe(
                                    entries,
                                    Optional.of(promise),
                                    session.events().now()));
        });
    }

    void unsubscribe(List<TopicFilter> filters, Properties properties, Promise<List<ReasonCode>> promise) {
        request(promise, () -> {
            ClientLoop loop = session.loop();
            int packetId = loop.connection().unsubscribe(filters, properties, loop);
            session.replies().put(packetId, new Reply.OfUnsubscribe(filters, promise));
        });
    }

    void authenticateAgain(Promise<Boolean> promise) {
        request(promise, () -> session.loop().auth().again(promise));
    }

    /**
     * Asks again for what the server has granted before and may have lost. With the lock.
     *
     * @param retainedIfLost whether to want retained messages only for what it has lost, which version 5 can say
     */
    void subscribeAgain(boolean retainedIfLost) {
        Map<Properties, List<Subscriptions.Entry>> alike = new LinkedHashMap<>();
        for (Subscriptions.Entry entry : session.subscriptions().doubtful()) {
            alike.computeIfAbsent(entry.properties(), none -> new ArrayList<>()).add(entry);
        }
        for (List<Subscriptions.Entry> entries : alike.values()) {
            for (int from = 0; from < entries.size(); from += BATCH) {
                subscribeAgain(entries.subList(from, Math.min(from + BATCH, entries.size())), retainedIfLost);
            }
        }
    }

    /** Waits for a promise that a method above was given. */
    <T> T await(Promise<T> promise) {
        session.callbacks().waitsFor(promise);
        session.callerWaits();
        try {
            return promise.await(session.options().requestTimeout().toNanos(), session.machine());
        } finally {
            session.callbacks().goesOn();
        }
    }

    private void subscribeAgain(List<Subscriptions.Entry> entries, boolean retainedIfLost) {
        ClientLoop loop = session.loop();
        List<Subscription> wanted = new ArrayList<>();
        for (Subscriptions.Entry entry : entries) {
            wanted.add(retainedIfLost ? entry.ifLost() : entry.subscription());
        }
        try {
            int packetId = loop.connection().subscribe(wanted, entries.get(0).properties(), loop);
            session.replies()
                    .put(
                            packetId,
                            new Reply.OfSubscribe(
                                    List.copyOf(entries),
                                    Optional.empty(),
                                    session.events().now()));
        } catch (ProtocolException e) { // this server takes less than the one before: too large, no wildcards
            if (entries.size() == 1) {
                lost(entries.get(0), e.reason());
            } else {
                int half = entries.size() / 2;
                subscribeAgain(entries.subList(0, half), retainedIfLost);
                subscribeAgain(entries.subList(half, entries.size()), retainedIfLost);
            }
        }
    }

    /** The server grants no more what it has granted before. With the lock. */
    void lost(Subscriptions.Entry entry, ReasonCode reason) {
        String filter = entry.filter().text();
        session.subscriptions().remove(entry.filter(), Optional.of(new FilterRefusedException(Map.of(filter, reason))));
        session.callbacks().add(() -> session.handler().onSubscriptionLost(session.client(), filter, reason));
    }

    private void request(Promise<?> promise, Runnable request) {
        lock.lock();
        try {
            session.loop().requireOpen();
            if (session.flows().ids().isExhausted()) {
                throw new FlowControlException("all 65535 packet identifiers are in use (§2.2.1)");
            }
            request.run();
            limit(promise);
            session.callbacks().room().signal();
        } catch (MqttClientException | ProtocolException e) {
            promise.fail(e, session.completions());
        } finally {
            session.loop().release();
        }
    }

    /** Who waits for a future of ours waits no longer than who calls a blocking method. */
    private void limit(Promise<?> promise) {
        if (promise.own()) {
            return; // await has the limit
        }
        Duration limit = session.options().requestTimeout();
        session.machine()
                .schedule(() -> timeOut(promise, limit), limit.toNanos())
                .ifPresent(promise::cancelsWhenDone);
    }

    private void timeOut(Promise<?> promise, Duration limit) {
        promise.fail(
                new RequestTimeoutException("no answer from the server in " + limit.toMillis() + " ms"),
                session.completions());
        session.completions().kick();
    }
}

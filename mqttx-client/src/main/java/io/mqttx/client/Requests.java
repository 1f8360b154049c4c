package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.protocol.ClientConnection;
import io.mqttx.topic.TopicFilter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Sends SUBSCRIBE and UNSUBSCRIBE, and lets callers wait for the answers. */
final class Requests {
    private final ClientLoop loop;
    private final ClientOptions options;
    private final ReentrantLock lock; // the client's
    private final ClientConnection connection;
    private final Writer writer;
    private final Callbacks callbacks;
    private final PendingReplies replies;
    private final Completions completions;
    private final Subscriptions subscriptions; // the client's

    Requests(
            ClientLoop loop,
            ClientOptions options,
            ReentrantLock lock,
            ClientConnection connection,
            Writer writer,
            Callbacks callbacks,
            PendingReplies replies,
            Completions completions,
            Subscriptions subscriptions) {
        this.loop = loop;
        this.options = options;
        this.lock = lock;
        this.connection = connection;
        this.writer = writer;
        this.callbacks = callbacks;
        this.replies = replies;
        this.completions = completions;
        this.subscriptions = subscriptions;
    }

    void subscribe(
            List<Subscription> wanted,
            Properties properties,
            Optional<Consumer<Message>> callback,
            Promise<List<QoS>> promise) {
        request(promise, () -> {
            int packetId = connection.subscribe(wanted, properties, loop);
            callback.ifPresent(
                    known -> // before SUBACK: retained messages may come first
                    subscriptions.put(wanted.stream().map(Subscription::filter).toList(), known));
            replies.put(packetId, new Reply.OfSubscribe(wanted, promise));
        });
    }

    void unsubscribe(List<TopicFilter> filters, Properties properties, Promise<List<ReasonCode>> promise) {
        request(promise, () -> {
            int packetId = connection.unsubscribe(filters, properties, loop);
            replies.put(packetId, new Reply.OfUnsubscribe(filters, promise));
        });
    }

    /** Waits for a promise that a method above was given. */
    <T> T await(Promise<T> promise) {
        callbacks.waitsFor(promise);
        try {
            return promise.await(options.requestTimeout().toNanos());
        } finally {
            callbacks.goesOn();
        }
    }

    private void request(Promise<?> promise, Runnable request) {
        lock.lock();
        try {
            loop.requireOpen();
            if (connection.flows().ids().isExhausted()) {
                throw new FlowControlException("all 65535 packet identifiers are in use (§2.2.1)");
            }
            request.run();
            callbacks.room().signal();
        } catch (MqttClientException | ProtocolException e) {
            promise.fail(e, completions);
        } finally {
            writer.release();
        }
    }
}

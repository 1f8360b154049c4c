package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Requests and their responses (§4.10): one response topic with one subscription for all requests of a client, made with
 * the first of them. Safe for all threads.
 */
final class Responses implements Consumer<Message> {
    private static final int RANDOM = 12; // bytes that make a topic nobody guesses

    private final ClientSession session;
    private final Map<ByteBuffer, Promise<Message>> waiting = new ConcurrentHashMap<>(); // by correlation data
    private final AtomicLong last = new AtomicLong(); // correlation

    private final ReentrantLock lock = new ReentrantLock(); // guards everything below; taken before the client's
    private Optional<CompletableFuture<TopicName>> topic = Optional.empty(); // where responses go, once subscribed to
    private String information = ""; // of the server that was asked for it

    Responses(ClientSession session) {
        this.session = session;
    }

    CompletableFuture<Message> request(TopicName to, ByteBuffer payload, QoS qos, Duration timeout) {
        if (!session.options().version().hasProperties()) {
            throw new IllegalStateException("request and response came with version 5 (§4.10)");
        }
        Promise<Message> promise = Promise.toGiveAway();
        ByteBuffer correlation = expect(promise);
        session.machine()
                .schedule(
                        () -> fail(promise, new RequestTimeoutException("no response in " + timeout)),
                        timeout.toNanos())
                .ifPresent(promise::cancelsWhenDone);
        CompletableFuture<?> sent = topic().thenCompose(
                        responses -> session.client().publishAsync(message(to, payload, qos, responses, correlation)));
        CompletableFuture<?> watched = sent.whenComplete((reason, error) -> {
            if (error != null) {
                promise.future().completeExceptionally(error.getCause() == null ? error : error.getCause());
            }
        });
        return forgottenWhenDone(promise.future(), correlation, watched);
    }

    private CompletableFuture<Message> forgottenWhenDone(
            CompletableFuture<Message> response, ByteBuffer correlation, CompletableFuture<?> watched) {
        return response.whenComplete((message, error) -> {
            take(correlation);
            watched.cancel(false);
        });
    }

    /** Whether somebody waits for a response, or may. */
    boolean isAwaited() {
        return !waiting.isEmpty();
    }

    /** No response is waited for any more. */
    void failAll(Supplier<RuntimeException> error) {
        waiting.values().removeIf(promise -> {
            promise.fail(error.get(), session.completions());
            return true;
        });
    }

    private ByteBuffer expect(Promise<Message> promise) {
        ByteBuffer correlation = ByteBuffer.allocate(Long.BYTES)
                .putLong(last.incrementAndGet())
                .flip()
                .asReadOnlyBuffer();
        waiting.put(correlation, promise);
        return correlation;
    }

    /** The response topic, subscribed to; asks again if that failed before. */
    private CompletableFuture<TopicName> topic() {
        String current = responseInformation();
        lock.lock();
        try {
            boolean elsewhere = !current.equals(information); // another server, which wants them there
            if (topic.isEmpty() || topic.get().isCompletedExceptionally() || elsewhere) {
                TopicName name = newTopic(current);
                information = current;
                topic = Optional.of(session.client()
                        .subscribeAsync(name.text(), QoS.AT_LEAST_ONCE, this)
                        .thenApply(granted -> name));
            }
            return topic.get();
        } finally {
            lock.unlock();
        }
    }

    private String responseInformation() {
        session.lock().lock();
        try {
            session.callbacks().room().signal(); // somebody has begun to wait
            return session.responseInformation();
        } finally {
            session.loop().release();
        }
    }

    /** Below the part of the tree that the server has for this client (§3.2.2.3.15), if it names one that can be. */
    private static TopicName newTopic(String information) {
        byte[] bytes = new byte[RANDOM];
        new SecureRandom().nextBytes(bytes);
        String own = HexFormat.of().formatHex(bytes);
        try {
            return TopicName.of((information.isEmpty() ? "mqttx/response/" : below(information)) + own);
        } catch (IllegalArgumentException e) { // with wildcards: not for us to make a topic of
            return TopicName.of("mqttx/response/" + own);
        }
    }

    private static String below(String information) {
        return information.endsWith("/") ? information : information + "/";
    }

    /**
     * Takes a response, and lets go a late one or one to nobody. Called as soon as it is read, because a callback may wait
     * for it; and again when it is its turn. The future is completed when the lock of the client is given back.
     */
    @Override
    public void accept(Message message) {
        message.properties()
                .find(Property.CORRELATION_DATA)
                .flatMap(this::take)
                .ifPresent(promise -> promise.succeed(message, session.completions()));
    }

    private Optional<Promise<Message>> take(ByteBuffer correlation) {
        return Optional.ofNullable(waiting.remove(correlation));
    }

    private void fail(Promise<Message> promise, RuntimeException error) {
        promise.fail(error, session.completions());
        session.completions().kick();
    }

    private static Publish message(
            TopicName to, ByteBuffer payload, QoS qos, TopicName responses, ByteBuffer correlation) {
        Properties properties =
                Properties.of(Property.RESPONSE_TOPIC, responses.text()).with(Property.CORRELATION_DATA, correlation);
        int anyPacketId = qos == QoS.AT_MOST_ONCE ? 0 : 1;
        return new Publish(false, qos, false, to, anyPacketId, properties, payload);
    }
}

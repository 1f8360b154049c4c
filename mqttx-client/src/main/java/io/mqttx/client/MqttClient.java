package io.mqttx.client;

import io.mqttx.client.link.Link;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A client of an MQTT server.
 *
 * <p>Safe for all threads, and every method may be called from inside of a callback. The blocking ones wait for at most
 * {@link ClientOptions#requestTimeout()}; only a {@link #publish} that writes to the socket itself, because the line was
 * quiet, waits until the server reads or the keep alive gives it up. When a callback waits for an answer, the client goes on reading, and keeps what
 * comes before the answer; if that is over 16 MiB, the call fails with a {@link FlowControlException}, because messages
 * can neither be dropped nor kept without bound.
 *
 * <p>When the connection is lost, the client comes back by itself, see {@link ReconnectOptions}. If the server has the
 * session still, what was in flight is sent again, and the futures of {@link #publishAsync} go on to wait; if not,
 * they fail, and the subscriptions that were granted are made anew. Whether a session outlives its connection is said by
 * the session expiry interval in the properties of {@link ClientOptions}, before version 5 by {@code cleanStart}. Only the
 * first CONNECT of a client has a clean start then.
 *
 * <p>While there is no connection, every call fails at once with a {@link NotConnectedException} and nothing is queued;
 * unless there is an {@link OfflineQueue}, which takes messages.
 *
 * <p>What hangs on a future of this class runs on a thread of the client and may wait, as a callback may; the order in
 * which futures complete is not promised. The client's threads do not keep the JVM alive.
 *
 * <p>In version 5 a message, filter or subscription that the server said it does not take is a
 * {@link io.mqttx.packet.ProtocolException} with the reason, before anything is sent: packet too large, QoS or RETAIN not
 * supported, and so on (§3.2.2.3).
 */
public final class MqttClient implements AutoCloseable {
    private final ClientSession session;
    private final Lifeline life;

    private MqttClient(
            ClientOptions options,
            ClientHandler handler,
            Function<ServerAddress, Link> links,
            boolean persistent,
            Promise<MqttClient> connected,
            Machine machine) {
        Objects.requireNonNull(handler, "handler");
        this.session = new ClientSession(this, options, handler, machine);
        this.life = new Lifeline(session, links, persistent, connected);
    }

    /** Connects without a handler: for who publishes, or gives each subscription its callback. */
    public static MqttClient connect(ClientOptions options) {
        return connect(options, new ClientHandler() {});
    }

    /**
     * Connects, and returns when the server has accepted the connection.
     *
     * @throws ConnectRefusedException if the server refused it
     * @throws ConnectFailedException  if there is no such server, it did not answer within
     *     {@link ClientOptions#connectTimeout()}, or it broke the protocol; or the session store cannot be read
     * @throws IllegalArgumentException if a file that the options name cannot be used
     */
    public static MqttClient connect(ClientOptions options, ClientHandler handler) {
        return connect(options, handler, Links.of(options)::to);
    }

    /** Connects over links from there, which are not open yet. */
    static MqttClient connect(ClientOptions options, ClientHandler handler, Function<ServerAddress, Link> links) {
        Promise<MqttClient> connected = Promise.toWaitFor();
        MqttClient client = new MqttClient(options, handler, links, false, connected, Machine.REAL);
        client.life.start();
        try {
            return connected.await(Long.MAX_VALUE, client.session.machine()); // the connect timeout ends it
        } catch (MqttClientException e) {
            client.close(); // also what it had open: the next attempt may need the same session
            throw e;
        }
    }

    /** As {@link #connect(ClientOptions, ClientHandler)}, without waiting; the future fails with the same exceptions. */
    public static CompletableFuture<MqttClient> connectAsync(ClientOptions options, ClientHandler handler) {
        Promise<MqttClient> connected = Promise.toGiveAway();
        new MqttClient(options, handler, Links.of(options)::to, false, connected, Machine.REAL).life.start();
        return connected.future();
    }

    /**
     * Begins to connect, and returns at once: for a client that may be there before its server. It tries until it is
     * closed, or the server's answer is one that stays the same; the handler is told.
     *
     * @throws IllegalArgumentException if reconnecting is off
     */
    public static MqttClient start(ClientOptions options, ClientHandler handler) {
        return start(options, handler, Links.of(options)::to);
    }

    /** The same over links from there. */
    static MqttClient start(ClientOptions options, ClientHandler handler, Function<ServerAddress, Link> links) {
        return start(options, handler, links, Machine.REAL);
    }

    /** The same on a machine that need not be the real one. */
    static MqttClient start(
            ClientOptions options, ClientHandler handler, Function<ServerAddress, Link> links, Machine machine) {
        if (!options.reconnect().enabled()) {
            throw new IllegalArgumentException("start() tries again and again, and reconnecting is off");
        }
        MqttClient client = new MqttClient(options, handler, links, true, Promise.toWaitFor(), machine);
        client.life.start();
        return client;
    }

    /** Publishes text in UTF-8 at QoS 0. See {@link #publish(Publish)}. */
    public void publish(String topic, String payload) {
        publish(topic, payload.getBytes(StandardCharsets.UTF_8), QoS.AT_MOST_ONCE);
    }

    /** Publishes bytes, not retained. See {@link #publish(Publish)}. */
    public void publish(String topic, byte[] payload, QoS qos) {
        publish(message(topic, payload, qos));
    }

    /**
     * Sends a message, and returns when its bytes were handed to the socket, or to the client's buffer of about 1 MiB in
     * front of it. Acknowledgements are tracked in the background; a refusal is told to
     * {@link ClientHandler#onPublishRefused}. Waits while the server takes no more: its window is full (§4.9), or it
     * does not read.
     *
     * @param message its packet identifier and DUP are not looked at, and topic aliases are the client's to set; its
     *     payload is the client's from now on
     * @throws NotConnectedException if there is no connection, or no more while this waits
     * @throws RequestTimeoutException if the server takes no more for too long
     * @throws FlowControlException if this is called inside of a callback, and too much comes meanwhile; see above
     * @throws io.mqttx.packet.ProtocolException if the server does not take such a message
     */
    public void publish(Publish message) {
        requireNoAlias(message);
        session.publisher().publish(message);
    }

    /** Publishes bytes, not retained. See {@link #publishAsync(Publish)}. */
    public CompletableFuture<ReasonCode> publishAsync(String topic, byte[] payload, QoS qos) {
        return publishAsync(message(topic, payload, qos));
    }

    /**
     * Sends a message without ever blocking. If the server's window is full (§4.9), up to 1,000 messages wait in the
     * client, in their order.
     *
     * @param message as for {@link #publish(Publish)}
     * @return completes with the server's answer at PUBACK or PUBCOMP, at QoS 0 when handed over; fails with
     *     {@link PublishRefusedException} if the server says no, and with the exceptions of {@link #publish(Publish)};
     *     if the connection is lost and the session is not, when the server has answered after the reconnection;
     *     {@link FlowControlException} says that no more can wait
     */
    public CompletableFuture<ReasonCode> publishAsync(Publish message) {
        requireNoAlias(message);
        Promise<ReasonCode> promise = Promise.toGiveAway();
        session.publisher().publishAsync(message, promise);
        return promise.future();
    }

    /**
     * Sends a request, and waits for nothing (§4.10); version 5 only. The response may be waited for inside of a callback, and
     * is acknowledged by the client, always. The first request of a client subscribes to a topic
     * for all its responses: below the response information of the server, if {@link ClientOptions#properties()} ask for it
     * with {@link Property#REQUEST_RESPONSE_INFORMATION} and the server gives one.
     *
     * @param timeout until the response, over 0
     * @return completes with the response; fails with {@link RequestTimeoutException} if none comes, with
     *     {@link FilterRefusedException} if the server does not let the client have a response topic, and with the
     *     exceptions of {@link #publishAsync(Publish)}
     * @throws IllegalStateException before version 5
     */
    public CompletableFuture<Message> request(String topic, byte[] payload, QoS qos, Duration timeout) {
        return session.responses().request(TopicName.of(topic), ByteBuffer.wrap(payload), qos, timeout);
    }

    /**
     * Sends the response to a request: to its response topic, with its correlation data.
     *
     * @return as {@link #publishAsync(Publish)}
     * @throws IllegalArgumentException if the message asks for no response
     */
    public CompletableFuture<ReasonCode> respond(Message request, byte[] payload, QoS qos) {
        String topic = request.properties()
                .find(Property.RESPONSE_TOPIC)
                .orElseThrow(
                        () -> new IllegalArgumentException("no response topic in the message to " + request.topic()));
        Properties properties = request.properties()
                .find(Property.CORRELATION_DATA)
                .map(data -> Properties.of(Property.CORRELATION_DATA, data))
                .orElse(Properties.EMPTY);
        return publishAsync(message(topic, payload, qos).withProperties(properties));
    }

    /**
     * Subscribes; messages come to {@link ClientHandler#onMessage}. See {@link #subscribe(List, Properties)}.
     *
     * @return the granted QoS
     */
    public QoS subscribe(String filter, QoS qos) {
        return subscribe(List.of(subscription(filter, qos)), Properties.EMPTY).get(0);
    }

    /**
     * Subscribes with a callback of its own, under the rules of {@link ClientHandler}, which takes all messages that the
     * filter matches. A later subscription with the same filter replaces the callback if it has one; unsubscribing removes it.
     *
     * @return the granted QoS
     */
    public QoS subscribe(String filter, QoS qos, Consumer<Message> onMessage) {
        Promise<List<QoS>> promise = Promise.toWaitFor();
        session.requests()
                .subscribe(List.of(subscription(filter, qos)), Properties.EMPTY, Optional.of(onMessage), promise);
        return session.requests().await(promise).get(0);
    }

    /**
     * Subscribes, and waits for SUBACK (§3.8, §3.9).
     *
     * @param subscriptions at least one
     * @param properties    a subscription identifier and user properties; version 5 only
     * @return the granted QoS for each subscription, in their order
     * @throws FilterRefusedException if the server refused one, naming it
     * @throws NotConnectedException if there is no connection, or no more while this waits
     * @throws RequestTimeoutException if the server does not answer
     * @throws FlowControlException if this is called inside of a callback, and too much comes meanwhile; see above
     * @throws io.mqttx.packet.ProtocolException if the server does not take such a subscription
     */
    public List<QoS> subscribe(List<Subscription> subscriptions, Properties properties) {
        Promise<List<QoS>> promise = Promise.toWaitFor();
        session.requests().subscribe(List.copyOf(subscriptions), properties, Optional.empty(), promise);
        return session.requests().await(promise);
    }

    /** As {@link #subscribe(List, Properties)}, without waiting; the future fails with the same exceptions. */
    public CompletableFuture<List<QoS>> subscribeAsync(List<Subscription> subscriptions, Properties properties) {
        Promise<List<QoS>> promise = Promise.toGiveAway();
        session.requests().subscribe(List.copyOf(subscriptions), properties, Optional.empty(), promise);
        return promise.future();
    }

    /** As {@link #subscribe(String, QoS, Consumer)}, without waiting; the future fails with the same exceptions. */
    public CompletableFuture<QoS> subscribeAsync(String filter, QoS qos, Consumer<Message> onMessage) {
        Promise<List<QoS>> promise = Promise.toGiveAway();
        session.requests()
                .subscribe(List.of(subscription(filter, qos)), Properties.EMPTY, Optional.of(onMessage), promise);
        return promise.future().thenApply(granted -> granted.get(0));
    }

    /** Ends subscriptions. See {@link #unsubscribe(List, Properties)}. */
    public void unsubscribe(String... filters) {
        unsubscribe(List.of(filters).stream().map(TopicFilter::of).toList(), Properties.EMPTY);
    }

    /** The messages of a filter as a stream, with a buffer for 256. See {@link #stream(Subscription, int)}. */
    public Flow.Publisher<Message> stream(String filter, QoS qos) {
        return stream(subscription(filter, qos), 256);
    }

    /**
     * The messages of a filter as a stream under the rules of Reactive Streams. The first subscriber brings SUBSCRIBE
     * about, the last one that cancels UNSUBSCRIBE; each gets what comes from its own subscription on, and all streams
     * of a filter share the options of the first. Signals are callbacks, one at a time; a message is acknowledged
     * when every {@code onNext} has returned (or by {@link #acknowledge}), and a stream outlives its connections.
     *
     * <p>What a subscriber has not asked for waits in its buffer. When that is full, the client stops reading, and with
     * it all its callbacks and streams wait: nothing is dropped. What was read already comes on top, up to 1 MiB, and
     * what comes before an answer that somebody waits for, up to 16 MiB.
     *
     * <p>It completes when the client is closed, which drops what waits, when the filter is unsubscribed, and when a
     * callback takes its place; what waits is told before. Who cancels gives up what waits for it. It fails with {@link FilterRefusedException} if the server refuses it, now or after a
     * reconnection, and with {@link NotConnectedException} if there is no connection when it begins or the client gives up.
     *
     * @param buffer messages that may wait for each subscriber, 1 to 1,000,000
     */
    public Flow.Publisher<Message> stream(Subscription subscription, int buffer) {
        return session.streams().of(subscription, buffer);
    }

    /**
     * Ends subscriptions, and waits for UNSUBACK (§3.10, §3.11).
     *
     * @param filters    at least one
     * @param properties user properties; version 5 only
     * @return what the server said of each filter, in their order; before version 5 it says nothing but yes
     * @throws FilterRefusedException if the server refused one, naming it; else as {@link #subscribe(List, Properties)}
     */
    public List<ReasonCode> unsubscribe(List<TopicFilter> filters, Properties properties) {
        Promise<List<ReasonCode>> promise = Promise.toWaitFor();
        session.requests().unsubscribe(List.copyOf(filters), properties, promise);
        return session.requests().await(promise);
    }

    /** As {@link #unsubscribe(List, Properties)}, without waiting; the future fails with the same exceptions. */
    public CompletableFuture<List<ReasonCode>> unsubscribeAsync(List<TopicFilter> filters, Properties properties) {
        Promise<List<ReasonCode>> promise = Promise.toGiveAway();
        session.requests().unsubscribe(List.copyOf(filters), properties, promise);
        return promise.future();
    }

    /**
     * Acknowledges a message that came at QoS 1 or 2, where {@link ClientOptions#manualAcknowledgement()} is on. Answers
     * leave in the order of the messages [MQTT-4.6.0-2]: one that is missing holds back those behind it. Does nothing if
     * the message was acknowledged already, or its session has ended.
     */
    public void acknowledge(Message message) {
        session.deliveries().acknowledge(message);
    }

    /**
     * Proves once more who this client is (§4.12.1), as {@link ClientOptions#authenticator()} does, and goes on meanwhile.
     *
     * @return completes when the server has accepted; a server that does not accept disconnects
     * @throws IllegalStateException if there is no enhanced authentication
     */
    public CompletableFuture<Void> authenticateAgain() {
        Promise<Boolean> promise = Promise.toGiveAway();
        session.requests().authenticateAgain(promise);
        return promise.future().thenAccept(accepted -> {});
    }

    /** Disconnects for no special reason: the server forgets the will (§3.14). See {@link #disconnect(Disconnect)}. */
    public void disconnect() {
        disconnect(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
    }

    /**
     * Says goodbye and closes for good. Messages that came and were not told yet are not told any more, and not acknowledged;
     * a callback that runs goes on. Returns when the connection is closed; a server that does not close its side has a
     * second for it. A client without a connection stops trying.
     *
     * @param disconnect the reason and, in version 5, session expiry and user properties; before version 5 neither is
     *     sent
     * @throws io.mqttx.packet.ProtocolException if it is not for a client to say, or gives a session that was to end now
     *     a longer life
     */
    public void disconnect(Disconnect disconnect) {
        life.disconnect(disconnect);
    }

    /** The same as {@link #disconnect()}. */
    @Override
    public void close() {
        disconnect();
    }

    /** What this client has done since it was made, and how it stands. */
    public ClientCounters counters() {
        session.lock().lock();
        try {
            return session.counters();
        } finally {
            session.lock().unlock();
        }
    }

    /** Whether there is a connection now. */
    public boolean isConnected() {
        session.lock().lock();
        try {
            return session.loop().connection().isOpen();
        } finally {
            session.lock().unlock();
        }
    }

    /** Who this client is to the server: the configured client identifier, or the one that the server assigned. */
    public String clientId() {
        return life.clientId();
    }

    /** An alias means nothing to the next connection, and this may be sent there again. */
    private static void requireNoAlias(Publish message) {
        if (message.properties().has(Property.TOPIC_ALIAS)) {
            throw new IllegalArgumentException("topic aliases are set by the client, where the server takes them");
        }
    }

    private static Publish message(String topic, byte[] payload, QoS qos) {
        int anyPacketId = qos == QoS.AT_MOST_ONCE ? 0 : 1;
        return new Publish(qos, false, TopicName.of(topic), anyPacketId, ByteBuffer.wrap(payload));
    }

    private static Subscription subscription(String filter, QoS qos) {
        return new Subscription(TopicFilter.of(filter), qos);
    }
}

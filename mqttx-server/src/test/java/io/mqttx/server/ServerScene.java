package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.ClientHandler;
import io.mqttx.client.ClientOptions;
import io.mqttx.client.DisconnectReason;
import io.mqttx.client.Message;
import io.mqttx.client.MqttClient;
import io.mqttx.client.ReconnectOptions;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** One feature, one server, one version: clients that are closed in the end, with topics that nobody else uses. */
final class ServerScene implements AutoCloseable {
    private static final AtomicInteger SCENES = new AtomicInteger();
    private static final String END = "the end";

    final PeerServer server;
    final ProtocolVersion version;
    private final String name = "s" + ProcessHandle.current().pid() + "-" + SCENES.incrementAndGet();
    private final Duration patience;
    private final List<MqttClient> clients = new ArrayList<>();
    private final List<CuttingRelay> relays = new ArrayList<>();

    ServerScene(PeerServer server, ProtocolVersion version, Duration patience) {
        this.server = server;
        this.version = version;
        this.patience = patience;
    }

    /** What a client was told. */
    static final class Told implements ClientHandler {
        final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        final BlockingQueue<ConnAck> connected = new LinkedBlockingQueue<>();
        final BlockingQueue<DisconnectReason> disconnected = new LinkedBlockingQueue<>();
        final BlockingQueue<DisconnectReason> givenUp = new LinkedBlockingQueue<>();

        @Override
        public void onConnected(MqttClient client, ConnAck connAck) {
            connected.add(connAck);
        }

        @Override
        public void onMessage(MqttClient client, Message message) {
            messages.add(message);
        }

        @Override
        public void onDisconnected(MqttClient client, DisconnectReason reason) {
            disconnected.add(reason);
        }

        @Override
        public void onGivenUp(MqttClient client, DisconnectReason reason) {
            givenUp.add(reason);
        }
    }

    String topic(String rest) {
        return name + "/" + rest;
    }

    /** Options of a client that comes back at once. */
    ClientOptions.Builder options(String client) {
        return ClientOptions.builder()
                .host("localhost")
                .port(server.port("mqtt"))
                .version(version)
                .clientId(name + client)
                .keepAlive(PeerServer.MAX_KEEP_ALIVE)
                .requestTimeout(patience)
                .connectTimeout(patience)
                .reconnect(ReconnectOptions.builder()
                        .firstDelay(Duration.ofMillis(20))
                        .maxDelay(Duration.ofMillis(100))
                        .build());
    }

    /** The same for one whose session lasts. */
    ClientOptions.Builder lasting(String client, Properties properties) {
        ClientOptions.Builder options = options(client).cleanStart(false);
        return version.hasProperties()
                ? options.properties(properties.with(Property.SESSION_EXPIRY_INTERVAL, 60L))
                : options;
    }

    ClientOptions.Builder lasting(String client) {
        return lasting(client, Properties.EMPTY);
    }

    MqttClient connect(ClientOptions.Builder options, ClientHandler handler) {
        MqttClient client = MqttClient.connect(options.build(), handler);
        clients.add(client);
        return client;
    }

    MqttClient connect(String client) {
        return connect(options(client), new Told());
    }

    MqttClient start(ClientOptions.Builder options, ClientHandler handler) {
        MqttClient client = MqttClient.start(options.build(), handler);
        clients.add(client);
        return client;
    }

    CuttingRelay relay() throws IOException {
        CuttingRelay relay = new CuttingRelay(server.port("mqtt"));
        relays.add(relay);
        return relay;
    }

    <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        assertTrue(next != null, "something comes within " + patience);
        return next;
    }

    void await(List<CompletableFuture<ReasonCode>> answers) throws Exception {
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .get(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The texts of the next messages. */
    List<String> texts(BlockingQueue<Message> queue, int count) throws InterruptedException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            texts.add(next(queue).text());
        }
        return texts;
    }

    /** Nothing has come but these, when what is published now comes. */
    void assertNothingBut(List<String> expected, BlockingQueue<Message> queue, MqttClient publisher, String topic)
            throws InterruptedException {
        assertEquals(expected, textsUntilEnd(queue, publisher, topic));
    }

    /** What comes before that which is published now. */
    List<String> textsUntilEnd(BlockingQueue<Message> queue, MqttClient publisher, String topic)
            throws InterruptedException {
        CompletableFuture<ReasonCode> ignored =
                publisher.publishAsync(topic, END.getBytes(StandardCharsets.UTF_8), QoS.AT_LEAST_ONCE);
        List<String> texts = new ArrayList<>();
        for (String text = next(queue).text();
                !text.equals(END);
                text = next(queue).text()) {
            texts.add(text);
        }
        return texts;
    }

    static Publish message(String topic, String payload, QoS qos, boolean retain, Properties properties) {
        return new Publish(
                        qos,
                        retain,
                        TopicName.of(topic),
                        qos == QoS.AT_MOST_ONCE ? 0 : 1,
                        ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)))
                .withProperties(properties);
    }

    static Publish message(String topic, String payload, QoS qos) {
        return message(topic, payload, qos, false, Properties.EMPTY);
    }

    @Override
    public void close() throws IOException {
        clients.forEach(MqttClient::close);
        for (CuttingRelay relay : relays) {
            relay.close();
        }
    }
}

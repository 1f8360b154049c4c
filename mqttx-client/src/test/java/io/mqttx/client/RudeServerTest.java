package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that breaks the protocol: the client says why, closes, tells its application in a typed way, and leaves no
 * thread and no stack trace behind. WebSocket, TLS and proxies have such tests of their own, beside their links.
 */
@Timeout(60)
class RudeServerTest {
    private final List<LogRecord> log = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("io.mqttx.client");
    private final Handler recorder = new Handler() {
        @Override
        public void publish(LogRecord line) {
            log.add(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };
    private final Ends ends = new Ends();
    private ScriptedServer server;

    /** Remembers how connections ended, and what came. */
    private static final class Ends implements ClientHandler {
        final LinkedBlockingQueue<DisconnectReason> reasons = new LinkedBlockingQueue<>();
        final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();

        @Override
        public void onMessage(MqttClient client, Message message) {
            messages.add(message);
        }

        @Override
        public void onDisconnected(MqttClient client, DisconnectReason reason) {
            reasons.add(reason);
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = new ScriptedServer();
        logger.addHandler(recorder);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (hasThreads()) {
            assertTrue(System.nanoTime() < deadline, "no thread of the client is left");
            TimeUnit.MILLISECONDS.sleep(5); // asks again: nobody tells when a thread has ended
        }
        logger.removeHandler(recorder);
        assertTrue(log.size() <= 1, "at most one line for the log");
        log.forEach(line -> assertEquals(null, line.getThrown(), "a stack trace for what a stranger did"));
    }

    private static boolean hasThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("mqttx-test-"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "second CONNACK|20 03 00 00 00|PROTOCOL_ERROR",
                "CONNECT|10 0d 0004 4d515454 05 02 0000 00 0000|PROTOCOL_ERROR",
                "SUBSCRIBE|82 07 0001 00 0001 61 00|PROTOCOL_ERROR",
                "UNSUBSCRIBE|a2 06 0001 00 0001 61|PROTOCOL_ERROR",
                "PINGREQ|c0 00|PROTOCOL_ERROR",
                "PUBLISH with identifier 0|32 06 0001 61 0000 00|MALFORMED_PACKET",
                "PUBLISH with QoS 3|36 06 0001 61 0001 00|MALFORMED_PACKET",
                "PUBLISH with DUP at QoS 0|38 04 0001 61 00|MALFORMED_PACKET",
                "PUBLISH to a wildcard|30 04 0001 2b 00|TOPIC_NAME_INVALID",
                "PUBLISH to nowhere|30 03 0000 00|PROTOCOL_ERROR",
                "PUBLISH with an alias that has no topic|30 06 0000 03 23 0003|PROTOCOL_ERROR",
                "PUBLISH with alias 0|30 07 0001 61 03 23 0000|TOPIC_ALIAS_INVALID",
                "PUBLISH with an alias over the maximum|30 07 0001 61 03 23 0006|TOPIC_ALIAS_INVALID",
                "PUBLISH with subscription identifier 0|30 06 0001 61 02 0b 00|PROTOCOL_ERROR",
                "PUBLISH with a property twice|30 08 0001 61 04 01 00 01 00|PROTOCOL_ERROR",
                "PUBLISH with a property of CONNECT|30 07 0001 61 03 21 0001|MALFORMED_PACKET",
                "PUBLISH with a property that nobody knows|30 06 0001 61 02 7f 00|MALFORMED_PACKET",
                "PUBLISH with properties longer than itself|30 04 0001 61 09|MALFORMED_PACKET",
                "PUBLISH to what is no UTF-8|30 04 0001 ff 00|MALFORMED_PACKET",
                "PUBLISH to U+0000|30 04 0001 00 00|MALFORMED_PACKET",
                "PUBLISH with a topic longer than itself|30 03 0009 61|MALFORMED_PACKET",
                "PUBLISH beyond the largest packet|30 80 80 80 01|PACKET_TOO_LARGE",
                "a length of five bytes|30 ff ff ff ff 01|MALFORMED_PACKET",
                "a length with a zero too much|d0 80 00|MALFORMED_PACKET",
                "PUBACK with flags|42 02 0001|MALFORMED_PACKET",
                "PUBACK with identifier 0|40 02 0000|MALFORMED_PACKET",
                "PUBACK with a reason of others|40 03 0001 04|MALFORMED_PACKET",
                "PUBREL without its flag|60 02 0001|MALFORMED_PACKET",
                "SUBACK without codes|90 03 0001 00|PROTOCOL_ERROR",
                "PINGRESP with a body|d0 01 00|MALFORMED_PACKET",
                "DISCONNECT with a reason of clients|e0 01 04|PROTOCOL_ERROR",
                "AUTH that nobody asked for|f0 02 18 00|PROTOCOL_ERROR",
                "a type that is not there|00 00|MALFORMED_PACKET",
                "HTTP|485454502f312e3120343030|MALFORMED_PACKET",
                "what follows good packets|d0 00 d0 00 36 06 0001 61 0001 00|MALFORMED_PACKET",
            })
    @Statement({"MQTT-3.3.1-2", "MQTT-3.3.1-4", "MQTT-3.3.2-2", "MQTT-3.3.2-8", "MQTT-3.4.2-1"})
    void whatBreaksTheProtocolEndsTheConnectionWithItsReason(String name, String hex, ReasonCode code)
            throws Exception {
        MqttClient client = MqttClient.connect(
                server.options()
                        .properties(Properties.of(Property.TOPIC_ALIAS_MAXIMUM, 5))
                        .build(),
                ends);

        server.sendHex(hex);

        DisconnectReason reason = nextEnd();
        assertEquals(Cause.PROTOCOL_ERROR + " " + code, reason.cause() + " " + reason.code(), reason::toString);
        assertEquals(code, server.next(Disconnect.class).reason());
        server.awaitEnd();
        assertThrows(NotConnectedException.class, () -> client.publish("a", "b"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "20 02 00 00", // second CONNACK
                "c0 00", // for clients to send
                "32 05 0001 61 0000", // identifier 0
                "36 05 0001 61 0001", // QoS 3
                "30 03 0001 2b", // wildcard
                "30 02 0000", // no topic
                "90 03 0001 05", // no such code
                "f0 00", // no AUTH in 3.1.1
                "e0 00", // no DISCONNECT by servers
            })
    @Statement(value = "MQTT-4.8.0-1", version = Version.V3_1_1)
    void olderVersionsCloseWithoutAWord(String hex) throws Exception {
        MqttClient.connect(server.options().version(ProtocolVersion.V3_1_1).build(), ends);

        server.sendHex(hex);

        assertEquals(Cause.PROTOCOL_ERROR, nextEnd().cause());
        server.awaitEnd();
        assertTrue(server.rest().stream().noneMatch(packet -> packet.type() == PacketType.DISCONNECT));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "another packet|30 04 0001 61 00|PROTOCOL_ERROR|PROTOCOL_ERROR",
                "DISCONNECT|e0 00|PROTOCOL_ERROR|PROTOCOL_ERROR",
                "flags nobody knows|20 03 02 00 00|PROTOCOL_ERROR|MALFORMED_PACKET",
                "session present for a clean start|20 03 01 00 00|PROTOCOL_ERROR|PROTOCOL_ERROR",
                "session present with a refusal|20 03 01 87 00|PROTOCOL_ERROR|PROTOCOL_ERROR",
                "a reason that is none|20 03 00 05 00|PROTOCOL_ERROR|MALFORMED_PACKET",
                "receive maximum 0|20 06 00 00 03 21 0000|PROTOCOL_ERROR|PROTOCOL_ERROR",
                "maximum QoS 2|20 05 00 00 02 24 02|PROTOCOL_ERROR|PROTOCOL_ERROR",
                "3.1.1 in version 5|20 02 00 00|PROTOCOL_ERROR|MALFORMED_PACKET",
                "too large|20 ff ff ff 7f|PROTOCOL_ERROR|PACKET_TOO_LARGE",
                "AUTH that nobody began|f0 02 18 00|PROTOCOL_ERROR|PROTOCOL_ERROR",
                "HTTP|485454502f312e3120343030|PROTOCOL_ERROR|MALFORMED_PACKET",
            })
    @Statement("MQTT-3.2.2-4")
    void whatIsNoConnackFailsTheConnection(String name, String hex, Cause cause, ReasonCode code) throws Exception {
        server.on(PacketType.CONNECT);
        CompletableFuture<MqttClient> connected =
                MqttClient.connectAsync(server.options().build(), ends);
        server.next(io.mqttx.packet.Connect.class);

        server.sendHex(hex);

        DisconnectReason reason = failure(connected);
        assertEquals(cause + " " + code, reason.cause() + " " + reason.code(), reason::toString);
        server.awaitEnd();
    }

    @Test
    void aConnackInSingleBytesIsOne() throws Exception {
        server.on(PacketType.CONNECT);
        CompletableFuture<MqttClient> connected =
                MqttClient.connectAsync(server.options().build(), ends);
        server.next(io.mqttx.packet.Connect.class);

        server.sendBytes(0x20, 0x06, 0, 0, 3, 0x21, 0, 9);

        connected.get(20, TimeUnit.SECONDS).close();
        assertEquals(Cause.CLOSED_BY_CLIENT, nextEnd().cause());
    }

    @Test
    void aConnackThatNeverEndsIsGivenUp() throws Exception {
        server.on(PacketType.CONNECT);
        CompletableFuture<MqttClient> connected = MqttClient.connectAsync(
                server.options().connectTimeout(Duration.ofMillis(500)).build(), ends);
        server.next(io.mqttx.packet.Connect.class);

        server.sendBytes(0x20, 0x06, 0);

        assertEquals(Cause.CONNECT_TIMEOUT, failure(connected).cause());
        server.awaitEnd();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20 06 00"})
    void aServerThatHangsUpInsteadOfConnackIsNamed(String hex) throws Exception {
        server.on(PacketType.CONNECT);
        CompletableFuture<MqttClient> connected =
                MqttClient.connectAsync(server.options().build(), ends);
        server.next(io.mqttx.packet.Connect.class);

        server.sendHex(hex);
        server.hangUp();

        assertEquals(Cause.CLOSED_BY_SERVER, failure(connected).cause());
    }

    @Test
    void aConnectionThatIsClosedInTheMiddleOfAPacketOrResetIsTold() throws Exception {
        MqttClient.connect(server.options().build(), ends);
        server.sendHex("30 09 0001");
        server.hangUp();
        assertEquals(Cause.CLOSED_BY_SERVER, nextEnd().cause());

        MqttClient.connect(server.options().build(), ends);
        server.sendHex("30 09 0001");
        server.reset();
        assertEquals(Cause.IO_ERROR, nextEnd().cause());
    }

    @Test
    @Statement({"MQTT-3.3.4-7", "MQTT-3.3.4-9"})
    void messagesOverTheReceiveMaximumEndTheConnection() throws Exception {
        MqttClient.connect(
                server.options()
                        .manualAcknowledgement(true)
                        .properties(Properties.of(Property.RECEIVE_MAXIMUM, 2))
                        .build(),
                ends);

        server.sendHex("32 06 0001 61 0001 00 34 06 0001 61 0002 00 32 06 0001 61 0003 00");

        assertEquals(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED, nextEnd().code());
        assertEquals(
                ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                server.next(Disconnect.class).reason());
        server.awaitEnd();
    }

    @Test
    void answersToNothingDoNotBreakAnything() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build(), ends)) {
            server.sendHex("50 02 0009");
            assertEquals(
                    new PubRel(9, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, Properties.EMPTY), server.next(PubRel.class));
            server.sendHex("62 02 0009");
            assertEquals(
                    new PubComp(9, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND, Properties.EMPTY),
                    server.next(PubComp.class));
            server.sendHex("40 02 0009 70 02 0009 90 04 0009 00 00 b0 04 0009 00 00" + "d0 00".repeat(1000));

            assertEquals(QoS.AT_LEAST_ONCE, client.subscribe("a", QoS.AT_LEAST_ONCE));
            assertTrue(ends.reasons.isEmpty());
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "SUBACK with too few codes|90 04 0001 00 00",
                "SUBACK with too many codes|90 06 0001 00 00 00 00",
                "SUBACK with a code that is none|90 05 0001 00 03 00",
                "UNSUBACK instead|b0 05 0001 00 00 00",
            })
    void wrongAnswersToSubscribeEndTheConnection(String name, String hex) throws Exception {
        server.on(PacketType.SUBSCRIBE);
        MqttClient client = MqttClient.connect(server.options().build(), ends);
        CompletableFuture<List<QoS>> answer = client.subscribeAsync(
                List.of(
                        new io.mqttx.packet.Subscription(io.mqttx.topic.TopicFilter.of("a"), QoS.AT_MOST_ONCE),
                        new io.mqttx.packet.Subscription(io.mqttx.topic.TopicFilter.of("b"), QoS.AT_MOST_ONCE)),
                Properties.EMPTY);
        server.next(io.mqttx.packet.Subscribe.class);

        server.sendHex(hex);

        ExecutionException failed = assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        NotConnectedException why = assertInstanceOf(NotConnectedException.class, failed.getCause());
        assertEquals(Cause.PROTOCOL_ERROR, why.reason().cause(), why.reason()::toString);
        assertEquals(why.reason().code(), server.next(Disconnect.class).reason());
        server.awaitEnd();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "UNSUBACK with too few codes|b0 04 0001 00 00",
                "UNSUBACK with too many codes|b0 06 0001 00 00 00 00",
                "UNSUBACK with a code that is none|b0 05 0001 00 01 00",
                "SUBACK instead|90 05 0001 00 00 00",
            })
    void wrongAnswersToUnsubscribeEndTheConnection(String name, String hex) throws Exception {
        server.on(PacketType.UNSUBSCRIBE);
        MqttClient client = MqttClient.connect(server.options().build(), ends);
        CompletableFuture<List<ReasonCode>> answer = client.unsubscribeAsync(
                List.of(io.mqttx.topic.TopicFilter.of("a"), io.mqttx.topic.TopicFilter.of("b")), Properties.EMPTY);
        server.next(io.mqttx.packet.Unsubscribe.class);

        server.sendHex(hex);

        assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        DisconnectReason reason = nextEnd();
        assertEquals(Cause.PROTOCOL_ERROR, reason.cause());
        assertEquals(reason.code(), server.next(Disconnect.class).reason());
        server.awaitEnd();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "QoS 1 answered as QoS 2|AT_LEAST_ONCE|50 02 0001",
                "QoS 1 answered by PUBCOMP|AT_LEAST_ONCE|70 02 0001",
                "QoS 2 answered as QoS 1|EXACTLY_ONCE|40 02 0001",
                "QoS 2 answered by PUBCOMP at once|EXACTLY_ONCE|70 02 0001",
            })
    void wrongAnswersToPublishEndTheConnection(String name, QoS qos, String hex) throws Exception {
        server.on(PacketType.PUBLISH);
        MqttClient client = MqttClient.connect(server.options().build(), ends);
        CompletableFuture<ReasonCode> answer = client.publishAsync("a", new byte[1], qos);
        server.next(io.mqttx.packet.Publish.class);

        server.sendHex(hex);

        assertThrows(ExecutionException.class, () -> answer.get(20, TimeUnit.SECONDS));
        DisconnectReason reason = nextEnd();
        assertEquals(Cause.PROTOCOL_ERROR + " " + ReasonCode.PROTOCOL_ERROR, reason.cause() + " " + reason.code());
        server.awaitEnd();
    }

    @Test
    void messagesWithoutEndAreTakenOrKeepTheServerWaitingButDoNotFillTheMemory() throws Exception {
        MqttClient client = MqttClient.connect(server.options().build(), ends);
        Thread flood = new Thread(() -> {
            String message = "30 82 80 01 0001 61 00" + "00".repeat(16382);
            for (int i = 0; i < 3000; i++) {
                server.sendHex(message);
            }
        });
        flood.setDaemon(true);
        flood.start();
        for (int i = 0; i < 3000; i++) {
            assertEquals(16382, ends.messages.poll(20, TimeUnit.SECONDS).bytes().length);
        }
        client.close();
        assertEquals(Cause.CLOSED_BY_CLIENT, nextEnd().cause());
    }

    private DisconnectReason nextEnd() throws InterruptedException {
        DisconnectReason reason = ends.reasons.poll(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(reason != null, "the connection ends");
        return reason;
    }

    private static DisconnectReason failure(CompletableFuture<MqttClient> connected) {
        ExecutionException failed = assertThrows(ExecutionException.class, () -> connected.get(20, TimeUnit.SECONDS));
        return assertInstanceOf(ConnectFailedException.class, failed.getCause()).reason();
    }
}

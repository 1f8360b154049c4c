package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests and their responses (§4.10). */
@Timeout(60)
class RequestTest {
    private static final byte[] HI = {'h', 'i'};
    private static final Duration LONG = Duration.ofSeconds(20);

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    private static Publish response(Publish request, String payload) {
        String topic = request.properties().find(Property.RESPONSE_TOPIC).orElseThrow();
        return ScriptedServer.message(topic, payload, QoS.AT_MOST_ONCE, 0)
                .withProperties(Properties.of(
                        Property.CORRELATION_DATA,
                        request.properties().find(Property.CORRELATION_DATA).orElseThrow()));
    }

    @Test
    void responsesFindTheirRequestsInAnyOrderOverOneSubscription() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            // given
            List<CompletableFuture<Message>> responses = new ArrayList<>();
            List<Publish> requests = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                responses.add(client.request("ask/" + i, HI, QoS.AT_MOST_ONCE, LONG));
                requests.add(server.next(Publish.class));
            }

            // when
            for (int i = 2; i >= 0; i--) {
                Publish request = requests.get(i);
                server.send(response(request, "answer to " + request.topic()));
            }

            // then
            for (int i = 0; i < 3; i++) {
                assertEquals("answer to ask/" + i, responses.get(i).get().text());
            }
            assertEquals(
                    1,
                    requests.stream()
                            .map(request -> request.properties().find(Property.RESPONSE_TOPIC))
                            .distinct()
                            .count());
        }
    }

    @Test
    void aRequestWithoutResponseTimesOut() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            CompletableFuture<Message> response = client.request("ask", HI, QoS.AT_LEAST_ONCE, Duration.ofMillis(50));

            assertInstanceOf(
                    RequestTimeoutException.class,
                    assertThrows(CompletionException.class, response::join).getCause());
        }
    }

    @Test
    void aRefusedResponseTopicFailsTheRequestAndTheNextOneAsksAgain() throws Exception {
        server.on(
                PacketType.SUBSCRIBE,
                packet -> List.<Packet>of(
                        new SubAck(((Subscribe) packet).packetId(), List.of(ReasonCode.NOT_AUTHORIZED))));
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            CompletableFuture<Message> refused = client.request("ask", HI, QoS.AT_LEAST_ONCE, LONG);
            assertInstanceOf(
                    FilterRefusedException.class,
                    assertThrows(CompletionException.class, refused::join).getCause());

            server.on(PacketType.SUBSCRIBE, server::honestly);
            CompletableFuture<Message> response = client.request("ask", HI, QoS.AT_LEAST_ONCE, LONG);
            server.send(response(server.next(Publish.class), "yes"));

            assertEquals("yes", response.get().text());
        }
    }

    @Test
    void aResponderAnswersWithTheCorrelationOfTheRequest() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            client.subscribe(
                    "ask",
                    QoS.AT_MOST_ONCE,
                    message -> client.respond(message, HI, QoS.AT_MOST_ONCE).join());
            Properties asked = Properties.of(Property.RESPONSE_TOPIC, "answers")
                    .with(Property.CORRELATION_DATA, java.nio.ByteBuffer.wrap(new byte[] {7}));

            server.send(ScriptedServer.message("ask", "?", QoS.AT_MOST_ONCE, 0).withProperties(asked));

            Publish response = server.next(Publish.class);
            assertEquals("answers", response.topic().text());
            assertEquals(
                    asked.find(Property.CORRELATION_DATA), response.properties().find(Property.CORRELATION_DATA));
        }
    }

    @Test
    void aCallbackMayWaitForAResponseBehindMoreThanWhatIsHeldOtherwise() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        try (MqttClient client = MqttClient.connect(server.options().build(), new ClientHandler() {
            @Override
            public void onMessage(MqttClient client, Message message) {
                if (!answer.isDone()) {
                    answer.complete(client.request("ask", HI, QoS.AT_MOST_ONCE, LONG)
                            .join()
                            .text());
                }
            }
        })) {
            server.send(ScriptedServer.message("go", "", QoS.AT_MOST_ONCE, 0));
            Publish request = server.next(Publish.class);

            for (int i = 0; i < 40; i++) { // 4 MB
                server.send(ScriptedServer.message("more", "x".repeat(100_000), QoS.AT_MOST_ONCE, 0));
            }
            server.send(response(request, "yes"));

            assertEquals("yes", answer.get());
            assertTrue(client.isConnected());
        }
    }

    @Test
    void aRequestFailsWhenTheClientIsClosed() throws Exception {
        CompletableFuture<Message> response;
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            response = client.request("ask", HI, QoS.AT_MOST_ONCE, LONG);
            server.next(Publish.class);
        }

        assertInstanceOf(
                NotConnectedException.class,
                assertThrows(CompletionException.class, response::join).getCause());
    }

    @Test
    void responsesAreAcknowledgedAlsoWhereTheApplicationAcknowledges() throws Exception {
        try (MqttClient client =
                MqttClient.connect(server.options().manualAcknowledgement(true).build())) {
            CompletableFuture<Message> response = client.request("ask", HI, QoS.AT_MOST_ONCE, LONG);
            Publish request = server.next(Publish.class);

            server.send(response(request, "yes").with(QoS.AT_LEAST_ONCE, 7));
            server.send(response(request, "late").with(QoS.AT_LEAST_ONCE, 8));

            assertEquals("yes", response.get().text());
            assertEquals(7, server.next(PubAck.class).packetId());
            assertEquals(8, server.next(PubAck.class).packetId());
        }
    }

    @Test
    void requestsCameWithVersion5() {
        try (MqttClient client = MqttClient.connect(
                server.options().version(ProtocolVersion.V3_1_1).build())) {
            assertThrows(IllegalStateException.class, () -> client.request("a", HI, QoS.AT_MOST_ONCE, LONG));
        }
    }

    private String responseTopicWith(String information) throws Exception {
        server.on(
                PacketType.CONNECT, ScriptedServer.accepted(Properties.of(Property.RESPONSE_INFORMATION, information)));
        ClientOptions options = server.options()
                .properties(Properties.of(Property.REQUEST_RESPONSE_INFORMATION, true))
                .build();
        try (MqttClient client = MqttClient.connect(options)) {
            CompletableFuture<Message> ignored = client.request("q", HI, QoS.AT_MOST_ONCE, LONG);
            String subscribed =
                    server.next(Subscribe.class).subscriptions().get(0).filter().text();
            String asked = server.next(Publish.class)
                    .properties()
                    .find(Property.RESPONSE_TOPIC)
                    .orElseThrow();
            assertEquals(subscribed, asked);
            return asked;
        }
    }

    @Test
    void responsesGoBelowTheTopicThatTheServerNames() throws Exception {
        assertTrue(responseTopicWith("clients/7").matches("clients/7/[0-9a-f]{24}"));
        assertTrue(responseTopicWith("clients/7/").matches("clients/7/[0-9a-f]{24}"));
    }

    @Test
    void responseInformationThatIsNoTopicIsLeftAside() throws Exception {
        assertTrue(responseTopicWith("clients/#").matches("mqttx/response/[0-9a-f]{24}"));
    }
}

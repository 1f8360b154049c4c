package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client does when its connection is lost. */
@Timeout(60)
class ReconnectTest {
    private static final byte[] HI = {'h', 'i'};
    private static final Properties LONG_SESSION = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L);
    private static final ReconnectOptions SOON = soon().build();

    private final RecordingHandler handler = new RecordingHandler() {
        @Override
        public void onSubscriptionLost(MqttClient client, String filter, ReasonCode reason) {
            add(filter + " lost " + reason);
        }

        @Override
        public void onReconnecting(MqttClient client, DisconnectReason reason, Duration delay) {
            assertTrue(delay.compareTo(Duration.ofMillis(20)) <= 0);
            add("reconnecting");
        }

        @Override
        public void onGivenUp(MqttClient client, DisconnectReason reason) {
            add("given up " + reason.code());
        }
    };

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    private static ReconnectOptions.Builder soon() {
        return ReconnectOptions.builder().firstDelay(Duration.ofMillis(5)).maxDelay(Duration.ofMillis(20));
    }

    private MqttClient connect(Properties properties) throws InterruptedException {
        MqttClient client = MqttClient.connect(
                server.options().reconnect(SOON).properties(properties).build(), handler);
        assertEquals("connected", handler.next());
        server.next(Connect.class);
        return client;
    }

    private void expectReconnection() throws InterruptedException {
        String event = handler.next();
        assertTrue(event.startsWith("disconnected"), event);
        assertEquals("reconnecting", handler.next());
        event = handler.next();
        while (event.equals("reconnecting")) { // the scripted server may still be busy with the old connection
            event = handler.next();
        }
        assertEquals("connected", event);
    }

    private void serverHasTheSessionFromNowOn() {
        server.on(
                PacketType.CONNECT,
                packet -> List.of(new ConnAck(!((Connect) packet).cleanStart(), ReasonCode.SUCCESS)));
    }

    @Test
    void aLostConnectionComesBackAndIsTold() throws Exception {
        try (MqttClient client = connect(Properties.EMPTY)) {
            server.hangUp();

            expectReconnection();
            assertTrue(client.isConnected());
            assertTrue(server.next(Connect.class).cleanStart());
            client.publish("a", HI, QoS.AT_LEAST_ONCE);
            server.next(Publish.class);
        }
        assertEquals("disconnected CLOSED_BY_CLIENT", handler.next());
        assertTrue(handler.isQuiet());
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.6.0-1"})
    void withTheSessionWhatIsInFlightIsSentAgainInOrderAndItsFuturesGoOn() throws Exception {
        // given
        serverHasTheSessionFromNowOn();
        server.on(PacketType.PUBLISH).on(PacketType.PUBREL);
        try (MqttClient client = connect(LONG_SESSION)) {
            List<CompletableFuture<ReasonCode>> futures = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                futures.add(client.publishAsync("t/" + i, HI, i == 1 ? QoS.EXACTLY_ONCE : QoS.AT_LEAST_ONCE));
                server.next(Publish.class);
            }

            // when
            server.hangUp();
            expectReconnection();

            // then
            assertFalse(server.next(Connect.class).cleanStart());
            server.on(PacketType.PUBREL, server::honestly);
            for (int i = 0; i < 3; i++) {
                Publish again = server.next(Publish.class);
                assertEquals("t/" + i, again.topic().text());
                assertEquals(i + 1, again.packetId());
                assertTrue(again.dup());
                assertFalse(futures.get(i).isDone());
                server.send(server.honestly(again).get(0));
            }
            for (CompletableFuture<ReasonCode> future : futures) {
                assertEquals(ReasonCode.SUCCESS, future.get());
            }
        }
    }

    @Test
    @Statement({"MQTT-4.4.0-1"})
    @Statement(value = "MQTT-4.4.0-1", version = Version.V3_1_1)
    void aReleaseIsSentAgainWhenPubcompDidNotCome() throws Exception {
        // given
        serverHasTheSessionFromNowOn();
        server.on(PacketType.PUBREL);
        try (MqttClient client = MqttClient.connect(
                server.options()
                        .reconnect(SOON)
                        .version(ProtocolVersion.V3_1_1)
                        .cleanStart(false)
                        .build(),
                handler)) {
            assertEquals("connected", handler.next());
            CompletableFuture<ReasonCode> future = client.publishAsync("a", HI, QoS.EXACTLY_ONCE);
            server.next(PubRel.class);

            // when
            server.on(PacketType.PUBREL, server::honestly);
            server.hangUp();

            // then
            assertEquals(1, server.next(PubRel.class).packetId());
            assertEquals(ReasonCode.SUCCESS, future.get());
        }
    }

    @Test
    @Statement("MQTT-3.2.2-15")
    void aMessageThatIsTooLargeForTheNextConnectionIsGivenUp() throws Exception {
        // given
        server.on(PacketType.PUBLISH);
        try (MqttClient client = connect(LONG_SESSION)) {
            CompletableFuture<ReasonCode> large = client.publishAsync("a", new byte[200], QoS.AT_LEAST_ONCE);
            CompletableFuture<ReasonCode> small = client.publishAsync("b", HI, QoS.AT_LEAST_ONCE);
            server.next(Publish.class);
            server.next(Publish.class);

            // when
            server.on(PacketType.PUBLISH, server::honestly);
            server.on(
                    PacketType.CONNECT,
                    new ConnAck(true, ReasonCode.SUCCESS, Properties.of(Property.MAXIMUM_PACKET_SIZE, 100L)));
            server.hangUp();

            // then
            assertEquals(ReasonCode.SUCCESS, small.get());
            PublishRefusedException error = assertInstanceOf(
                    PublishRefusedException.class,
                    assertThrows(CompletionException.class, large::join).getCause());
            assertEquals(ReasonCode.PACKET_TOO_LARGE, error.code());
            assertEquals("b", server.next(Publish.class).topic().text());
        }
    }

    @Test
    @Statement("MQTT-3.2.2-5")
    void whenTheServerHasLostTheSessionWhatWasInFlightFailsAndSubscriptionsAreMadeAnew() throws Exception {
        // given a server that never has the session
        server.on(PacketType.PUBLISH);
        try (MqttClient client = connect(LONG_SESSION)) {
            client.subscribe("a/#", QoS.AT_LEAST_ONCE, message -> handler.add("callback " + message.text()));
            client.subscribe("b", QoS.EXACTLY_ONCE);
            client.subscribe("gone", QoS.EXACTLY_ONCE);
            client.unsubscribe("gone");
            CompletableFuture<ReasonCode> future = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);
            server.next(Publish.class);

            // when
            server.hangUp();
            expectReconnection();

            // then
            CompletionException error = assertThrows(CompletionException.class, future::join);
            assertInstanceOf(NotConnectedException.class, error.getCause());
            Subscribe again = server.next(Subscribe.class);
            assertEquals(
                    List.of("a/#", "b"),
                    again.subscriptions().stream()
                            .map(subscription -> subscription.filter().text())
                            .toList());
            server.send(ScriptedServer.message("a/1", "x", QoS.AT_MOST_ONCE, 0));
            assertEquals("callback x", handler.next());
        }
    }

    @Test
    void aSessionThatEndsWithTheConnectionFailsItsFuturesAtOnce() throws Exception {
        server.on(PacketType.PUBLISH);
        MqttClient client = MqttClient.connect(server.options()
                .reconnect(ReconnectOptions.builder()
                        .firstDelay(Duration.ofDays(1))
                        .maxDelay(Duration.ofDays(1))
                        .build())
                .build());
        CompletableFuture<ReasonCode> future = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);
        server.next(Publish.class);

        server.hangUp();

        assertInstanceOf(
                NotConnectedException.class,
                assertThrows(CompletionException.class, future::join).getCause());
        assertThrows(NotConnectedException.class, () -> client.subscribe("a", QoS.AT_MOST_ONCE));
        assertThrows(NotConnectedException.class, () -> client.publish("a", "b"));
        client.close();
    }

    @Test
    void subscriptionsAreMadeAnewInBatchesAndRefusedOnesAreTold() throws Exception {
        // given
        try (MqttClient client = connect(Properties.EMPTY)) {
            List<Subscription> many = IntStream.range(0, 150)
                    .mapToObj(i -> new Subscription(TopicFilter.of("f/" + i), QoS.AT_MOST_ONCE))
                    .toList();
            client.subscribe(many, Properties.EMPTY);
            server.next(Subscribe.class);

            // when
            server.on(PacketType.SUBSCRIBE, packet -> {
                Subscribe subscribe = (Subscribe) packet;
                return List.of(new SubAck(
                        subscribe.packetId(),
                        subscribe.subscriptions().stream()
                                .map(wanted -> wanted.filter().text().equals("f/77")
                                        ? ReasonCode.NOT_AUTHORIZED
                                        : ReasonCode.GRANTED_QOS_0)
                                .toList()));
            });
            server.hangUp();
            expectReconnection();

            // then
            assertEquals(100, server.next(Subscribe.class).subscriptions().size());
            assertEquals(50, server.next(Subscribe.class).subscriptions().size());
            assertEquals("f/77 lost NOT_AUTHORIZED", handler.next());

            // when
            server.hangUp();
            expectReconnection();

            // then
            assertEquals(100, server.next(Subscribe.class).subscriptions().size());
            assertEquals(49, server.next(Subscribe.class).subscriptions().size());
        }
    }

    @Test
    void withTheSessionSubscriptionsAreNotMadeAnew() throws Exception {
        serverHasTheSessionFromNowOn();
        try (MqttClient client = connect(LONG_SESSION)) {
            client.subscribe("a", QoS.AT_MOST_ONCE);
            server.next(Subscribe.class);

            server.hangUp();
            expectReconnection();
            client.publish("round trip", HI, QoS.AT_LEAST_ONCE);

            server.next(Connect.class);
            assertInstanceOf(Publish.class, server.next(Packet.class));
        }
    }

    @Test
    @Statement({"MQTT-4.3.2-4", "MQTT-4.3.3-10"})
    void aMessageThatIsBeingToldWhenTheConnectionBreaksIsToldOnceAndAcknowledgedOnTheNext() throws Exception {
        // given
        serverHasTheSessionFromNowOn();
        CompletableFuture<Boolean> go = new CompletableFuture<>();
        try (MqttClient client = connect(LONG_SESSION)) {
            client.subscribe("a", QoS.AT_LEAST_ONCE, message -> {
                handler.add("told");
                go.join();
            });
            server.send(ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, 5));
            assertEquals("told", handler.next());

            // when
            server.hangUp();
            server.next(Connect.class);
            while (!client.isConnected()) {
                Thread.onSpinWait(); // CONNACK goes first
            }
            server.send(ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, 5).again());
            go.complete(true);

            // then
            assertEquals(5, server.next(PubAck.class).packetId());
            expectReconnection();
            assertTrue(handler.isQuiet());
        }
    }

    @Test
    void aClientThatWasStartedWaitsForItsServer() throws Exception {
        // given nobody there
        ClientOptions options = server.options().reconnect(SOON).build();
        server.close();

        // when
        MqttClient client = MqttClient.start(options, handler);

        // then
        assertEquals("reconnecting", handler.next());
        assertEquals("reconnecting", handler.next());
        assertFalse(client.isConnected());
        assertEquals("test", client.clientId());
        assertThrows(NotConnectedException.class, () -> client.publish("a", "b"));
        client.close();
    }

    @Test
    void aStartedClientConnectsWhenTheServerIsReadyForIt() throws Exception {
        // given
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.SERVER_BUSY));
        MqttClient client = MqttClient.start(server.options().reconnect(SOON).build(), handler);
        assertEquals("reconnecting", handler.next());

        // when
        server.on(PacketType.CONNECT, server::honestly);

        // then
        String event = handler.next();
        while (event.equals("reconnecting")) {
            event = handler.next();
        }
        assertEquals("connected", event);
        client.close();
    }

    @Test
    void aStartedClientGivesUpWhenTheAnswerWillStayTheSame() throws Exception {
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.BAD_USER_NAME_OR_PASSWORD));

        MqttClient client = MqttClient.start(server.options().reconnect(SOON).build(), handler);

        assertEquals("given up BAD_USER_NAME_OR_PASSWORD", handler.next());
        NotConnectedException error = assertThrows(NotConnectedException.class, () -> client.publish("a", "b"));
        assertEquals(Cause.REFUSED, error.reason().cause());
        client.close();
    }

    @Test
    void aClientWhoseSessionWasTakenOverGivesUp() throws Exception {
        MqttClient client = connect(Properties.EMPTY);

        server.send(new Disconnect(ReasonCode.SESSION_TAKEN_OVER));

        assertEquals("disconnected DISCONNECTED_BY_SERVER", handler.next());
        assertEquals("given up SESSION_TAKEN_OVER", handler.next());
        client.close();
    }

    @Test
    void aReferenceIsFollowedByConnect() throws Exception {
        try (ScriptedServer other = new ScriptedServer()) {
            int port = other.options().build().port();
            server.on(
                    PacketType.CONNECT,
                    new ConnAck(
                            false,
                            ReasonCode.USE_ANOTHER_SERVER,
                            Properties.of(Property.SERVER_REFERENCE, "127.0.0.1:" + port)));

            try (MqttClient client = MqttClient.connect(
                    server.options()
                            .reconnect(soon().followServerReference(true).build())
                            .build(),
                    handler)) {
                other.next(Connect.class);
                assertTrue(client.isConnected());
            }
        }
    }

    @Test
    void anOldServerIsAskedInItsOwnVersion() throws Exception {
        // given a server that answers as 3.1.1 does to what it does not know
        server.on(PacketType.CONNECT, packet -> {
            if (((Connect) packet).version() == ProtocolVersion.V5) {
                server.sendBytes(0x20, 0x02, 0x00, 0x01);
                return List.of();
            }
            return server.honestly(packet);
        });

        // when
        try (MqttClient client = MqttClient.connect(
                server.options().reconnect(soon().fallBack(true).build()).build(), handler)) {
            // then
            assertTrue(client.isConnected());
            assertEquals(ProtocolVersion.V5, server.next(Connect.class).version());
            assertEquals(ProtocolVersion.V3_1_1, server.next(Connect.class).version());
        }
    }

    @Test
    void closingBetweenTwoAttemptsFailsWhatWaitsAndLeavesNothingBehind() throws Exception {
        // given
        server.on(PacketType.PUBLISH);
        MqttClient client = MqttClient.connect(server.options()
                .clientId("patient")
                .properties(LONG_SESSION)
                .reconnect(ReconnectOptions.builder()
                        .firstDelay(Duration.ofDays(1))
                        .maxDelay(Duration.ofDays(1))
                        .build())
                .build());
        CompletableFuture<ReasonCode> future = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);
        server.next(Publish.class);
        server.hangUp();
        while (client.isConnected()) {
            Thread.onSpinWait();
        }
        assertThrows(java.util.concurrent.TimeoutException.class, () -> future.get(50, TimeUnit.MILLISECONDS));

        // when
        client.close();

        // then
        NotConnectedException error = assertInstanceOf(
                NotConnectedException.class,
                assertThrows(CompletionException.class, future::join).getCause());
        assertEquals(Cause.CLOSED_BY_CLIENT, error.reason().cause());
    }
}

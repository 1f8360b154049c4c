package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ConnectTest {
    private final RecordingHandler handler = new RecordingHandler();

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.1.0-1", "MQTT-3.14.4-2"})
    void connectIsLiveOnReturnAndSaysGoodbyeInEveryVersion(ProtocolVersion version) throws Exception {
        // when
        try (MqttClient client =
                MqttClient.connect(server.options().version(version).build(), handler)) {
            assertTrue(client.isConnected());
            assertEquals("test", client.clientId());
        }

        // then
        assertEquals(version, server.next(Connect.class).version());
        server.next(Disconnect.class);
        server.awaitEnd();
        assertEquals("connected", handler.next());
        assertEquals("disconnected CLOSED_BY_CLIENT", handler.next());
    }

    @Test
    void connectAsyncCompletesWithTheClient() throws Exception {
        MqttClient client =
                MqttClient.connectAsync(server.options().build(), handler).get();

        assertTrue(client.isConnected());
        client.close();
        assertFalse(client.isConnected());
    }

    @Test
    void refusalIsAnErrorWithReasonCodeAndServerReference() {
        // given
        Properties elsewhere = Properties.of(Property.SERVER_REFERENCE, "other:1883");
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.USE_ANOTHER_SERVER, elsewhere));
        ClientOptions options = server.options().build();

        // when
        ConnectRefusedException refused =
                assertThrows(ConnectRefusedException.class, () -> MqttClient.connect(options, handler));

        // then
        assertEquals(ReasonCode.USE_ANOTHER_SERVER, refused.code());
        assertEquals(Optional.of("other:1883"), refused.serverReference());
        assertTrue(handler.isQuiet(), "who was never connected is not disconnected");
    }

    @ParameterizedTest
    @EnumSource(names = {"V3_1", "V3_1_1"})
    void returnCodesOfOlderVersionsAreReasons(ProtocolVersion version) {
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.NOT_AUTHORIZED));
        ClientOptions options = server.options().version(version).build();

        ConnectRefusedException refused =
                assertThrows(ConnectRefusedException.class, () -> MqttClient.connect(options, handler));

        assertEquals(ReasonCode.NOT_AUTHORIZED, refused.code());
    }

    @Test
    void refusalFailsTheFutureToo() {
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.BANNED));

        CompletableFuture<MqttClient> future =
                MqttClient.connectAsync(server.options().build(), handler);

        CompletionException error = assertThrows(CompletionException.class, future::join);
        assertEquals(ReasonCode.BANNED, ((ConnectRefusedException) error.getCause()).code());
    }

    @Test
    void nobodyThereIsAnIoError() throws IOException {
        ClientOptions options = server.options().build();
        server.close();

        ConnectFailedException failed =
                assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options, handler));

        assertEquals(Cause.IO_ERROR, failed.reason().cause());
        assertTrue(failed.getCause() instanceof IOException);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aLinkThatFailsInAnUnexpectedWayIsAnIoError(boolean noMemory) throws Exception {
        // given a link that takes CONNECT and nothing more
        ClientOptions options = server.options().build();
        MqttClient client = MqttClient.connect(options, handler, server -> new ForwardingLink(options) {
            private boolean failing;

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                if (failing && noMemory) {
                    throw new OutOfMemoryError("thrown on purpose");
                } else if (failing) {
                    throw new IllegalStateException("thrown on purpose");
                }
                failing = true;
                super.write(bytes);
            }

            @Override
            public void finish() {
                throw new IllegalStateException("thrown on purpose");
            }
        });
        assertEquals("connected", handler.next());

        // when
        client.publish("a", "b");

        // then
        assertEquals("disconnected IO_ERROR", handler.next());
        server.awaitEnd();
    }

    @Test
    void aServerThatSaysNothingIsGivenUp() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ClientOptions options = ClientOptions.builder()
                    .host(silent.getInetAddress().getHostAddress())
                    .port(silent.getLocalPort())
                    .connectTimeout(Duration.ofMillis(200))
                    .build();

            ConnectFailedException failed =
                    assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options, handler));

            assertEquals(Cause.CONNECT_TIMEOUT, failed.reason().cause());
        }
    }

    @Test
    void aServerThatHangsUpIsNamed() throws Exception {
        server.on(PacketType.CONNECT, packet -> {
            try {
                server.hangUp();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return java.util.List.of();
        });
        ClientOptions options = server.options().build();

        ConnectFailedException failed =
                assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options, handler));

        assertTrue(failed.reason().cause() == Cause.CLOSED_BY_SERVER
                || failed.reason().cause() == Cause.IO_ERROR);
    }

    @Test
    void anotherPacketThanConnackIsAProtocolError() {
        server.on(PacketType.CONNECT, io.mqttx.packet.PingResp.INSTANCE);
        ClientOptions options = server.options().build();

        ConnectFailedException failed =
                assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options, handler));

        assertEquals(Cause.PROTOCOL_ERROR, failed.reason().cause());
    }

    @Test
    void assignedClientIdentifierIsKnown() {
        server.on(
                PacketType.CONNECT,
                ScriptedServer.accepted(Properties.of(Property.ASSIGNED_CLIENT_IDENTIFIER, "yours")));

        try (MqttClient client =
                MqttClient.connect(server.options().clientId("").build())) {
            assertEquals("yours", client.clientId());
        }
    }

    @Test
    @Timeout(8) // the deadline for an answer, 10 s, must not hide that for the next PINGREQ
    @Statement({"MQTT-3.1.2-20", "MQTT-3.1.2-21"})
    void aQuietClientPingsWithinTheKeepAliveOfTheServer() throws Exception {
        server.on(PacketType.CONNECT, ScriptedServer.accepted(Properties.of(Property.SERVER_KEEP_ALIVE, 1)));

        try (MqttClient client = MqttClient.connect(server.options().build(), handler)) {
            server.next(PingReq.class);
            server.next(PingReq.class);

            assertTrue(client.isConnected());
        }
    }

    @Test
    void aServerThatDoesNotAnswerPingsIsGivenUp() throws Exception {
        // given
        server.on(PacketType.PINGREQ);

        // when
        MqttClient client = MqttClient.connect(
                server.options()
                        .keepAlive(Duration.ofSeconds(1))
                        .connectTimeout(Duration.ofMillis(500))
                        .build(),
                handler);

        // then
        assertEquals("connected", handler.next());
        assertEquals("disconnected PING_TIMEOUT", handler.next());
        server.awaitEnd();
        NotConnectedException error = assertThrows(NotConnectedException.class, () -> client.publish("a", "b"));
        assertEquals(Cause.PING_TIMEOUT, error.reason().cause());
    }

    @Test
    void aServerThatFallsSilentWhileACallbackWaitsForItIsGivenUp() throws Exception {
        // given a server that answers no more once it has sent a message
        server.on(PacketType.UNSUBSCRIBE);
        server.on(PacketType.PINGREQ);
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        ClientHandler waits = new ClientHandler() {
            @Override
            public void onMessage(MqttClient client, Message message) {
                assertThrows(MqttClientException.class, () -> client.unsubscribe("a"));
            }

            @Override
            public void onDisconnected(MqttClient client, DisconnectReason reason) {
                told.add("disconnected " + reason.cause());
            }
        };
        try (MqttClient connected = MqttClient.connect(
                server.options()
                        .keepAlive(Duration.ofSeconds(1))
                        .connectTimeout(Duration.ofMillis(500))
                        .requestTimeout(Duration.ofMillis(100))
                        .build(),
                waits)) {
            // when
            server.send(ScriptedServer.message("a", "x", QoS.AT_MOST_ONCE, 0));

            // then
            assertEquals("disconnected PING_TIMEOUT", told.poll(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertFalse(connected.isConnected());
        }
    }

    @Test
    void disconnectOfTheServerIsToldWithItsReason() throws Exception {
        // given
        CompletableFuture<DisconnectReason> told = new CompletableFuture<>();
        MqttClient client = MqttClient.connect(server.options().build(), new ClientHandler() {
            @Override
            public void onDisconnected(MqttClient client, DisconnectReason reason) {
                told.complete(reason);
            }
        });

        // when
        server.send(new Disconnect(
                ReasonCode.SERVER_MOVED,
                Properties.of(Property.SERVER_REFERENCE, "b").with(Property.REASON_STRING, "x")));

        // then
        DisconnectReason reason = told.get();
        assertEquals(Cause.DISCONNECTED_BY_SERVER, reason.cause());
        assertEquals(ReasonCode.SERVER_MOVED, reason.code());
        assertEquals(Optional.of("b"), reason.serverReference());
        assertEquals(Optional.of("x"), reason.reasonString());
        assertThrows(NotConnectedException.class, () -> client.subscribe("a", io.mqttx.packet.QoS.AT_MOST_ONCE));
        server.awaitEnd();
    }

    @Test
    @Statement("P5-03")
    void bytesThatAreNoPacketAreAnsweredWithTheReason() throws Exception {
        // given
        MqttClient.connect(server.options().build(), handler);

        // when
        server.sendBytes(0x00, 0x00);

        // then
        assertEquals(ReasonCode.MALFORMED_PACKET, server.next(Disconnect.class).reason());
        server.awaitEnd();
        assertEquals("connected", handler.next());
        assertEquals("disconnected PROTOCOL_ERROR", handler.next());
    }

    @Test
    void aPacketOverTheLimitEndsTheConnectionBeforeItsBodyIsThere() throws Exception {
        MqttClient.connect(server.options().maxPacketSize(1024).build(), handler);

        server.sendBytes(0x30, 0x80, 0x10); // PUBLISH with 2,048 bytes to come

        assertEquals(ReasonCode.PACKET_TOO_LARGE, server.next(Disconnect.class).reason());
        server.awaitEnd();
    }

    @Test
    void closingTwiceIsFine() throws Exception {
        MqttClient client = MqttClient.connect(server.options().build(), handler);

        client.close();
        client.close();

        server.next(Disconnect.class);
        server.awaitEnd();
        assertFalse(server.rest().stream().anyMatch(packet -> packet.type() == PacketType.DISCONNECT));
    }
}

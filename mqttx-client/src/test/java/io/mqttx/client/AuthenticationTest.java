package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.auth.ScramCredentials;
import io.mqttx.protocol.auth.ScramServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Enhanced authentication as a client does it (§4.12). */
@Timeout(60)
class AuthenticationTest {
    private static final ScramCredentials KNOWN =
            ScramCredentials.of("secret", new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, ScramCredentials.LEAST_ITERATIONS);

    private ScriptedServer server;
    private ScramServer half = new ScramServer("nonce-of-the-server");
    private boolean connected;

    @BeforeEach
    void startServer() throws IOException {
        server = new ScriptedServer().on(PacketType.CONNECT, this::challenge).on(PacketType.AUTH, this::go);
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    private ClientOptions options(String password) {
        return server.options()
                .authenticator(ClientAuthenticator.scramSha256("user", password))
                .build();
    }

    private List<Packet> challenge(Packet packet) {
        half = new ScramServer("nonce-of-the-server");
        assertEquals("user", half.userName(data(packet.properties())));
        return List.of(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, saying(half.challenge(KNOWN))));
    }

    private List<Packet> go(Packet packet) {
        if (((Auth) packet).reason() == ReasonCode.RE_AUTHENTICATE) {
            return challenge(packet);
        }
        Properties last = saying(half.verify(data(packet.properties())));
        Packet answer = connected ? new Auth(ReasonCode.SUCCESS, last) : new ConnAck(false, ReasonCode.SUCCESS, last);
        connected = true;
        return List.of(answer);
    }

    private static Properties saying(ByteBuffer data) {
        return Properties.of(Property.AUTHENTICATION_METHOD, ScramServer.METHOD)
                .with(Property.AUTHENTICATION_DATA, data);
    }

    private static ByteBuffer data(Properties properties) {
        return properties.find(Property.AUTHENTICATION_DATA).orElseThrow();
    }

    @Test
    @Statement({"MQTT-4.12.0-3", "MQTT-4.12.0-5"})
    void aClientThatKnowsThePasswordIsLetInAndProvesItAgain() throws Exception {
        try (MqttClient client = MqttClient.connect(options("secret"))) {
            assertTrue(client.isConnected());
            assertEquals(
                    "SCRAM-SHA-256",
                    server.next(Connect.class)
                            .properties()
                            .find(Property.AUTHENTICATION_METHOD)
                            .orElseThrow());

            client.authenticateAgain().get();

            assertTrue(client.isConnected());
        }
    }

    @Test
    void aServerThatDoesNotKnowThePasswordIsNotTrusted() {
        // given a server that lets everybody in
        server.on(
                PacketType.AUTH,
                new ConnAck(
                        false,
                        ReasonCode.SUCCESS,
                        saying(ByteBuffer.wrap("v=AAAA".getBytes(java.nio.charset.StandardCharsets.UTF_8)))));
        ClientOptions options = options("secret");

        ConnectFailedException failed = assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options));

        assertEquals(Cause.PROTOCOL_ERROR, failed.reason().cause());
        assertEquals(ReasonCode.NOT_AUTHORIZED, failed.reason().code());
    }

    @Test
    void aChallengeThatMakesNoSenseEndsTheAttempt() {
        server.on(
                PacketType.CONNECT,
                new Auth(ReasonCode.CONTINUE_AUTHENTICATION, saying(ByteBuffer.wrap(new byte[] {'?'}))));
        ClientOptions options = options("secret");

        ConnectFailedException failed = assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options));

        assertEquals(ReasonCode.NOT_AUTHORIZED, failed.reason().code());
    }

    @Test
    void aServerThatDisconnectsFailsTheReauthentication() {
        MqttClient client = MqttClient.connect(options("secret"));
        server.on(PacketType.AUTH, new Disconnect(ReasonCode.NOT_AUTHORIZED));

        CompletableFuture<Void> again = client.authenticateAgain();

        assertInstanceOf(
                NotConnectedException.class,
                assertThrows(CompletionException.class, again::join).getCause());
        client.close();
    }

    @Test
    void withoutAnAuthenticatorThereIsNothingToProve() throws Exception {
        server.on(PacketType.CONNECT, server::honestly);
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            assertThrows(IllegalStateException.class, client::authenticateAgain);
        }
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages for whose fate no future was asked for are not lost without a word. */
@Timeout(60)
class LostMessagesTest {
    private static final byte[] HI = {'h', 'i'};

    private final RecordingHandler handler = new RecordingHandler() {
        @Override
        public void onPublishDropped(MqttClient client, Publish message, RuntimeException why) {
            assertInstanceOf(NotConnectedException.class, why);
            add(message.topic().text() + " dropped");
        }
    };
    private ScriptedServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new ScriptedServer();
        server.on(PacketType.PUBLISH);
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    private ClientOptions.Builder keepingASession() {
        return server.options()
                .cleanStart(false)
                .properties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L))
                .reconnect(ReconnectOptions.builder()
                        .firstDelay(Duration.ofMillis(5))
                        .maxDelay(Duration.ofMillis(20))
                        .build());
    }

    @Test
    void becauseTheServerHasNoSessionAnyMore() throws Exception {
        try (MqttClient client = MqttClient.connect(keepingASession().build(), handler)) {
            assertEquals("connected", handler.next());
            client.publish("one", HI, QoS.AT_LEAST_ONCE);
            CompletableFuture<ReasonCode> asked = client.publishAsync("two", HI, QoS.AT_LEAST_ONCE);
            client.publish("three", HI, QoS.EXACTLY_ONCE);
            server.next(Publish.class);
            server.next(Publish.class);
            server.next(Publish.class);

            server.hangUp();

            assertEquals("disconnected CLOSED_BY_SERVER", handler.next());
            assertEquals("one dropped", handler.next());
            assertEquals("three dropped", handler.next());
            assertEquals("connected", handler.next());
            assertInstanceOf(
                    NotConnectedException.class,
                    assertThrows(ExecutionException.class, () -> asked.get(20, TimeUnit.SECONDS))
                            .getCause());
            assertTrue(handler.isQuiet());
        }
    }

    @Test
    void becauseTheSessionEndedWithTheConnection() throws Exception {
        ClientOptions options = server.options().build();
        try (MqttClient client = MqttClient.connect(options, handler)) {
            assertEquals("connected", handler.next());
            client.publish("one", HI, QoS.AT_LEAST_ONCE);
            server.next(Publish.class);

            server.hangUp();

            assertEquals("one dropped", handler.next());
            assertEquals("disconnected CLOSED_BY_SERVER", handler.next());
        }
    }

    @Test
    void becauseTheClientIsClosed() throws Exception {
        MqttClient client = MqttClient.connect(keepingASession().build(), handler);
        assertEquals("connected", handler.next());
        client.publish("one", HI, QoS.AT_LEAST_ONCE);
        server.next(Publish.class);

        client.close();

        assertEquals("one dropped", handler.next());
        assertEquals("disconnected CLOSED_BY_CLIENT", handler.next());
    }

    @Test
    void butNotWhatTheNextClientFindsInTheStore() throws Exception {
        // given a client that leaves a message behind
        SessionStore store = SessionStore.inMemory();
        ClientOptions options = keepingASession().sessionStore(store).build();
        MqttClient client = MqttClient.connect(options, handler);
        assertEquals("connected", handler.next());
        client.publish("one", HI, QoS.AT_LEAST_ONCE);
        server.next(Publish.class);
        client.close();
        assertEquals("disconnected CLOSED_BY_CLIENT", handler.next());
        server.awaitEnd();

        // when the next one finds a server that has forgotten all
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.SUCCESS));
        MqttClient next = MqttClient.connect(options, handler);

        // then
        assertEquals("one dropped", handler.next());
        assertEquals("connected", handler.next());
        next.close();
        assertEquals(List.of(), store.open("test").flows().outgoing());
    }
}

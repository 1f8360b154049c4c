package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client says of sessions that are to outlive their connections, and which of them it takes. */
@Timeout(60)
class SessionAdviceTest {
    private static final Properties AN_HOUR = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 3600L);

    private static ClientOptions.Builder options() {
        return ClientOptions.builder().clientId("c");
    }

    @Test
    void aSessionThatEndsWithItsConnectionNeedsNothing() {
        assertTrue(SessionAdvice.of(ClientOptions.defaults()).isEmpty());
        assertTrue(SessionAdvice.of(options()
                        .properties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 0L))
                        .build())
                .isEmpty());
    }

    @Test
    void oneThatOutlivesItNeedsAStore() {
        for (ClientOptions.Builder lasting :
                List.of(options().cleanStart(false), options().properties(AN_HOUR))) {
            assertTrue(SessionAdvice.of(lasting.build()).orElseThrow().contains("no session store"));
            assertTrue(SessionAdvice.of(
                            lasting.sessionStore(SessionStore.inMemory()).build())
                    .isEmpty());
        }
    }

    @Test
    void oneThatOutlivesItNeedsAName() {
        ClientOptions nameless = options().clientId("").properties(AN_HOUR).build();

        assertTrue(SessionAdvice.of(nameless).orElseThrow().contains("no client identifier"));
    }

    @Test
    void aClientWarnsOnceHoweverOftenItConnects() throws Exception {
        List<String> warnings = new CopyOnWriteArrayList<>();
        Handler recorder = new Handler() {
            @Override
            public void publish(LogRecord line) {
                warnings.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger(Lifeline.class.getName());
        logger.addHandler(recorder);
        try (ScriptedServer server = new ScriptedServer()) {
            RecordingHandler handler = new RecordingHandler();
            ClientOptions options = server.options()
                    .cleanStart(false)
                    .reconnect(ReconnectOptions.builder()
                            .firstDelay(Duration.ofMillis(1))
                            .build())
                    .build();
            try (MqttClient client = MqttClient.connect(options, handler)) {
                assertEquals("connected", handler.next());
                server.hangUp();
                assertTrue(handler.next().startsWith("disconnected"));
                assertEquals("connected", handler.next());
                assertTrue(client.isConnected());
            }
        } finally {
            logger.removeHandler(recorder);
        }
        assertEquals(1, warnings.size(), warnings::toString);
        assertTrue(warnings.get(0).contains("\"test\""));
    }

    /** See docs/decisions/0005: without a store, what such a client has is a session with nothing in flight. */
    @Test
    void aNewProcessGoesOnWithTheSessionThatTheServerHas() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on(PacketType.CONNECT, new ConnAck(true, ReasonCode.SUCCESS));
            try (MqttClient client =
                    MqttClient.connect(server.options().cleanStart(false).build())) {
                assertTrue(client.isConnected());
            }
        }
    }

    @Test
    @Statement("MQTT-3.2.2-4")
    void aClientThatAskedForNoSessionTakesNone() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on(PacketType.CONNECT, new ConnAck(true, ReasonCode.SUCCESS));
            ClientOptions options = server.options().cleanStart(true).build();

            ConnectFailedException failed =
                    assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options));

            assertTrue(failed.getMessage().contains("MQTT-3.2.2-4"), failed::getMessage);
            assertFalse(failed instanceof ConnectRefusedException);
            server.awaitEnd();
        }
    }
}

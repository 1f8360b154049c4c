package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Unsubscribe;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the standards demand of clients and no other test is about. */
@Timeout(60)
class StatementsTest {
    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    private MqttClient connect(ProtocolVersion version) {
        return MqttClient.connect(server.options().version(version).build());
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-3.14.4-1", "MQTT-3.14.4-2"})
    @Statement(
            value = {"MQTT-3.14.4-1", "MQTT-3.14.4-2"},
            version = Version.V3_1_1)
    void disconnectIsTheLastPacketAndTheClientCloses(ProtocolVersion version) throws Exception {
        MqttClient client = connect(version);
        client.publish("a", "before");

        client.disconnect();

        assertThrows(NotConnectedException.class, () -> client.publish("a", "after"));
        assertThrows(NotConnectedException.class, () -> client.subscribe("a", QoS.AT_MOST_ONCE));
        server.awaitEnd();
        assertEquals("before", text(server.next(Publish.class)));
        server.next(Disconnect.class);
        assertEquals(List.of(), server.rest());
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.5.0-2", "P5-67"})
    @Statement(value = "MQTT-4.5.0-2", version = Version.V3_1_1)
    void messagesThatNobodyAskedForAreAcknowledgedAllTheSame(ProtocolVersion version) throws Exception {
        try (MqttClient client = connect(version)) { // with a handler that does nothing
            assertTrue(client.isConnected());

            server.send(
                    ScriptedServer.message("nobody/asked", "x", QoS.AT_LEAST_ONCE, 5),
                    ScriptedServer.message("nobody/asked", "y", QoS.EXACTLY_ONCE, 6));

            assertEquals(5, server.next(PubAck.class).packetId());
            assertEquals(6, server.next(PubRec.class).packetId());
            assertEquals(6, server.next(PubComp.class).packetId());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement("P5-67")
    void messagesThatComeWhileUnsubscribingAreAcknowledged(ProtocolVersion version) throws Exception {
        server.on(PacketType.UNSUBSCRIBE, packet -> {
            server.send(ScriptedServer.message("a", "late", QoS.AT_LEAST_ONCE, 5));
            return server.honestly((Unsubscribe) packet);
        });
        try (MqttClient client = connect(version)) {
            client.subscribe("a", QoS.AT_LEAST_ONCE, message -> {});

            client.unsubscribe("a");

            assertEquals(5, server.next(PubAck.class).packetId());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement(value = "MQTT-7.1.2-1", version = Version.V3_1_1)
    void overTcpEveryByteComesInItsOrderBothWays(ProtocolVersion version) throws Exception {
        RecordingHandler handler = new RecordingHandler();
        try (MqttClient client =
                MqttClient.connect(server.options().version(version).build(), handler)) {
            server.next(Connect.class);
            assertEquals("connected", handler.next());
            int count = 300;
            String much = "x".repeat(5000); // more than one segment each

            IntStream.range(0, count).forEach(i -> client.publish("a", i + much));
            Packet[] back = IntStream.range(0, count)
                    .mapToObj(i -> ScriptedServer.message("b", i + much, QoS.AT_MOST_ONCE, 0))
                    .toArray(Packet[]::new);
            server.send(back);

            for (int i = 0; i < count; i++) {
                assertEquals(i + much, text(server.next(Publish.class)));
                assertEquals("b=" + i + much, handler.next());
            }
        }
    }

    private static String text(Publish publish) {
        return new Message(publish).text();
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.codec.MqttCodec;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.MemoryClient;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectTest {

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    @Statement({"MQTT-3.1.4-5", "MQTT-3.2.0-1", "MQTT-3.1.2-6", "MQTT-3.12.4-1"})
    @Statement(
            value = {"MQTT-3.1.4-4", "MQTT-3.2.0-1", "MQTT-3.2.2-1", "MQTT-3.12.4-1"},
            version = Version.V3_1_1)
    void everyVersionComesInAndIsAnswered(ProtocolVersion version) {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.open(version);

            // when
            List<Packet> answers = client.exchange(new Connect(version, "c", true), PingReq.INSTANCE);

            // then
            ConnAck ack = (ConnAck) answers.get(0);
            assertFalse(ack.sessionPresent());
            assertEquals(ReasonCode.SUCCESS, ack.reason());
            assertEquals(PingResp.INSTANCE, answers.get(1));
            assertEquals(2, answers.size());
        }
    }

    @Test
    void connackTellsTheLimitsThatTheBrokerKeeps() {
        try (TestBroker broker = new TestBroker(
                TestBroker.options().receiveMaximum(3).maxPacketSize(2048).topicAliasMaximum(5))) {
            // when
            ConnAck ack =
                    (ConnAck) broker.send(new Connect(V5, "c", true)).take().get(0);

            // then
            assertEquals(3, ack.properties().number(Property.RECEIVE_MAXIMUM, 0));
            assertEquals(2048, ack.properties().number(Property.MAXIMUM_PACKET_SIZE, 0));
            assertEquals(5, ack.properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0));
            assertFalse(ack.properties().has(Property.ASSIGNED_CLIENT_IDENTIFIER));
            assertFalse(ack.properties().has(Property.SERVER_KEEP_ALIVE));
        }
    }

    @Test
    @Statement({"MQTT-3.2.2-16", "MQTT-3.1.3-6", "MQTT-3.1.3-7", "P5-38"})
    void aClientWithoutIdentifierIsToldTheOneThatItGot() {
        try (TestBroker broker = new TestBroker()) {
            // when
            ConnAck first =
                    (ConnAck) broker.send(new Connect(V5, "", true)).take().get(0);
            ConnAck second =
                    (ConnAck) broker.send(new Connect(V5, "", false)).take().get(0);

            // then
            String name =
                    first.properties().find(Property.ASSIGNED_CLIENT_IDENTIFIER).orElseThrow();
            assertNotEquals(
                    name,
                    second.properties()
                            .find(Property.ASSIGNED_CLIENT_IDENTIFIER)
                            .orElseThrow());
            assertTrue(broker.events.take("connected").contains("connected " + name));
        }
    }

    @Test
    @Statement(value = "MQTT-3.1.3-6", version = Version.V3_1_1)
    void twoOlderClientsWithoutIdentifierDoNotMeet() {
        try (TestBroker broker = new TestBroker()) {
            // when
            MemoryClient first = broker.connect(new Connect(V311, "", true));
            broker.connect(new Connect(V311, "", true));

            // then
            assertFalse(first.isClosed());
        }
    }

    @ParameterizedTest
    @CsvSource({"NOT_AUTHORIZED", "BANNED", "SERVER_BUSY", "USE_ANOTHER_SERVER", "QUOTA_EXCEEDED"})
    @Statement({"MQTT-3.1.4-2", "MQTT-3.2.2-6", "MQTT-3.2.2-7", "MQTT-3.1.4-6", "MQTT-4.13.2-1"})
    void aRefusalIsToldInVersion5AndNothingBehindItIsHandled(ReasonCode reason) {
        try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.reject(reason))) {
            // given
            MemoryClient client = broker.open(V5);

            // when
            List<Packet> answers = client.exchange(new Connect(V5, "c", false), message("a", "b"), PingReq.INSTANCE);

            // then
            assertEquals(List.of(new ConnAck(false, reason)), answers);
            assertTrue(client.isClosed());
            assertEquals(List.of("opened", "connect failed " + reason, "closed"), broker.events.take());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_AUTHORIZED, NOT_AUTHORIZED",
        "BANNED, NOT_AUTHORIZED",
        "BAD_USER_NAME_OR_PASSWORD, BAD_USER_NAME_OR_PASSWORD",
        "SERVER_BUSY, SERVER_UNAVAILABLE",
        "SERVER_MOVED, SERVER_UNAVAILABLE",
        "QUOTA_EXCEEDED, SERVER_UNAVAILABLE",
        "CLIENT_IDENTIFIER_NOT_VALID, CLIENT_IDENTIFIER_NOT_VALID"
    })
    @Statement(
            value = {"MQTT-3.2.2-4", "MQTT-3.2.2-5", "MQTT-3.1.4-5", "MQTT-3.1.3-9"},
            version = Version.V3_1_1)
    void aRefusalIsToldOlderVersionsWithTheCodeThatComesNearest(ReasonCode reason, ReasonCode told) {
        try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.reject(reason))) {
            // when
            MemoryClient client = broker.send(new Connect(V311, "c", true));

            // then
            assertEquals(List.of(new ConnAck(false, told)), client.take());
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement(value = "MQTT-3.2.2-6", version = Version.V3_1_1)
    void aRefusalForWhichOlderVersionsHaveNoCodeIsAClose() {
        try (TestBroker broker =
                new TestBroker(client -> connecting -> ConnectDecision.reject(ReasonCode.PACKET_TOO_LARGE))) {
            // when
            MemoryClient client = broker.send(new Connect(V311, "c", true));

            // then
            assertEquals(List.of(), client.take());
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement("P5-42")
    void aRefusalMayNameAnotherServer() {
        // given
        Properties where = Properties.of(Property.SERVER_REFERENCE, "other:1883");
        try (TestBroker broker =
                new TestBroker(client -> connecting -> ConnectDecision.reject(ReasonCode.USE_ANOTHER_SERVER, where))) {
            // when
            List<Packet> answers = broker.send(new Connect(V5, "c", true)).take();

            // then
            assertEquals(List.of(new ConnAck(false, ReasonCode.USE_ANOTHER_SERVER, where)), answers);
        }
    }

    @Test
    @Statement("MQTT-4.12.0-1")
    void anAuthenticationMethodThatNobodyOffersIsRefused() {
        try (TestBroker broker = new TestBroker()) {
            // given
            Connect connect =
                    new Connect(V5, "c", true).withProperties(Properties.of(Property.AUTHENTICATION_METHOD, "SCRAM"));

            // when
            MemoryClient client = broker.send(connect);

            // then
            assertEquals(List.of(new ConnAck(false, ReasonCode.BAD_AUTHENTICATION_METHOD)), client.take());
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement("MQTT-3.14.0-1")
    void aFirstPacketThatIsNoConnectClosesWithoutAWord() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.open(V5);

            // when
            List<Packet> answers = client.exchange(PingReq.INSTANCE);

            // then
            assertEquals(List.of(), answers);
            assertTrue(client.isClosed());
            assertEquals(List.of("connect failed PROTOCOL_ERROR"), broker.events.take("connect"));
        }
    }

    @Test
    @Statement("MQTT-3.1.0-2")
    void aSecondConnectEndsTheConnection() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");

            // when
            List<Packet> answers = client.exchange(new Connect(V5, "c", true));

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.PROTOCOL_ERROR)), answers);
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement(value = "MQTT-3.1.0-2", version = Version.V3_1_1)
    void aSecondConnectEndsAnOlderConnectionWithoutAWord() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connectPersistent("c");

            // when
            List<Packet> answers = client.exchange(new Connect(V311, "c", true));

            // then
            assertEquals(List.of(), answers);
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement({"MQTT-3.1.4-1", "P5-02"})
    @Statement(value = "MQTT-3.1.4-1", version = Version.V3_1_1)
    void aMalformedConnectClosesWithoutAWord() {
        try (TestBroker broker = new TestBroker()) {
            for (ProtocolVersion version : ProtocolVersion.values()) {
                // given
                byte[] bytes = MqttCodec.toBytes(new Connect(version, "c", true), version);
                bytes[2 + 2 + version.protocolName().length() + 1] |= 1; // the reserved flag [MQTT-3.1.2-3]
                MemoryClient client = broker.open(version);

                // when
                client.sendBytes(bytes);

                // then
                assertEquals(List.of(), client.take());
                assertTrue(client.isClosed());
            }
        }
    }

    @Test
    @Statement("MQTT-3.1.2-2")
    @Statement(value = "MQTT-3.1.2-2", version = Version.V3_1_1)
    void aVersionOfTheFutureIsToldThatItIsNotSpokenHere() {
        try (TestBroker broker = new TestBroker()) {
            // given
            byte[] bytes = MqttCodec.toBytes(new Connect(V5, "c", true), V5);
            bytes[2 + 2 + 4] = 6;
            MemoryClient client = broker.open(V5);

            // when
            client.sendBytes(bytes);

            // then
            assertEquals(List.of(new ConnAck(false, ReasonCode.UNSUPPORTED_PROTOCOL_VERSION)), client.take());
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement({"MQTT-4.13.1-1", "P5-01", "P5-02"})
    void malformedBytesBehindConnackAreAnsweredWithDisconnectInVersion5Only() {
        try (TestBroker broker = new TestBroker()) {
            for (ProtocolVersion version : ProtocolVersion.values()) {
                // given
                MemoryClient client = broker.connect(new Connect(version, "c" + version, true));

                // when
                client.sendBytes((byte) 0x36, (byte) 0); // QoS 3

                // then
                List<Packet> said =
                        version.hasProperties() ? List.of(new Disconnect(ReasonCode.MALFORMED_PACKET)) : List.of();
                assertEquals(said, client.take());
                assertTrue(client.isClosed());
            }
        }
    }

    @Test
    @Statement("P5-17")
    void aPacketThatIsTooLargeIsRefusedFromItsDeclaredLength() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxPacketSize(1024))) {
            // given
            MemoryClient client = broker.connect("c");

            // when
            client.sendBytes((byte) 0x30, (byte) 0xFE, (byte) 0x07); // 1,022 bytes to follow, 1,025 in all

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.PACKET_TOO_LARGE)), client.take());
            assertTrue(client.isClosed());
        }
    }

    @Test
    void packetsMayComeInSingleBytes() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.open(V5);

            // when
            for (byte next : MqttCodec.toBytes(new Connect(V5, "c", true), V5)) {
                client.sendBytes(next);
            }
            for (byte next : MqttCodec.toBytes(PingReq.INSTANCE, V5)) {
                client.sendBytes(next);
            }

            // then
            assertEquals(PingResp.INSTANCE, client.take().get(1));
        }
    }

    @Test
    void theHandlerOfEachConnectionIsItsOwn() {
        // given
        var handlers = new java.util.ArrayList<BrokerHandler>();
        try (TestBroker broker = new TestBroker(client -> {
            BrokerHandler handler = BrokerHandler.allowAll();
            handlers.add(handler);
            return handler;
        })) {
            // when
            broker.connect("a");
            broker.connect("b");

            // then
            assertEquals(2, handlers.size());
        }
    }
}

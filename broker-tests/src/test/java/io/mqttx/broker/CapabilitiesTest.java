package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V31;
import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.retained;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.Capabilities;
import io.mqttx.broker.api.ConnectDecision;
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
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Will;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
    private static final Capabilities ALL = Capabilities.all();

    private static TestBroker brokerWith(Capabilities capabilities) {
        return new TestBroker(TestBroker.options().capabilities(capabilities));
    }

    private static Properties connAck(TestBroker broker, Connect connect) {
        ConnAck ack = (ConnAck) broker.connectKeepingAll(connect).get(0);
        assertEquals(ReasonCode.SUCCESS, ack.reason());
        return ack.properties();
    }

    private static Connect withWill(ProtocolVersion version, QoS qos, boolean retain) {
        return new Connect(version, "w", true)
                .withWill(new Will(TopicName.of("w"), bytes("gone"), qos, retain, Properties.EMPTY));
    }

    /** What a client is told that does this, and whether it is still there. */
    private static String outcome(Capabilities capabilities, ProtocolVersion version, Packet packet) {
        try (TestBroker broker = brokerWith(capabilities)) {
            MemoryClient client = broker.connect(new Connect(version, "c", true));
            List<Packet> answers = client.exchange(packet);
            String said = answers.isEmpty() ? "nothing" : "";
            if (!answers.isEmpty()) {
                said = answers.get(0) instanceof SubAck ack
                        ? "SUBACK " + ack.reasons().get(0)
                        : answers.get(0) instanceof Disconnect goodbye
                                ? "DISCONNECT " + goodbye.reason()
                                : answers.get(0).type().toString();
            }
            return said + (client.isClosed() ? ", closed" : "");
        }
    }

    private static Subscribe subscribe(String filter) {
        return new Subscribe(1, List.of(to(filter, QoS.AT_MOST_ONCE)));
    }

    @Test
    void whatIsThereIsNotAnnounced() {
        try (TestBroker broker = new TestBroker()) {
            Properties told = connAck(broker, new Connect(V5, "c", true));
            for (Property<?> property : List.of(
                    Property.MAXIMUM_QOS,
                    Property.RETAIN_AVAILABLE,
                    Property.WILDCARD_SUBSCRIPTION_AVAILABLE,
                    Property.SHARED_SUBSCRIPTION_AVAILABLE,
                    Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE,
                    Property.SESSION_EXPIRY_INTERVAL)) {
                assertFalse(told.has(property), property::toString);
            }
        }
    }

    @Test
    @Statement({"MQTT-3.2.2-9", "P5-36", "P5-37", "P5-39", "P5-40", "P5-41"})
    void whatIsMissingIsAnnounced() {
        Capabilities few = ALL.withMaximumQoS(QoS.AT_LEAST_ONCE)
                .withoutRetain()
                .withoutWildcardSubscriptions()
                .withoutSharedSubscriptions()
                .withoutSubscriptionIdentifiers();
        try (TestBroker broker = brokerWith(few)) {
            Properties told = connAck(broker, new Connect(V5, "c", true));
            assertEquals(1, told.number(Property.MAXIMUM_QOS, 2));
            assertFalse(told.flag(Property.RETAIN_AVAILABLE, true));
            assertFalse(told.flag(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, true));
            assertFalse(told.flag(Property.SHARED_SUBSCRIPTION_AVAILABLE, true));
            assertFalse(told.flag(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, true));
        }
    }

    @Test
    @Statement({"P5-36", "P5-37", "P5-39", "P5-40", "P5-41"})
    void whoAsksForWhatIsMissingIsToldSoAndHasToGo() {
        Publish qos1 = message("a", "m", QoS.AT_LEAST_ONCE, 1);
        Subscribe identified = new Subscribe(
                1, List.of(to("a", QoS.AT_MOST_ONCE)), Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 1));
        assertEquals("DISCONNECT QOS_NOT_SUPPORTED, closed", outcome(ALL.withMaximumQoS(QoS.AT_MOST_ONCE), V5, qos1));
        assertEquals("DISCONNECT RETAIN_NOT_SUPPORTED, closed", outcome(ALL.withoutRetain(), V5, retained("a", "m")));
        assertEquals(
                "DISCONNECT WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED, closed",
                outcome(ALL.withoutWildcardSubscriptions(), V5, subscribe("a/+")));
        assertEquals(
                "DISCONNECT SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, closed",
                outcome(ALL.withoutSharedSubscriptions(), V5, subscribe("$share/g/a")));
        assertEquals(
                "DISCONNECT SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED, closed",
                outcome(ALL.withoutSubscriptionIdentifiers(), V5, identified));
    }

    @Test
    @Statement(
            value = {"MQTT-3.8.4-5", "MQTT-3.8.3-2"},
            version = Version.V3_1_1)
    void anOlderClientThatAsksForItIsRefusedTheFilterOrHasToGo() {
        Publish qos1 = message("a", "m", QoS.AT_LEAST_ONCE, 1);
        assertEquals("nothing, closed", outcome(ALL.withMaximumQoS(QoS.AT_MOST_ONCE), V311, qos1));
        assertEquals("nothing, closed", outcome(ALL.withoutRetain(), V311, retained("a", "m")));
        assertEquals("SUBACK UNSPECIFIED_ERROR", outcome(ALL.withoutWildcardSubscriptions(), V311, subscribe("a/+")));
        assertEquals(
                "SUBACK UNSPECIFIED_ERROR", outcome(ALL.withoutSharedSubscriptions(), V311, subscribe("$share/g/a")));
        assertEquals("SUBACK GRANTED_QOS_0", outcome(ALL.withoutWildcardSubscriptions(), V311, subscribe("a")));
    }

    @Test
    @Statement("MQTT-3.2.2-10")
    void theHighestQosIsTheHighestThatIsGranted() {
        try (TestBroker broker = brokerWith(ALL.withMaximumQoS(QoS.AT_LEAST_ONCE))) {
            for (ProtocolVersion version : ProtocolVersion.values()) {
                MemoryClient client = broker.connect(new Connect(version, "c", true));
                Subscription[] all = {to("0", QoS.AT_MOST_ONCE), to("1", QoS.AT_LEAST_ONCE), to("2", QoS.EXACTLY_ONCE)};
                assertEquals(
                        List.of(ReasonCode.GRANTED_QOS_0, ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_1),
                        ((SubAck) client.exchange(new Subscribe(1, List.of(all)))
                                        .get(0))
                                .reasons());
            }
        }
    }

    @Test
    @Statement({"MQTT-3.2.2-12", "MQTT-3.2.2-13"})
    void aWillBeyondThatIsRefusedWithItsConnectAndIsNeverPublished() {
        try (TestBroker broker = brokerWith(ALL.withMaximumQoS(QoS.AT_MOST_ONCE).withoutRetain())) {
            assertEquals(
                    List.of(new ConnAck(false, ReasonCode.QOS_NOT_SUPPORTED)),
                    broker.connectKeepingAll(withWill(V5, QoS.AT_LEAST_ONCE, false)));
            assertEquals(
                    List.of(new ConnAck(false, ReasonCode.RETAIN_NOT_SUPPORTED)),
                    broker.connectKeepingAll(withWill(V5, QoS.AT_MOST_ONCE, true)));
            MemoryClient older = broker.send(withWill(V311, QoS.AT_LEAST_ONCE, false));
            assertEquals(List.of(), older.take());
            assertTrue(older.isClosed());
            assertEquals(List.of(), broker.events.take("published"));
            assertEquals(0, broker.broker.metrics().get("clients/connected"));
        }
    }

    @Test
    @Statement("P5-55")
    void withoutRetainNothingIsRetainedAndNothingSaysSo() {
        try (TestBroker broker = brokerWith(ALL.withoutRetain())) {
            MemoryClient client = broker.connect("c");
            Subscription asPublished = new Subscription(
                    to("#", QoS.AT_MOST_ONCE).filter(),
                    QoS.AT_MOST_ONCE,
                    false,
                    true,
                    to("#", QoS.AT_MOST_ONCE).retainHandling());
            broker.subscribe(client, asPublished);
            broker.broker.publish(retained("a", "m"));
            assertEquals(List.of(message("a", "m")), client.take());
            assertEquals(List.of(), broker.subscribe(client, to("a", QoS.AT_MOST_ONCE)));
        }
    }

    @Test
    @Statement("MQTT-3.1.2-2")
    @Statement(value = "MQTT-3.1.2-2", version = Version.V3_1_1)
    void aVersionThatIsNotSpokenIsRefusedWithTheCodeThatSaysSo() {
        for (ProtocolVersion spoken : ProtocolVersion.values()) {
            try (TestBroker broker = brokerWith(ALL.withVersions(spoken))) {
                for (ProtocolVersion version : List.of(V31, V311, V5)) {
                    MemoryClient client = broker.send(new Connect(version, "c", true));
                    ConnAck ack = (ConnAck) client.take().get(0);
                    assertEquals(
                            version == spoken ? ReasonCode.SUCCESS : ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                            ack.reason());
                    assertEquals(version != spoken, client.isClosed());
                }
            }
        }
        assertThrows(IllegalArgumentException.class, ALL::withVersions);
        assertEquals(Set.of(V5), ALL.withVersions(V5).versions());
    }

    @Test
    @Statement({"MQTT-3.2.2-21", "MQTT-3.2.2-22"})
    void aKeepAliveAboveTheCeilingIsToldToVersion5AndKeptByOlderClients() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxKeepAlive(Duration.ofSeconds(10)))) {
            // given
            MemoryClient silent = broker.send(new Connect(V5, "silent", true).withKeepAlive(100));
            MemoryClient older = broker.connect(new Connect(V311, "older", true).withKeepAlive(20));

            // when
            broker.advance(Duration.ofSeconds(14));
            boolean early = silent.isClosed();
            broker.advance(Duration.ofSeconds(1));
            boolean inTime = silent.isClosed();
            boolean olderStays = !older.isClosed();
            broker.advance(Duration.ofSeconds(15));

            // then
            assertEquals(10, silent.take().get(0).properties().number(Property.SERVER_KEEP_ALIVE, 0));
            assertFalse(early);
            assertTrue(inTime);
            assertTrue(olderStays);
            assertTrue(older.isClosed());
            assertEquals(
                    10,
                    connAck(broker, new Connect(V5, "none", true).withKeepAlive(0))
                            .number(Property.SERVER_KEEP_ALIVE, 0));
            assertFalse(connAck(broker, new Connect(V5, "less", true).withKeepAlive(9))
                    .has(Property.SERVER_KEEP_ALIVE));
        }
    }

    @Test
    @Statement("P5-12")
    void aSessionExpiryAboveTheMaximumIsCutAndTold() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxSessionExpiry(Duration.ofSeconds(100)))) {
            // given
            Properties asked = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L);
            Connect connect = new Connect(V5, "c", false).withProperties(asked);

            // when
            MemoryClient client = broker.send(connect);
            ConnAck told = (ConnAck) client.take().get(0);
            client.exchange(new Disconnect(ReasonCode.NORMAL_DISCONNECTION, asked));
            MemoryClient older = broker.connectPersistent("older");
            older.cut();
            broker.advance(Duration.ofSeconds(99));
            boolean there = ((ConnAck)
                            broker.send(new Connect(V5, "older", false)).take().get(0))
                    .sessionPresent();
            broker.advance(Duration.ofSeconds(1));

            // then
            assertEquals(100, told.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0));
            assertTrue(there);
            ConnAck later = (ConnAck) broker.connectKeepingAll(connect).get(0);
            assertFalse(later.sessionPresent());
        }
    }

    @Test
    @Statement("P5-13")
    void disconnectRevisesTheSessionExpiryButRaisesNoneFromZero() {
        Properties ten = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 10L);
        Disconnect revised = new Disconnect(ReasonCode.NORMAL_DISCONNECTION, ten);
        try (TestBroker broker = new TestBroker()) {
            // given
            Connect thousand =
                    new Connect(V5, "c", false).withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L));

            // when
            List<Packet> fromZero = broker.connect("zero").exchange(revised);
            broker.connect(thousand).exchange(revised);
            broker.advance(Duration.ofSeconds(10));

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.PROTOCOL_ERROR)), fromZero);
            assertFalse(((ConnAck) broker.connectKeepingAll(thousand).get(0)).sessionPresent());
        }
    }

    @Test
    @Statement("P5-13")
    void whatDisconnectMayReviseIsWhatConnectAskedFor() {
        // given: a server that keeps sessions which ask for nothing
        Properties given = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 50L);
        try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.accept(given))) {
            MemoryClient client = broker.send(new Connect(V5, "c", true));
            ConnAck ack = (ConnAck) client.take().get(0);

            // when
            List<Packet> answers = client.exchange(new Disconnect(ReasonCode.NORMAL_DISCONNECTION, given));

            // then
            assertEquals(50, ack.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0));
            assertEquals(List.of(new Disconnect(ReasonCode.PROTOCOL_ERROR)), answers);
        }
    }

    @Test
    @Statement({"P5-32", "P5-31"})
    void aPayloadThatIsNotWhatItSaysIsRefusedWhereThatIsLookedAt() {
        Properties text = Properties.of(Property.PAYLOAD_FORMAT_INDICATOR, true);
        Publish qos1 = new Publish(
                        QoS.AT_LEAST_ONCE,
                        false,
                        TopicName.of("a"),
                        1,
                        bytes("x").put(0, (byte) 0xC0))
                .withProperties(text);
        Will will = new Will(TopicName.of("w"), qos1.payload(), QoS.AT_MOST_ONCE, false, text);
        try (TestBroker broker = new TestBroker(TestBroker.options().checkPayloadFormat(true))) {
            MemoryClient client = broker.connect("c");
            assertEquals(
                    List.of(new PubAck(1, ReasonCode.PAYLOAD_FORMAT_INVALID), PingResp.INSTANCE),
                    client.exchange(qos1, PingReq.INSTANCE));
            assertEquals(
                    List.of(new PubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS)),
                    client.exchange(new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of("a"), 1, bytes("ü".repeat(2000)))
                            .withProperties(text)));
            assertEquals(
                    List.of(new Disconnect(ReasonCode.PAYLOAD_FORMAT_INVALID)),
                    client.exchange(qos1.with(QoS.AT_MOST_ONCE, 0)));
            assertEquals(
                    List.of(new ConnAck(false, ReasonCode.PAYLOAD_FORMAT_INVALID)),
                    broker.connectKeepingAll(new Connect(V5, "w", true).withWill(will)));
        }
        try (TestBroker broker = new TestBroker()) {
            MemoryClient client = broker.connect(new Connect(V5, "w", true).withWill(will));
            assertEquals(List.of(new PubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS)), client.exchange(qos1));
        }
    }
}

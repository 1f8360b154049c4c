package io.mqttx.broker.socket;

import static io.mqttx.broker.socket.SocketBroker.V311;
import static io.mqttx.broker.socket.SocketBroker.goodbye;
import static io.mqttx.broker.socket.SocketBroker.message;
import static io.mqttx.broker.socket.SocketBroker.publish;
import static io.mqttx.broker.socket.SocketBroker.receive;
import static io.mqttx.broker.socket.SocketBroker.receiveUntilMark;
import static io.mqttx.broker.socket.SocketBroker.subscribe;
import static io.mqttx.broker.socket.SocketBroker.text;
import static io.mqttx.broker.socket.SocketBroker.texts;
import static io.mqttx.broker.socket.SocketBroker.to;
import static io.mqttx.broker.socket.SocketBroker.utf8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.codec.MqttCodec;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.ByteClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client of version 3.1.1 relies on, over a real socket. Each test has client identifiers of its own. */
class InteroperabilityV3Test {
    private static final QoS QOS_0 = QoS.AT_MOST_ONCE;
    private static final QoS QOS_1 = QoS.AT_LEAST_ONCE;
    private static final QoS QOS_2 = QoS.EXACTLY_ONCE;

    private static SocketBroker broker;

    /** Lets everybody in, and nobody see secrets. */
    private static final class Guard implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            return ConnectDecision.accept();
        }

        @Override
        public SubscribeDecision onSubscribe(Subscription wanted) {
            return wanted.filter().text().startsWith("secret")
                    ? SubscribeDecision.refuse(ReasonCode.NOT_AUTHORIZED)
                    : SubscribeDecision.grant(wanted.maximumQoS());
        }
    }

    @BeforeAll
    static void start() {
        broker = new SocketBroker(BrokerOptions.builder(), client -> new Guard());
    }

    @AfterEach
    void dropClients() {
        broker.dropClients();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static ByteClient connect(String clientId) {
        return broker.connect(V311, clientId);
    }

    private static Connect keeping(String clientId) {
        return new Connect(V311, clientId, false).withKeepAlive(60);
    }

    private static Publish retained(String topic, String payload, QoS qos) {
        return message(topic, payload, qos).withRetain(true);
    }

    @Test
    @Statement(
            value = {"MQTT-3.3.4-1", "MQTT-4.3.1-1", "MQTT-2.3.1-6", "MQTT-2.3.1-7"},
            version = Version.V3_1_1)
    void messagesOfEveryQosGoThroughWithTheirHandshakesAndTheIdentifiersOfTheirRequests() {
        // given
        ByteClient subscriber = connect("basic-s");
        ByteClient publisher = connect("basic-p");

        // when
        subscriber.send(new Subscribe(0x1234, List.of(to("TopicA", QOS_2), to(SocketBroker.MARK, QOS_0))));
        SubAck granted = subscriber.expect(SubAck.class);
        publisher.send(message("TopicA", "0", QOS_0), new Publish(QOS_1, false, TopicName.of("TopicA"), 41, utf8("1")));
        publisher.expect(new PubAck(41)); // nothing before it: QoS 0 has no answer
        publisher.send(new Publish(QOS_2, false, TopicName.of("TopicA"), 42, utf8("2")));
        publisher.expect(new PubRec(42));
        publisher.send(new PubRel(42));
        publisher.expect(new PubComp(42));
        List<Publish> got = receiveUntilMark(subscriber, publisher);
        subscriber.send(new Unsubscribe(0x4321, List.of(TopicFilter.of("TopicA"))));

        // then
        assertEquals(new SubAck(0x1234, List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.GRANTED_QOS_0)), granted);
        assertEquals(List.of("0", "1", "2"), texts(got));
        assertEquals(
                List.of(QOS_0, QOS_1, QOS_2), got.stream().map(Publish::qos).toList());
        assertTrue(got.stream().noneMatch(Publish::dup));
        assertEquals(0x4321, subscriber.expect(UnsubAck.class).packetId());
        goodbye(subscriber);
    }

    @Test
    @Statement(
            value = {"MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-8", "MQTT-3.3.1-10"},
            version = Version.V3_1_1)
    void retainedMessagesAreKeptReplacedAndCleared() {
        // given
        ByteClient publisher = connect("retained-p");
        publish(publisher, retained("TopicA/B", "old", QOS_1));
        publish(publisher, retained("TopicA/B", "qos 0", QOS_0));
        publish(publisher, retained("Topic/C", "qos 1", QOS_1));
        publish(publisher, retained("TopicA/C", "qos 2", QOS_2));

        // when
        ByteClient first = connect("retained-1");
        subscribe(first, to("+/+", QOS_2));
        List<Publish> kept = receiveUntilMark(first, publisher);
        for (String topic : List.of("TopicA/B", "Topic/C", "TopicA/C")) {
            publish(publisher, retained(topic, "", QOS_1));
        }
        ByteClient second = connect("retained-2");
        subscribe(second, to("+/+", QOS_2));

        // then
        assertEquals(
                List.of("qos 0", "qos 1", "qos 2"),
                texts(kept).stream().sorted().toList());
        assertTrue(kept.stream().allMatch(Publish::retain));
        assertEquals(List.of("", "", ""), texts(receiveUntilMark(first, publisher)));
        assertEquals(List.of(), receiveUntilMark(second, publisher));
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.2-4", "MQTT-3.1.2-5", "MQTT-4.1.0-1", "MQTT-3.1.3-2"},
            version = Version.V3_1_1)
    void messagesWaitForASessionThatIsAwayAndForThatOneAlone() {
        // given
        ByteClient away = broker.connect(keeping("offline"));
        subscribe(away, to("Topic/C", QOS_2), to("TopicA/+", QOS_2));
        goodbye(away);
        ByteClient publisher = connect("offline-p");
        publish(publisher, message("Topic/C", "1", QOS_1));
        publish(publisher, message("TopicA/C", "2", QOS_2));

        // when
        ByteClient other = broker.connect(keeping("offline-other"));
        ByteClient back = broker.connect(keeping("offline"), true);

        // then
        assertEquals(List.of("1", "2"), texts(receiveUntilMark(back, publisher)));
        assertEquals(List.of(), other.untilPingResp());
    }

    @Test
    @Statement(value = "MQTT-3.1.2-6", version = Version.V3_1_1)
    void aCleanSessionLeavesNothingBehindAndFindsNothing() {
        // given
        ByteClient kept = broker.connect(keeping("clean"));
        subscribe(kept, to("clean/#", QOS_1));
        goodbye(kept);

        // when
        ByteClient clean = broker.connect(new Connect(V311, "clean", true).withKeepAlive(60));
        publish(connect("clean-p"), message("clean/x", "lost", QOS_1));
        subscribe(clean, to("other", QOS_1));

        // then
        assertEquals(List.of(), clean.untilPingResp());
        goodbye(clean);
        assertEquals(List.of(), broker.connect(keeping("clean"), false).untilPingResp());
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.2-8", "MQTT-3.1.2-12", "MQTT-3.1.2-17", "MQTT-3.14.4-3"},
            version = Version.V3_1_1)
    void aWillIsPublishedWhenTheConnectionIsLostAndNotAfterDisconnectNorWithoutAWill() {
        // given
        Will will = new Will(TopicName.of("TopicA/will"), utf8("gone"), QOS_2, true, Properties.EMPTY);
        ByteClient watcher = connect("will-w");
        subscribe(watcher, to("TopicA/will", QOS_2));

        // when
        goodbye(broker.connect(keeping("will-1").withWill(will)));
        connect("will-2").reset();
        broker.connect(keeping("will-3").withWill(will)).reset();
        Publish got = receive(watcher);
        ByteClient late = connect("will-late");
        subscribe(late, to("TopicA/will", QOS_2));

        // then
        assertEquals("gone", text(got));
        assertEquals(QOS_2, got.qos());
        assertEquals("gone", text(receive(late)));
        assertEquals(List.of(), receiveUntilMark(watcher, connect("will-p")));
        publish(late, retained("TopicA/will", "", QOS_0));
    }

    @Test
    @Statement(value = "MQTT-3.3.5-1", version = Version.V3_1_1)
    void overlappingSubscriptionsGetTheHighestOfTheirQos() {
        // given
        ByteClient client = connect("overlapping");
        subscribe(client, to("TopicA/#", QOS_2), to("TopicA/+", QOS_1));
        ByteClient publisher = connect("overlapping-p");

        // when
        publish(publisher, message("TopicA/C", "m", QOS_2));

        // then
        assertEquals(
                List.of(QOS_2),
                receiveUntilMark(client, publisher).stream().map(Publish::qos).toList());
    }

    @Test
    @Statement(value = "MQTT-3.1.2-24", version = Version.V3_1_1)
    void silenceEndsTheConnectionAndPingKeepsIt() {
        // given
        Will will = new Will(TopicName.of("silent/will"), utf8("gone"), QOS_0, false, Properties.EMPTY);
        ByteClient watcher = connect("silent-w");
        subscribe(watcher, to("silent/will", QOS_0));
        ByteClient silent = broker.connect(keeping("silent").withKeepAlive(1).withWill(will));
        long start = System.nanoTime();

        // when
        silent.exchange(PingResp.class, PingReq.INSTANCE);
        Publish got = receive(watcher);

        // then
        assertEquals("gone", text(got));
        assertTrue(System.nanoTime() - start >= 1_500_000_000L);
        silent.expectClosed();
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.3-6", "MQTT-3.1.3-7", "MQTT-3.1.3-8"},
            version = Version.V3_1_1)
    void anEmptyClientIdentifierNeedsACleanSession() {
        broker.connect(new Connect(V311, "", true)).exchange(PingResp.class, PingReq.INSTANCE);

        ByteClient refused = broker.open(V311).sendHex("10 0C 0004 4D515454 04 00 003C 0000");
        refused.expect(new ConnAck(false, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID));
        refused.expectClosed();
    }

    @Test
    @Statement(value = "MQTT-3.1.3-5", version = Version.V3_1_1)
    @Statement("MQTT-3.1.3-5")
    void everyClientIdentifierThatAServerHasToAllowIsAllowed() {
        for (String id : List.of("0", "0123456789abcdefghijklm", "nopqrstuvwxyzABCDEFGHIJ", "KLMNOPQRSTUVWXYZ")) {
            broker.connect(new Connect(V311, id, true));
            broker.connect(new Connect(SocketBroker.V5, "5" + id.substring(1), true));
        }
    }

    @Statement(
            value = {"MQTT-4.7.2-1", "MQTT-3.3.2-3", "MQTT-4.7.1-1"},
            version = Version.V3_1_1)
    @Statement("MQTT-4.7.0-1")
    @ParameterizedTest
    @CsvSource({
        "TopicA/+,   TopicA/C,   true",
        "TopicA/+,   TopicA,     false",
        "TopicA/+,   TopicA/,    true",
        "TopicA/+,   TopicA/C/D, false",
        "+/C,        TopicA/C,   true",
        "+/C,        /C,         true",
        "#,          TopicA/C,   true",
        "#,          /TopicA,    true",
        "#,          $TopicA/C,  false",
        "/#,         /TopicA/C,  true",
        "/#,         TopicA/C,   false",
        "/+,         /TopicA,    true",
        "/+,         TopicA,     false",
        "+/+,        /TopicA,    true",
        "+/+,        TopicA/C,   true",
        "+/+,        $TopicA/C,  false",
        "TopicA/#,   TopicA,     true",
        "TopicA/#,   TopicA/C/D, true",
        "TopicA/#,   topica/C,   false",
        "$TopicA/+,  $TopicA/C,  true",
        "TopicA//C,  TopicA//C,  true",
        "TopicA/+/C, TopicA//C,  true",
        "TopicA/C,   TopicA/+,   refused",
        "TopicA/C,   TopicA/#,   refused",
        "#,          #,          refused",
    })
    void filtersMatchTheTopicsThatTheyShould(String filter, String topic, String matches) {
        ByteClient subscriber = connect("match-s");
        subscribe(subscriber, to(filter, QOS_0));
        ByteClient publisher = connect("match-p");
        if (matches.equals("refused")) {
            byte[] name = topic.getBytes(StandardCharsets.UTF_8);
            publisher.sendBytes((byte) 0x30, (byte) (2 + name.length), (byte) 0, (byte) name.length);
            publisher.sendBytes(name);
            publisher.expectClosed();
            assertEquals(List.of(), receiveUntilMark(subscriber, connect("match-q")));
            return;
        }

        publish(publisher, message(topic, "m", QOS_0));

        List<Publish> got = receiveUntilMark(subscriber, publisher);
        assertEquals(
                matches.equals("true") ? List.of(topic) : List.of(),
                got.stream().map(message -> message.topic().text()).toList());
    }

    @Test
    @Statement(
            value = {"MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-3.10.4-4"},
            version = Version.V3_1_1)
    void unsubscribeEndsOneSubscriptionAndLeavesTheOthers() {
        // given
        ByteClient client = connect("unsubscribe");
        subscribe(client, to("TopicA", QOS_2), to("TopicA/B", QOS_2), to("Topic/C", QOS_2));
        ByteClient publisher = connect("unsubscribe-p");

        // when
        client.exchange(UnsubAck.class, new Unsubscribe(9, List.of(TopicFilter.of("TopicA"))));
        for (String topic : List.of("TopicA", "TopicA/B", "Topic/C")) {
            publish(publisher, message(topic, topic, QOS_1));
        }

        // then
        assertEquals(List.of("TopicA/B", "Topic/C"), texts(receiveUntilMark(client, publisher)));
    }

    @Test
    @Statement(value = "MQTT-3.10.4-3", version = Version.V3_1_1)
    @Statement("MQTT-3.10.4-3")
    void deliveriesThatHaveBegunAreFinishedAfterUnsubscribe() {
        // given
        Connect connect = keeping("unfinished");
        ByteClient client = broker.connect(connect);
        subscribe(client, to("unfinished/#", QOS_2));
        ByteClient publisher = connect("unfinished-p");
        publish(publisher, message("unfinished/1", "1", QOS_1));
        publish(publisher, message("unfinished/2", "2", QOS_2));
        Publish first = client.expect(Publish.class);
        Publish second = client.expect(Publish.class);

        // when
        client.exchange(UnsubAck.class, new Unsubscribe(9, List.of(TopicFilter.of("unfinished/#"))));
        client.send(new PubRec(second.packetId()));
        client.expect(new PubRel(second.packetId()));
        client.reset();
        ByteClient back = broker.connect(connect, true);

        // then
        Packet one = back.next();
        Packet other = back.next();
        assertEquals(Set.of(first.again(), new PubRel(second.packetId())), Set.of(one, other));
        back.send(new PubAck(first.packetId()), new PubComp(second.packetId()));
        assertEquals(List.of(), receiveUntilMark(back, publisher));
    }

    @Test
    @Statement(
            value = {"MQTT-4.4.0-1", "MQTT-4.6.0-6", "MQTT-2.3.1-4"},
            version = Version.V3_1_1)
    void whatWasNotAcknowledgedComesAgainInItsOrderAndItsIdentifiersAreTakenUntilThen() {
        // given
        Connect connect = keeping("again");
        ByteClient client = broker.connect(connect);
        subscribe(client, to("again", QOS_2));
        ByteClient publisher = connect("again-p");
        for (int i = 0; i < 4; i++) {
            publish(publisher, message("again", "m" + i, i % 2 == 0 ? QOS_1 : QOS_2));
        }
        List<Publish> first = List.of(
                client.expect(Publish.class),
                client.expect(Publish.class),
                client.expect(Publish.class),
                client.expect(Publish.class));

        // when
        client.reset();
        ByteClient back = broker.connect(connect, true);
        for (Publish each : first) {
            back.expect(each.again());
        }
        back.send(new PubAck(first.get(0).packetId()));
        publish(publisher, message("again", "new", QOS_1));

        // then
        int fresh = back.expect(Publish.class).packetId();
        assertTrue(fresh > 0 && first.stream().skip(1).noneMatch(each -> each.packetId() == fresh));
        assertEquals(4, first.stream().mapToInt(Publish::packetId).distinct().count());
    }

    @Test
    @Statement(value = "MQTT-4.3.2-2", version = Version.V3_1_1)
    @Statement("MQTT-4.3.2-5")
    void anIdentifierThatWasAcknowledgedIsThatOfANewMessageWhateverDupSays() {
        for (var version : List.of(V311, SocketBroker.V5)) {
            // given
            ByteClient subscriber = connect("new-s");
            subscribe(subscriber, to("new", QOS_0));
            ByteClient publisher = broker.connect(version, "new-p");

            // when
            publish(publisher, message("new", "1", QOS_1));
            publish(publisher, message("new", "2", QOS_1).again());

            // then
            assertEquals(List.of("1", "2"), texts(receiveUntilMark(subscriber, publisher)));
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.8.4-5", "MQTT-3.9.3-1"},
            version = Version.V3_1_1)
    void aFilterThatIsRefusedIsToldAsFailureAndTheOthersHold() {
        assertEquals(
                List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.UNSPECIFIED_ERROR, ReasonCode.GRANTED_QOS_0),
                subscribe(connect("failure"), to("open", QOS_1), to("secret/1", QOS_1), to("also", QOS_0)));
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.4-2", "MQTT-4.1.0-2"},
            version = Version.V3_1_1)
    void theSecondConnectionOfAClientClosesTheFirstAndTakesItsSession() {
        // given
        ByteClient first = broker.connect(keeping("twice"));
        subscribe(first, to("twice", QOS_1));

        // when
        ByteClient second = broker.connect(keeping("twice"), true);
        first.expectClosed();
        publish(connect("twice-p"), message("twice", "m", QOS_1));

        // then
        assertEquals("m", text(receive(second)));
    }

    @ParameterizedTest
    @EnumSource(QoS.class)
    @Statement(value = "MQTT-7.1.1-1", version = Version.V3_1_1)
    @Statement("MQTT-4.2.0-1")
    void bytesAreNeitherLostNorMixedOverTcpHoweverTheyArePacked(QoS qos) {
        // given
        ByteClient subscriber = connect("packed-s");
        subscribe(subscriber, to("packed", qos));
        ByteClient publisher = connect("packed-p");
        byte[] bytes = MqttCodec.toBytes(message("packed", "x".repeat(300), QOS_0), V311);

        // when
        for (byte each : bytes) {
            publisher.sendBytes(each);
        }
        byte[] many = new byte[bytes.length * 50];
        for (int i = 0; i < 50; i++) {
            System.arraycopy(bytes, 0, many, i * bytes.length, bytes.length);
        }
        publisher.sendBytes(many);

        // then
        assertEquals(51, receiveUntilMark(subscriber, publisher).size());
    }
}

package io.mqttx.broker.socket;

import static io.mqttx.broker.socket.SocketBroker.V5;
import static io.mqttx.broker.socket.SocketBroker.expiry;
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
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.ByteClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a client of version 5 relies on, over a real socket. Each test has client identifiers of its own. */
class InteroperabilityV5Test {
    private static final QoS QOS_0 = QoS.AT_MOST_ONCE;
    private static final QoS QOS_1 = QoS.AT_LEAST_ONCE;
    private static final QoS QOS_2 = QoS.EXACTLY_ONCE;

    private static SocketBroker broker;

    /** Lets everybody in but those called "bad", and nobody publish secrets. */
    private static final class Guard implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            return client.clientId().equals("bad")
                    ? ConnectDecision.reject(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID)
                    : ConnectDecision.accept();
        }

        @Override
        public PublishDecision onPublish(Message message) {
            return message.topic().text().startsWith("secret")
                    ? PublishDecision.refuse(ReasonCode.NOT_AUTHORIZED)
                    : PublishDecision.route();
        }
    }

    @BeforeAll
    static void start() {
        BrokerOptions.Builder options = BrokerOptions.builder()
                .receiveMaximum(3)
                .topicAliasMaximum(5)
                .maxPacketSize(2000)
                .idleTimeout(Duration.ofSeconds(90));
        broker = new SocketBroker(options, client -> new Guard());
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
        return broker.connect(V5, clientId);
    }

    private static Connect keeping(String clientId, Properties properties) {
        return new Connect(V5, clientId, false).withKeepAlive(60).withProperties(properties);
    }

    private static void expectRefused(ByteClient client, ReasonCode reason) {
        assertEquals(reason, client.expect(Disconnect.class).reason());
        client.expectClosed();
    }

    @Test
    @Statement({"MQTT-3.2.2-16", "MQTT-3.2.2-22", "MQTT-3.1.2-28"})
    void connackSaysWhatTheClientHasToKnow() {
        // when
        ConnAck ack = broker.open(V5).exchange(ConnAck.class, new Connect(V5, "", true).withKeepAlive(0));

        // then
        assertFalse(ack.properties()
                .find(Property.ASSIGNED_CLIENT_IDENTIFIER)
                .orElseThrow()
                .isEmpty());
        assertEquals(60, ack.properties().number(Property.SERVER_KEEP_ALIVE, 0));
        assertEquals(3, ack.properties().number(Property.RECEIVE_MAXIMUM, 0));
        assertEquals(5, ack.properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0));
        assertEquals(2000, ack.properties().number(Property.MAXIMUM_PACKET_SIZE, 0));
        assertFalse(ack.properties().has(Property.RESPONSE_INFORMATION));
    }

    @Test
    @Statement({"MQTT-3.1.3-8", "P5-35"})
    void aClientIdentifierThatTheServerDoesNotWantIsToldSoAndClosed() {
        ByteClient bad = broker.open(V5).send(new Connect(V5, "bad", true));

        bad.expect(new ConnAck(false, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID));
        bad.expectClosed();
    }

    @Test
    @Statement({"MQTT-2.2.1-6", "MQTT-2.2.1-5", "MQTT-4.3.1-1"})
    void requestsAndMessagesAreAnsweredWithTheirIdentifiers() {
        // given
        ByteClient client = connect("ids");

        // when
        client.send(
                new Subscribe(0x1234, List.of(to("ids/none", QOS_1))),
                new Unsubscribe(0x4321, List.of(TopicFilter.of("ids/none"))),
                new Publish(QOS_1, false, TopicName.of("ids"), 7, utf8("m")),
                new Publish(QOS_2, false, TopicName.of("ids"), 8, utf8("m")));

        // then
        client.expect(
                new SubAck(0x1234, List.of(ReasonCode.GRANTED_QOS_1)),
                new UnsubAck(0x4321, List.of(ReasonCode.SUCCESS)),
                new PubAck(7, ReasonCode.NO_MATCHING_SUBSCRIBERS),
                new PubRec(8, ReasonCode.NO_MATCHING_SUBSCRIBERS));
        client.send(new PubRel(8));
        client.expect(new PubComp(8));
    }

    @Test
    @Statement({"MQTT-3.1.3-2", "MQTT-3.1.4-4", "P5-12", "P5-13", "P5-65"})
    void aSessionLivesAsLongAsItsClientSaidAndNoCleanStartCame() {
        // given
        ByteClient away = broker.connect(keeping("session", expiry(1000)));
        Subscription identified = to("session", QOS_1);
        away.exchange(
                SubAck.class,
                new Subscribe(1, List.of(identified), Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 9)));
        away.reset();
        publish(connect("session-p"), message("session", "waits", QOS_1));

        // when
        ByteClient other = broker.connect(keeping("session-other", Properties.EMPTY));
        ByteClient back = broker.connect(keeping("session", expiry(1000)), true);
        Publish waited = receive(back);
        goodbye(back);
        goodbye(broker.connect(new Connect(V5, "session", true).withProperties(expiry(1000))));
        ByteClient fresh = broker.connect(keeping("session", expiry(1000)), true);
        List<?> afterCleanStart = fresh.untilPingResp();
        fresh.send(new Disconnect(ReasonCode.NORMAL_DISCONNECTION, expiry(0)));
        fresh.expectClosed();

        // then
        assertEquals("waits", text(waited));
        assertEquals(9, waited.properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0));
        assertEquals(List.of(), other.untilPingResp());
        assertEquals(List.of(), afterCleanStart);
        broker.connect(keeping("session", Properties.EMPTY), false);
    }

    @Test
    @Statement({"MQTT-3.3.2-12", "MQTT-3.3.2-9", "MQTT-3.3.2-8", "P5-23"})
    void aliasesStandForTopicsOnOneConnectionAndInOneDirectionOnly() {
        // given
        ByteClient subscriber = connect("alias-s");
        subscribe(subscriber, to("alias/#", QOS_1));
        ByteClient publisher = connect("alias-p");
        Properties alias = Properties.of(Property.TOPIC_ALIAS, 5);

        // when
        publisher.send(
                message("alias/1", "a", QOS_0).withProperties(alias),
                message("x", "b", QOS_0).withProperties(alias).withTopic(TopicName.NONE),
                message("alias/2", "c", QOS_0).withProperties(alias),
                message("x", "d", QOS_0).withProperties(alias).withTopic(TopicName.NONE));
        List<Publish> got = receiveUntilMark(subscriber, publisher);
        ByteClient again = connect("alias-p");
        again.send(message("x", "e", QOS_0).withProperties(alias).withTopic(TopicName.NONE));
        ByteClient tooHigh = connect("alias-q");
        tooHigh.send(message("alias/1", "f", QOS_0).withProperties(Properties.of(Property.TOPIC_ALIAS, 6)));

        // then
        assertEquals(
                List.of("alias/1", "alias/1", "alias/2", "alias/2"),
                got.stream().map(message -> message.topic().text()).toList());
        assertTrue(got.stream().noneMatch(message -> message.properties().has(Property.TOPIC_ALIAS)));
        expectRefused(again, ReasonCode.PROTOCOL_ERROR);
        expectRefused(tooHigh, ReasonCode.TOPIC_ALIAS_INVALID);
    }

    @Test
    @Statement({"MQTT-3.3.4-9", "MQTT-4.9.0-2", "P5-15", "MQTT-3.3.4-7"})
    void bothSidesKeepToTheReceiveMaximumOfTheOther() {
        // given
        ByteClient slow = broker.connect(keeping("window", Properties.of(Property.RECEIVE_MAXIMUM, 2)));
        subscribe(slow, to("window", QOS_2));
        ByteClient publisher = connect("window-p");
        for (int i = 0; i < 4; i++) {
            publish(publisher, message("window", "m" + i, QOS_1));
        }

        // when
        Publish first = slow.expect(Publish.class);
        slow.expect(Publish.class);
        List<?> more = slow.untilPingResp();
        slow.send(new PubAck(first.packetId()));
        Publish third = slow.expect(Publish.class);
        for (int id = 1; id <= 4; id++) {
            publisher.send(new Publish(QOS_2, false, TopicName.of("x"), id, utf8("m")));
        }
        for (int id = 1; id <= 3; id++) {
            assertEquals(id, publisher.expect(PubRec.class).packetId());
        }

        // then
        assertEquals(List.of(), more);
        assertEquals("m2", text(third));
        expectRefused(publisher, ReasonCode.RECEIVE_MAXIMUM_EXCEEDED);
    }

    @Test
    @Statement({"MQTT-3.1.2-24", "MQTT-3.1.2-25", "P5-17"})
    void packetsThatAreTooLargeForTheOtherSideAreNotSentOrEndTheConnection() {
        // given
        ByteClient small = broker.connect(keeping("size", Properties.of(Property.MAXIMUM_PACKET_SIZE, 100L)));
        subscribe(small, to("size", QOS_1));
        ByteClient publisher = connect("size-p");

        // when
        publish(publisher, message("size", "x".repeat(100), QOS_1));
        publish(publisher, message("size", "fits", QOS_1));
        List<Publish> got = receiveUntilMark(small, publisher);
        publisher.sendHex("30 D20F"); // 2,002 bytes are to follow

        // then
        assertEquals(List.of("fits"), texts(got));
        expectRefused(publisher, ReasonCode.PACKET_TOO_LARGE);
    }

    @Test
    @Statement({"P5-04", "MQTT-4.13.2-1", "P5-66", "MQTT-3.1.2-29"})
    void aRefusedMessageIsToldAndHurtsNothingElse() {
        // given
        ByteClient client =
                broker.connect(keeping("refused", Properties.of(Property.REQUEST_PROBLEM_INFORMATION, false)));
        subscribe(client, to("#", QOS_2));

        // when
        client.send(
                new Publish(QOS_1, false, TopicName.of("secret"), 1, utf8("m")),
                new Publish(QOS_2, false, TopicName.of("secret"), 2, utf8("m")),
                new Publish(QOS_2, false, TopicName.of("open"), 2, utf8("n")));

        // then
        client.expect(new PubAck(1, ReasonCode.NOT_AUTHORIZED), new PubRec(2, ReasonCode.NOT_AUTHORIZED));
        List<Object> rest = new ArrayList<>(List.of(client.next(), client.next()));
        assertTrue(rest.contains(new PubRec(2)));
        assertTrue(rest.stream()
                .anyMatch(each -> each instanceof Publish got && text(got).equals("n")));
    }

    @Test
    @Statement({"MQTT-3.3.4-3", "MQTT-3.3.4-4", "P5-47", "P5-46"})
    void eachMessageNamesTheSubscriptionsThatItMatches() {
        // given
        ByteClient client = connect("identifiers");
        for (String filter : List.of("ident/+", "ident/#", "other/#")) {
            int identifier = filter.equals("ident/+") ? 1 : filter.equals("ident/#") ? 2 : 3;
            client.exchange(
                    SubAck.class,
                    new Subscribe(
                            1,
                            List.of(to(filter, QOS_1)),
                            Properties.of(Property.SUBSCRIPTION_IDENTIFIER, identifier)));
        }
        ByteClient publisher = connect("identifiers-p");

        // when
        publish(publisher, message("ident/x", "both", QOS_1));
        publish(publisher, message("ident/x/y", "one", QOS_1));

        // then
        assertEquals(
                List.of(1, 2),
                receive(client).properties().all(Property.SUBSCRIPTION_IDENTIFIER).stream()
                        .sorted()
                        .toList());
        assertEquals(List.of(2), receive(client).properties().all(Property.SUBSCRIPTION_IDENTIFIER));
        publisher.send(message("x", "", QOS_0).withProperties(Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 1)));
        expectRefused(publisher, ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement({"MQTT-3.3.1-9", "MQTT-3.3.1-10", "MQTT-3.3.1-11", "MQTT-3.3.1-12", "MQTT-3.3.1-13", "MQTT-3.8.3-3"})
    void subscriptionOptionsSayWhatIsSent() {
        // given
        ByteClient client = connect("options");
        publish(client, message("options/kept", "kept", QOS_1).withRetain(true));

        // when
        Subscription ifNew =
                new Subscription(TopicFilter.of("options/#"), QOS_1, true, true, RetainHandling.SEND_IF_NEW);
        subscribe(client, ifNew);
        String first = text(receive(client));
        subscribe(client, ifNew);
        List<?> again = client.untilPingResp();
        subscribe(client, new Subscription(ifNew.filter(), QOS_1, true, true, RetainHandling.DO_NOT_SEND));
        List<?> never = client.untilPingResp();
        publish(client, message("options/own", "own", QOS_1));
        ByteClient publisher = connect("options-p");
        publish(publisher, message("options/kept", "as published", QOS_1).withRetain(true));
        Publish asPublished = receive(client);
        subscribe(client, to("options/#", QOS_1));
        receive(client);
        publish(publisher, message("options/kept", "", QOS_1).withRetain(true));

        // then
        assertEquals("kept", first);
        assertEquals(List.of(), again);
        assertEquals(List.of(), never);
        assertEquals("as published", text(asPublished));
        assertTrue(asPublished.retain());
        assertFalse(receive(client).retain());
    }

    @Test
    @Statement({"P5-70", "MQTT-4.8.2-3", "P5-57"})
    void aSharedSubscriptionGivesEachMessageToOneOfItsMembersAndGroupsAreIndependent() {
        // given
        List<ByteClient> group = List.of(connect("shared-1"), connect("shared-2"));
        group.forEach(member -> subscribe(member, to("$share/g/shared", QOS_1)));
        ByteClient other = connect("shared-3");
        subscribe(other, to("$share/h/shared", QOS_1), to("shared", QOS_1));
        ByteClient publisher = connect("shared-p");

        // when
        for (int i = 0; i < 6; i++) {
            publish(publisher, message("shared", "m" + i, QOS_1));
        }
        List<String> got = new ArrayList<>(texts(receiveUntilMark(group.get(0), publisher)));
        got.addAll(texts(receiveUntilMark(group.get(1), publisher)));

        // then
        assertEquals(
                List.of("m0", "m1", "m2", "m3", "m4", "m5"),
                got.stream().sorted().toList());
        assertEquals(
                12,
                receiveUntilMark(other, publisher).stream()
                        .filter(message -> message.topic().text().equals("shared"))
                        .count());
    }

    @Test
    @Statement({"MQTT-3.1.2-7", "P5-27", "MQTT-3.1.3-9"})
    void aDelayedWillComesAfterItsDelayUnlessItsClientIsBack() {
        // given
        Properties delay = Properties.of(Property.WILL_DELAY_INTERVAL, 1L);
        ByteClient watcher = connect("delay-w");
        subscribe(watcher, to("delay/#", QOS_1));

        // when
        for (String id : List.of("delay-1", "delay-2")) {
            Will will = new Will(TopicName.of("delay/" + id), utf8(id), QOS_1, false, delay);
            broker.connect(keeping(id, expiry(1000)).withWill(will)).reset();
        }
        broker.connect(keeping("delay-1", expiry(1000)), true);
        long start = System.nanoTime();
        Publish got = receive(watcher);

        // then
        assertEquals("delay-2", text(got));
        assertTrue(System.nanoTime() - start > 500_000_000L);
        assertEquals(List.of(), receiveUntilMark(watcher, connect("delay-p")));
    }

    @Test
    @Statement({"MQTT-3.1.2-22", "P5-11"})
    void silenceIsToldBeforeTheConnectionCloses() {
        ByteClient silent = broker.connect(keeping("silent", Properties.EMPTY).withKeepAlive(1));

        expectRefused(silent, ReasonCode.KEEP_ALIVE_TIMEOUT);
    }

    @Test
    @Statement("MQTT-3.1.4-3")
    void theFirstConnectionOfAClientIsToldThatTheSecondTookItsPlace() {
        ByteClient first = connect("twice");

        connect("twice");

        expectRefused(first, ReasonCode.SESSION_TAKEN_OVER);
    }

    @Test
    @Statement("MQTT-3.14.4-3")
    void aClientMayLeaveAndHaveItsWillPublished() {
        // given
        ByteClient watcher = connect("leave-w");
        subscribe(watcher, to("leave", QOS_1));
        Will will = new Will(TopicName.of("leave"), utf8("gone"), QOS_1, false, Properties.EMPTY);

        // when
        goodbye(broker.connect(keeping("leave-1", Properties.EMPTY).withWill(will)));
        ByteClient client = broker.connect(keeping("leave-2", Properties.EMPTY).withWill(will));
        client.send(new Disconnect(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE));

        // then
        assertEquals("gone", text(receive(watcher)));
        assertEquals(List.of(), receiveUntilMark(watcher, connect("leave-p")));
    }

    @Test
    @Statement({"MQTT-4.3.3-7", "MQTT-4.3.3-13"})
    void aHandshakeThatHasBegunIsFinishedHoweverLateItIs() {
        // given
        Properties soon = Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 1L);
        ByteClient subscriber = broker.connect(keeping("expired", expiry(1000)));
        subscribe(subscriber, to("expired", QOS_2));
        ByteClient publisher = connect("expired-p");
        publisher.exchange(PubRec.class, message("expired", "m", QOS_2).withProperties(soon));
        Publish sent = subscriber.expect(Publish.class);
        Will clock = new Will(
                TopicName.of("expired/clock"), utf8(""), QOS_0, false, Properties.of(Property.WILL_DELAY_INTERVAL, 2L));
        broker.connect(keeping("expired-c", expiry(1000)).withWill(clock)).reset();

        // when
        ByteClient watcher = connect("expired-w");
        subscribe(watcher, to("expired/clock", QOS_0));
        receive(watcher); // two seconds have passed
        subscriber.reset();
        ByteClient back = broker.connect(keeping("expired", expiry(1000)), true);
        Publish again = back.expect(Publish.class);
        back.send(new PubRec(again.packetId()));
        back.expect(new PubRel(again.packetId()));
        back.send(new PubComp(again.packetId()));

        // then
        assertEquals(sent.packetId(), again.packetId());
        assertTrue(again.dup());
        publisher.send(new PubRel(77));
        publisher.expect(new PubComp(77));
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
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
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubscribeTest {

    private static Properties identifier(int identifier) {
        return Properties.of(Property.SUBSCRIPTION_IDENTIFIER, identifier);
    }

    @Test
    @Statement({"MQTT-3.8.4-8", "MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.8.4-6", "MQTT-3.8.4-7", "MQTT-3.3.4-1"})
    @Statement(
            value = {"MQTT-3.8.4-1", "MQTT-3.8.4-2", "MQTT-3.8.4-5", "MQTT-3.8.4-6"},
            version = Version.V3_1_1)
    void aMessageIsDeliveredAtTheLowerOfPublishedAndGrantedQos() {
        try (TestBroker broker = new TestBroker()) {
            MemoryClient publisher = broker.connect("p");
            for (QoS granted : QoS.values()) {
                for (QoS published : QoS.values()) {
                    // given
                    MemoryClient subscriber = broker.connect("s");
                    Packet ack = subscriber
                            .exchange(new Subscribe(3, List.of(to("a/+", granted))))
                            .get(0);

                    // when
                    publisher.exchange(message("a/b", "m", published, published == QoS.AT_MOST_ONCE ? 0 : 1));
                    publisher.exchange(published == QoS.EXACTLY_ONCE ? new PubRel(1) : PingReq.INSTANCE);

                    // then
                    assertEquals(new SubAck(3, List.of(ReasonCode.granted(granted))), ack);
                    Publish got = subscriber.take(Publish.class).get(0);
                    assertEquals(published.atMost(granted), got.qos());
                    assertFalse(got.dup());
                }
            }
        }
    }

    @Test
    @Statement({"MQTT-4.3.2-4", "MQTT-4.3.3-8", "MQTT-4.3.3-11"})
    void aPublisherIsAnsweredByQos() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("p");
            broker.subscribe(broker.connect("s"), to("#", QoS.AT_MOST_ONCE));

            // when
            List<Packet> answers = client.exchange(
                    message("a", "0"),
                    message("a", "1", QoS.AT_LEAST_ONCE, 1),
                    message("a", "2", QoS.EXACTLY_ONCE, 2),
                    new PubRel(2));

            // then
            assertEquals(List.of(new PubAck(1), new PubRec(2), new PubComp(2)), answers);
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-2", "MQTT-3.3.4-3", "MQTT-3.3.4-4", "P5-48"})
    @Statement(value = "MQTT-3.3.5-1", version = Version.V3_1_1)
    void overlappingSubscriptionsGiveOneCopyAtTheHighestQosWithAllIdentifiers() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            client.exchange(
                    new Subscribe(1, List.of(to("a/#", QoS.AT_MOST_ONCE)), identifier(1)),
                    new Subscribe(2, List.of(to("a/+", QoS.EXACTLY_ONCE)), identifier(2)),
                    new Subscribe(3, List.of(to("a/b", QoS.AT_LEAST_ONCE))),
                    new Subscribe(4, List.of(to("x", QoS.AT_LEAST_ONCE)), identifier(4)));

            // when
            broker.connect("p").exchange(message("a/b", "m", QoS.EXACTLY_ONCE, 1));

            // then
            List<Publish> got = client.take(Publish.class);
            assertEquals(1, got.size());
            assertEquals(QoS.EXACTLY_ONCE, got.get(0).qos());
            assertEquals(
                    List.of(1, 2),
                    got.get(0).properties().all(Property.SUBSCRIPTION_IDENTIFIER).stream()
                            .sorted()
                            .toList());
        }
    }

    @Test
    @Statement({"MQTT-3.8.4-3", "P5-46"})
    @Statement(value = "MQTT-3.8.4-3", version = Version.V3_1_1)
    void theSameFilterAgainReplacesTheSubscriptionAndItsIdentifier() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            client.exchange(
                    new Subscribe(1, List.of(to("a", QoS.AT_MOST_ONCE)), identifier(1)),
                    new Subscribe(2, List.of(to("a", QoS.AT_LEAST_ONCE)), identifier(2)));

            // when
            broker.connect("p").exchange(message("a", "m", QoS.AT_LEAST_ONCE, 1));
            List<Publish> second = client.take(Publish.class);
            client.exchange(new Subscribe(3, List.of(to("a", QoS.AT_MOST_ONCE))));
            broker.connect("p").exchange(message("a", "m"));

            // then
            assertEquals(1, second.size());
            assertEquals(QoS.AT_LEAST_ONCE, second.get(0).qos());
            assertEquals(2, second.get(0).properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0));
            assertEquals(List.of(message("a", "m")), client.take());
        }
    }

    @Test
    @Statement("MQTT-3.8.3-3")
    void noLocalKeepsAClientsOwnMessagesFromItAndFromNobodyElse() {
        try (TestBroker broker = new TestBroker()) {
            // given
            Subscription noLocal =
                    new Subscription(TopicFilter.of("a/#"), QoS.AT_MOST_ONCE, true, false, RetainHandling.SEND);
            MemoryClient one = broker.connect("one");
            MemoryClient two = broker.connect("two");
            broker.subscribe(one, noLocal);
            broker.subscribe(two, noLocal);

            // when
            one.exchange(message("a/b", "of one"));
            List<Packet> toOne = one.take();
            List<Packet> toTwo = two.take();
            broker.subscribe(
                    one, new Subscription(TopicFilter.of("a/b"), QoS.AT_MOST_ONCE, true, false, RetainHandling.SEND));
            List<Packet> twice = one.exchange(message("a/b", "of one, not wanted twice"));
            broker.subscribe(one, to("+/b", QoS.AT_MOST_ONCE)); // which wants its own
            List<Packet> overlapping = one.exchange(message("a/b", "of one again"));

            // then
            assertEquals(List.of(), toOne);
            assertEquals(List.of(), twice);
            assertEquals(List.of("of one"), texts(toTwo));
            assertEquals(List.of("of one again"), texts(overlapping));
        }
    }

    @Test
    @Statement({"MQTT-4.7.2-1"})
    @Statement(value = "MQTT-4.7.2-1", version = Version.V3_1_1)
    void wildcardsInTheFirstLevelDoNotMatchReservedTopics() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient wild = broker.connect("wild");
            broker.subscribe(wild, to("#", QoS.AT_MOST_ONCE), to("+/b", QoS.AT_MOST_ONCE));
            MemoryClient named = broker.connect("named");
            broker.subscribe(named, to("$own/#", QoS.AT_MOST_ONCE));

            // when
            broker.connect("p").exchange(message("$own/b", "m"), message("own/b", "n"));

            // then
            assertEquals(List.of("n"), texts(wild.take()));
            assertEquals(List.of("m"), texts(named.take()));
        }
    }

    @Test
    @Statement({"MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6", "MQTT-3.11.3-1"})
    @Statement(
            value = {"MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6"},
            version = Version.V3_1_1)
    void anUnsubscribeEndsExactlyTheFiltersThatItNames() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            broker.subscribe(client, to("a/+", QoS.AT_MOST_ONCE), to("b", QoS.AT_MOST_ONCE), to("c", QoS.AT_MOST_ONCE));

            // when
            List<Packet> answers = client.exchange(
                    new Unsubscribe(9, List.of(TopicFilter.of("a/b"), TopicFilter.of("a/+"), TopicFilter.of("b"))));
            broker.connect("p").exchange(message("a/b", "1"), message("b", "2"), message("c", "3"));

            // then
            assertEquals(
                    List.of(new UnsubAck(
                            9, List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED, ReasonCode.SUCCESS, ReasonCode.SUCCESS))),
                    answers);
            assertEquals(List.of("3"), texts(client.take()));
        }
    }

    @Test
    @Statement({"MQTT-3.8.4-5", "MQTT-3.9.3-1"})
    @Statement(
            value = {"MQTT-3.8.4-4", "MQTT-3.9.3-1"},
            version = Version.V3_1_1)
    void manyFiltersAreAnsweredTogetherInTheirOrder() {
        try (TestBroker broker = new TestBroker()) {
            // when
            List<Packet> answers = broker.connect("c")
                    .exchange(new Subscribe(
                            5,
                            List.of(to("a", QoS.EXACTLY_ONCE), to("b", QoS.AT_MOST_ONCE), to("c", QoS.AT_LEAST_ONCE))));

            // then
            assertEquals(
                    List.of(new SubAck(
                            5, List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.GRANTED_QOS_0, ReasonCode.GRANTED_QOS_1))),
                    answers);
        }
    }

    @Test
    @Statement({"P5-48", "MQTT-3.3.4-5"})
    void overlappingSubscriptionsMayGiveACopyForEachWithItsOwnQosAndIdentifier() {
        SubscriptionOptions options = SubscriptionOptions.defaults().withOverlapping(Overlapping.COPY_EACH);
        try (TestBroker broker = new TestBroker(TestBroker.options().subscriptions(options))) {
            // given
            MemoryClient client = broker.connect("c");
            Subscription noLocal =
                    new Subscription(TopicFilter.of("+/b"), QoS.AT_MOST_ONCE, true, true, RetainHandling.DO_NOT_SEND);
            client.exchange(
                    new Subscribe(1, List.of(to("a/#", QoS.AT_MOST_ONCE)), identifier(1)),
                    new Subscribe(2, List.of(to("a/+", QoS.EXACTLY_ONCE)), identifier(2)),
                    new Subscribe(3, List.of(noLocal), identifier(3)));
            Publish published = message("a/b", "m", QoS.AT_LEAST_ONCE, 1).withRetain(true);

            // when
            broker.connect("p").exchange(published);
            List<Publish> copies = client.take(Publish.class);
            client.send(published);
            List<Publish> own = client.take(Publish.class);

            // then
            assertEquals(List.of("0 1 false", "0 3 true", "1 2 false"), described(copies));
            assertEquals(List.of("0 1 false", "1 2 false"), described(own));
        }
    }

    private static List<String> described(List<Publish> copies) {
        return copies.stream()
                .map(copy -> copy.qos().code() + " " + copy.properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0)
                        + " " + copy.retain())
                .sorted()
                .toList();
    }

    @Test
    @Statement({"MQTT-3.8.3-3", "MQTT-3.3.1-12", "MQTT-3.3.1-13", "MQTT-3.3.4-2"})
    void anOverlapKeepsRetainIfOneWantsItAndLeavesOutTheGrantOfNoLocal() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            client.exchange(
                    new Subscribe(
                            1,
                            List.of(new Subscription(
                                    TopicFilter.of("a/#"), QoS.EXACTLY_ONCE, true, true, RetainHandling.DO_NOT_SEND)),
                            identifier(1)),
                    new Subscribe(2, List.of(to("a/+", QoS.AT_MOST_ONCE)), identifier(2)));
            Publish published = message("a/b", "m", QoS.EXACTLY_ONCE, 1).withRetain(true);

            // when
            broker.connect("p").exchange(published);
            List<Publish> ofAnother = client.take(Publish.class);
            client.send(published);
            List<Publish> own = client.take(Publish.class);

            // then: of its own, only the second subscription counts
            assertEquals(1, ofAnother.size());
            assertEquals(QoS.EXACTLY_ONCE, ofAnother.get(0).qos());
            assertTrue(ofAnother.get(0).retain());
            assertEquals(List.of("0 2 false"), described(own));
        }
    }

    @Test
    void whoHasManySubscriptionsAmongManySubscribersStillGetsOneCopy() {
        try (TestBroker broker = new TestBroker()) {
            // given: "a/b" is popular, and one of its subscribers has others that match as well
            MemoryClient one = broker.connect("one");
            broker.subscribe(
                    one, to("a/b", QoS.AT_MOST_ONCE), to("a/#", QoS.AT_MOST_ONCE), to("+/b", QoS.AT_MOST_ONCE));
            List<MemoryClient> others = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                others.add(broker.connect("other" + i));
                broker.subscribe(others.get(i), to("a/b", QoS.AT_MOST_ONCE));
            }
            MemoryClient wild = broker.connect("wild");
            broker.subscribe(wild, to("#", QoS.AT_MOST_ONCE));

            // when
            broker.broker.publish(message("a/b", "m"));

            // then
            assertEquals(1, one.take().size());
            assertEquals(1, wild.take().size());
            others.forEach(other -> assertEquals(1, other.take().size()));
        }
    }

    @Test
    @Statement("P5-73")
    void oneSubscriptionMoreThanAllowedIsRefusedAndThoseThatExistMayChange() {
        SubscriptionOptions options = SubscriptionOptions.defaults().withMaxPerClient(2);
        try (TestBroker broker = new TestBroker(TestBroker.options().subscriptions(options))) {
            // given
            MemoryClient client = broker.connect("c");
            List<Subscription> three =
                    List.of(to("a", QoS.AT_MOST_ONCE), to("$share/g/b", QoS.AT_MOST_ONCE), to("c", QoS.AT_MOST_ONCE));

            // when
            List<Packet> answers = client.exchange(
                    new Subscribe(1, three),
                    new Subscribe(2, List.of(to("a", QoS.AT_LEAST_ONCE))),
                    new Unsubscribe(3, List.of(TopicFilter.of("a"))),
                    new Subscribe(4, List.of(to("c", QoS.AT_MOST_ONCE))));
            List<Packet> older = broker.connectPersistent("older").exchange(new Subscribe(1, three));

            // then
            ReasonCode ok = ReasonCode.GRANTED_QOS_0;
            assertEquals(
                    List.of(
                            new SubAck(1, List.of(ok, ok, ReasonCode.QUOTA_EXCEEDED)),
                            new SubAck(2, List.of(ReasonCode.GRANTED_QOS_1)),
                            new UnsubAck(3, List.of(ReasonCode.SUCCESS)),
                            new SubAck(4, List.of(ok))),
                    answers);
            assertEquals(List.of(new SubAck(1, List.of(ok, ok, ReasonCode.UNSPECIFIED_ERROR))), older);
        }
    }

    @Test
    @Statement({"P5-68", "MQTT-4.7.3-4"})
    @Statement(value = "MQTT-4.7.3-4", version = Version.V3_1_1)
    void levelsAreComparedAsTheyAreEmptyOnesIncluded() {
        for (String[] row : new String[][] {
            // filter, what it matches, what it does not
            {"a/#", "a", "A"},
            {"a/#", "a/", "/a"},
            {"a", "a", "a/"},
            {"a", "a", "/a"},
            {"+", "a", "/a"},
            {"/+", "/a", "a"},
            {"+/+", "/a", "a"},
            {"a//b", "a//b", "a/b"},
            {"a/+/b", "a//b", "a/b"},
            {"e\u0301", "e\u0301", "\u00e9"},
            {" a", " a", "a"},
        }) {
            try (TestBroker broker = new TestBroker()) {
                // given
                MemoryClient client = broker.connect("c");
                broker.subscribe(client, to(row[0], QoS.AT_MOST_ONCE));

                // when
                List<Packet> got = client.exchange(message(row[1], "yes"), message(row[2], "no"));

                // then
                assertEquals(List.of("yes"), texts(got), () -> row[0]);
            }
        }
    }

    @Test
    @Statement({"MQTT-3.10.4-3", "MQTT-3.10.4-2"})
    @Statement(value = "MQTT-3.10.4-3", version = Version.V3_1_1)
    void whatWasSentBeforeAnUnsubscribeIsBroughtToItsEnd() {
        for (Connect connect : List.of(stays("c", 100), new Connect(TestBroker.V311, "c", false).withKeepAlive(0))) {
            try (TestBroker broker = new TestBroker()) {
                // given
                MemoryClient client = broker.connect(connect);
                broker.subscribe(client, to("a", QoS.EXACTLY_ONCE));
                broker.broker.publish(message("a", "1", QoS.EXACTLY_ONCE, 1));
                broker.broker.publish(message("a", "2", QoS.AT_LEAST_ONCE, 1));
                List<Publish> sent = client.take(Publish.class);

                // when
                client.exchange(new Unsubscribe(1, List.of(TopicFilter.of("a"))));
                broker.broker.publish(message("a", "3", QoS.AT_LEAST_ONCE, 1));
                List<Packet> released = client.exchange(new PubRec(sent.get(0).packetId()));
                client.cut();
                List<Packet> back = broker.connectKeepingAll(connect);

                // then
                assertEquals(List.of(new PubRel(sent.get(0).packetId())), released);
                assertEquals(
                        List.of(new PubRel(sent.get(0).packetId()), sent.get(1).again()), back.subList(1, back.size()));
            }
        }
    }

    private static Connect stays(String clientId, long seconds) {
        return new Connect(TestBroker.V5, clientId, false)
                .withKeepAlive(0)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, seconds));
    }

    @Test
    @Statement({"P5-58", "P5-46"})
    void aMessageThatIsSentAgainKeepsTheIdentifierWithWhichItWasSent() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect(stays("c", 100));
            client.exchange(new Subscribe(1, List.of(to("a", QoS.AT_LEAST_ONCE)), identifier(1)));
            broker.broker.publish(message("a", "before", QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();

            // when
            client.exchange(new Subscribe(2, List.of(to("a", QoS.AT_LEAST_ONCE)), identifier(2)));
            client.cut();
            broker.loops.run();
            MemoryClient back = broker.connect(stays("c", 100));
            broker.broker.publish(message("a", "after", QoS.AT_LEAST_ONCE, 1));
            List<Publish> got = back.take(Publish.class);
            back.cut();
            broker.loops.run();
            List<Packet> again = broker.connectKeepingAll(stays("c", 100));

            // then
            assertEquals(List.of("after"), texts(got));
            assertEquals(
                    List.of("1 1 false", "1 2 false"),
                    described(again.stream().skip(1).map(Publish.class::cast).toList()));
        }
    }

    @Test
    @Statement({"P5-56", "MQTT-3.8.4-7"})
    void aLowerQosMayBeGrantedThanWasAskedFor() {
        try (TestBroker broker = new TestBroker(client -> new BrokerHandler() {
            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public SubscribeDecision onSubscribe(Subscription wanted) {
                return SubscribeDecision.grant(QoS.AT_LEAST_ONCE);
            }
        })) {
            // when
            MemoryClient client = broker.connect("c");
            List<Packet> answers =
                    client.exchange(new Subscribe(1, List.of(to("a", QoS.EXACTLY_ONCE), to("b", QoS.AT_MOST_ONCE))));
            List<Packet> got = client.exchange(message("a", "m", QoS.EXACTLY_ONCE, 1));

            // then
            assertEquals(List.of(new SubAck(1, List.of(ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_0))), answers);
            assertEquals(
                    List.of(QoS.AT_LEAST_ONCE),
                    got.stream()
                            .filter(Publish.class::isInstance)
                            .map(each -> ((Publish) each).qos())
                            .toList());
        }
    }

    @Test
    @Statement({"MQTT-3.8.4-4", "P5-55"})
    void replacingASubscriptionSendsWhatIsRetainedAgainAndLosesNothing() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client =
                    broker.connect(stays("c", 100).withProperties(Properties.of(Property.RECEIVE_MAXIMUM, 1)));
            broker.subscribe(client, to("a", QoS.AT_LEAST_ONCE));
            broker.broker.publish(message("a", "1", QoS.AT_LEAST_ONCE, 1));
            broker.broker.publish(message("a", "2", QoS.AT_LEAST_ONCE, 1).withRetain(true));
            Publish first = client.take(Publish.class).get(0);

            // when
            List<Packet> answers = client.exchange(
                    new Subscribe(2, List.of(to("a", QoS.AT_LEAST_ONCE))), new PubAck(first.packetId()));
            List<Packet> then = client.exchange(new PubAck(((Publish) answers.get(1)).packetId()));

            // then
            assertEquals(List.of("2"), texts(answers));
            assertEquals(List.of("2"), texts(then));
            assertTrue(((Publish) then.get(0)).retain());
        }
    }
}

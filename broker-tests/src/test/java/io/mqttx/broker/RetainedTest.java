package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.retained;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.QueueOptions;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RetainedTest {

    private static Subscription handling(String filter, RetainHandling handling) {
        return new Subscription(TopicFilter.of(filter), QoS.EXACTLY_ONCE, false, false, handling);
    }

    @Test
    @Statement({"MQTT-3.3.1-5", "MQTT-3.3.1-9", "MQTT-3.3.1-12", "P5-44"})
    @Statement(
            value = {"MQTT-3.3.1-5", "MQTT-3.3.1-6", "MQTT-3.3.1-7", "MQTT-3.3.1-8", "MQTT-3.3.1-9"},
            version = Version.V3_1_1)
    void aNewSubscriptionGetsTheLastRetainedMessageOfEachTopicWithRetainSet() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient before = broker.connect("before");
            broker.subscribe(before, to("a/#", QoS.EXACTLY_ONCE));
            MemoryClient publisher = broker.connect(new Connect(V311, "p", true));
            publisher.exchange(
                    message("a/b", "old", QoS.AT_LEAST_ONCE, 1).withRetain(true),
                    retained("a/b", "new"),
                    message("a/c", "1", QoS.AT_LEAST_ONCE, 2).withRetain(true));

            // when
            List<Publish> got = broker.subscribe(broker.connect("s"), to("a/b", QoS.EXACTLY_ONCE));
            List<Publish> all = broker.subscribe(broker.connect("t"), to("+/#", QoS.AT_MOST_ONCE));

            // then
            assertEquals(List.of(retained("a/b", "new")), got);
            assertEquals(Set.of(retained("a/b", "new"), retained("a/c", "1")), new HashSet<>(all));
            assertTrue(before.take(Publish.class).stream().noneMatch(Publish::retain));
        }
    }

    @Test
    @Statement({"MQTT-3.3.1-6", "MQTT-3.3.1-7", "MQTT-3.3.1-8"})
    @Statement(
            value = {"MQTT-3.3.1-10", "MQTT-3.3.1-11", "MQTT-3.3.1-12"},
            version = Version.V3_1_1)
    void anEmptyRetainedMessageIsRoutedAndClearsTheTopicAndOneThatIsNotRetainedDoesNot() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient subscriber = broker.connect("s");
            broker.subscribe(subscriber, to("a", QoS.AT_MOST_ONCE));
            MemoryClient publisher = broker.connect("p");
            publisher.exchange(retained("a", "1"), message("a", ""), message("a", "not kept"));

            // when
            List<Publish> kept = broker.subscribe(broker.connect("t"), to("a", QoS.AT_MOST_ONCE));
            publisher.exchange(retained("a", ""));
            List<Publish> cleared = broker.subscribe(broker.connect("t"), to("a", QoS.AT_MOST_ONCE));

            // then
            assertEquals(List.of("1"), texts(kept));
            assertEquals(List.of(), cleared);
            assertEquals(List.of("1", "", "not kept", ""), texts(subscriber.take()));
        }
    }

    @Test
    @Statement({"MQTT-3.3.1-12", "MQTT-3.3.1-13"})
    void retainAsPublishedKeepsTheFlag() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient keeps = broker.connect("keeps");
            broker.subscribe(
                    keeps, new Subscription(TopicFilter.of("a"), QoS.AT_MOST_ONCE, false, true, RetainHandling.SEND));
            MemoryClient other = broker.connect("other");
            broker.subscribe(other, to("a", QoS.AT_MOST_ONCE));

            // when
            broker.connect("p").exchange(retained("a", "1"), message("a", "2"));

            // then
            assertEquals(List.of(retained("a", "1"), message("a", "2")), keeps.take());
            assertEquals(List.of(message("a", "1"), message("a", "2")), other.take());
        }
    }

    @Test
    @Statement({"MQTT-3.3.1-9", "MQTT-3.3.1-10", "MQTT-3.3.1-11", "P5-55", "MQTT-3.8.4-4"})
    void retainHandlingSaysWhetherRetainedMessagesAreSent() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("p").exchange(retained("a", "1"));
            MemoryClient client = broker.connect("c");

            // when
            List<Publish> never = broker.subscribe(client, handling("a", RetainHandling.DO_NOT_SEND));
            List<Publish> known = broker.subscribe(client, handling("a", RetainHandling.SEND_IF_NEW));
            List<Publish> again = broker.subscribe(client, handling("a", RetainHandling.SEND));
            List<Publish> fresh = broker.subscribe(client, handling("+", RetainHandling.SEND_IF_NEW));

            // then
            assertEquals(List.of(), never);
            assertEquals(List.of(), known);
            assertEquals(List.of("1"), texts(again));
            assertEquals(List.of("1"), texts(fresh));
        }
    }

    @Test
    void retainedMessagesCarryTheIdentifierOfTheSubscriptionThatAskedForThem() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("p").exchange(retained("a", "1"));

            // when
            List<Packet> got = broker.connect("c")
                    .exchange(new Subscribe(
                            1,
                            List.of(to("a", QoS.AT_MOST_ONCE)),
                            Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 300)));

            // then
            assertEquals(300, ((Publish) got.get(1)).properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0));
        }
    }

    @Test
    @Statement(value = "MQTT-3.1.2-7", version = Version.V3_1_1)
    void aRetainedMessageOutlivesTheSessionOfItsPublisher() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("p").exchange(retained("a", "1"));

            // when
            broker.connect("p").cut();
            broker.loops.run();

            // then
            assertEquals(List.of("1"), texts(broker.subscribe(broker.connect("s"), to("a", QoS.AT_MOST_ONCE))));
        }
    }

    @Test
    void moreTopicsThanAllowedAreRefusedAndThoseThatExistMayChange() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxRetained(2))) {
            // given
            MemoryClient publisher = broker.connect("p");
            publisher.exchange(retained("a", "1"), retained("b", "1"));

            // when
            List<Packet> refused =
                    publisher.exchange(message("c", "1", QoS.AT_LEAST_ONCE, 1).withRetain(true));
            publisher.exchange(retained("a", "2"));

            // then
            assertEquals(List.of(new PubAck(1, ReasonCode.QUOTA_EXCEEDED)), refused);
            List<Publish> kept = broker.subscribe(broker.connect("s"), to("#", QoS.AT_MOST_ONCE));
            assertEquals(Set.of("2", "1"), Set.copyOf(texts(kept)));
            assertEquals(2, kept.size());
        }
    }

    @Test
    void topicsWhoseMessageHasExpiredGiveTheirPlaceToOthers() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxRetained(2))) {
            // given
            MemoryClient publisher = broker.connect("p");
            Properties expiry = Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 10L);
            publisher.exchange(
                    retained("a", "1").withProperties(expiry),
                    retained("b", "1").withProperties(expiry));
            broker.advance(Duration.ofSeconds(100));

            // when
            publisher.exchange(retained("c", "2"), retained("d", "2"));

            // then
            List<Publish> kept = broker.subscribe(broker.connect("s"), to("#", QoS.AT_MOST_ONCE));
            assertEquals(List.of("2", "2"), texts(kept));
        }
    }

    @Test
    @Statement({"P5-44", "MQTT-3.3.2-6"})
    void aRetainedMessageExpiresAndIsCountedDownUntilThen() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("p")
                    .exchange(retained("a", "1").withProperties(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 10L)));
            broker.advance(Duration.ofMillis(9_999));

            // when
            List<Publish> before = broker.subscribe(broker.connect("s"), to("a", QoS.AT_MOST_ONCE));
            broker.advance(Duration.ofMillis(1));
            List<Publish> after = broker.subscribe(broker.connect("s"), to("a", QoS.AT_MOST_ONCE));

            // then
            assertEquals(1, before.get(0).properties().number(Property.MESSAGE_EXPIRY_INTERVAL, 0));
            assertEquals(List.of(), after);
        }
    }

    @Test
    void wildcardsDoNotReachRetainedMessagesOfReservedTopics() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("p").exchange(retained("$own/a", "1"), retained("own/a", "2"));

            // when
            MemoryClient client = broker.connect("s");

            // then
            assertEquals(List.of("2"), texts(broker.subscribe(client, to("#", QoS.AT_MOST_ONCE))));
            assertEquals(List.of("2"), texts(broker.subscribe(client, to("+/a", QoS.AT_MOST_ONCE))));
            assertEquals(List.of("1"), texts(broker.subscribe(client, to("$own/+", QoS.AT_MOST_ONCE))));
        }
    }

    @Test
    void aSlowSubscriberGetsAllOfAHundredThousandAndNothingNewerBeforeThem() {
        for (QoS qos : List.of(QoS.AT_MOST_ONCE, QoS.AT_LEAST_ONCE)) {
            QueueOptions small = new QueueOptions(100, 1 << 20, QueueOptions.WhenFull.DROP_OLDEST);
            try (TestBroker broker =
                    new TestBroker(TestBroker.options().maxUnsent(4096).queue(small))) {
                // given
                int many = 100_000;
                for (int i = 0; i < many; i++) {
                    broker.broker.publish(message("t/" + i % 100 + "/" + i, "old", QoS.AT_LEAST_ONCE, 1)
                            .withRetain(true));
                }
                MemoryClient slow = broker.connect("slow");
                slow.stopReading();
                slow.send(new Subscribe(1, List.of(to("t/#", qos))));
                broker.loops.run();
                broker.broker.publish(message("t/1/1", "newer", qos, qos == QoS.AT_MOST_ONCE ? 0 : 1));

                // when
                List<Publish> got = new ArrayList<>();
                for (boolean more = true; more; ) {
                    slow.readOnce();
                    List<Publish> some = slow.take(Publish.class);
                    got.addAll(some);
                    slow.send(some.stream()
                            .filter(publish -> publish.packetId() > 0)
                            .map(publish -> new PubAck(publish.packetId()))
                            .toArray(Packet[]::new));
                    more = !some.isEmpty();
                }

                // then
                assertEquals(many + 1, got.size());
                assertEquals(
                        many,
                        new HashSet<>(got.stream()
                                        .map(publish -> publish.topic().text())
                                        .toList())
                                .size());
                assertEquals("newer", text(got.get(many)));
                assertFalse(got.get(many).retain());
                assertEquals(List.of(), broker.events.take("dropped"));
            }
        }
    }

    @Test
    @Statement({"MQTT-4.9.0-3", "P5-16"})
    void aRetainedMessageAtQos0DoesNotWaitForThePlaceOfAnother() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("p").exchange(retained("a", "kept"));
            MemoryClient client = broker.connect(
                    new Connect(V5, "c", true).withProperties(Properties.of(Property.RECEIVE_MAXIMUM, 1)));
            broker.subscribe(client, to("b", QoS.AT_LEAST_ONCE));
            broker.broker.publish(message("b", "not answered", QoS.AT_LEAST_ONCE, 1));
            client.take();

            // when
            List<Publish> got = broker.subscribe(client, to("a", QoS.AT_MOST_ONCE));

            // then
            assertEquals(List.of("kept"), texts(got));
        }
    }

    @Test
    @Statement("P5-57")
    void aSharedSubscriptionGetsNoRetainedMessages() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("p").exchange(retained("a", "1"));

            // when
            List<Publish> got = broker.subscribe(broker.connect("s"), to("$share/g/a", QoS.AT_MOST_ONCE));

            // then
            assertEquals(List.of(), got);
        }
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Loop;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DeliveryTest {
    @Test
    @Statement({
        "MQTT-3.3.2-4",
        "MQTT-3.3.2-15",
        "MQTT-3.3.2-16",
        "MQTT-3.3.2-17",
        "MQTT-3.3.2-18",
        "MQTT-3.3.2-20",
        "MQTT-3.1.2-27"
    })
    void propertiesArePassedOnAsTheyAreExceptTheAlias() {
        try (TestBroker broker = new TestBroker()) {
            // given
            Properties properties = Properties.builder()
                    .add(Property.PAYLOAD_FORMAT_INDICATOR, true)
                    .userProperty("b", "1")
                    .add(Property.RESPONSE_TOPIC, "r")
                    .add(Property.CORRELATION_DATA, TestBroker.bytes("id"))
                    .userProperty("a", "2")
                    .add(Property.CONTENT_TYPE, "text")
                    .userProperty("b", "1")
                    .build();
            MemoryClient subscriber = broker.connect("s");
            broker.subscribe(subscriber, to("#", QoS.AT_MOST_ONCE));
            MemoryClient older = broker.connectPersistent("older");
            broker.subscribe(older, to("#", QoS.AT_MOST_ONCE));

            // when
            broker.connect("p")
                    .exchange(
                            message("a", "m").withProperties(properties.with(Property.TOPIC_ALIAS, 1)),
                            message("x", "n")
                                    .withProperties(Properties.of(Property.TOPIC_ALIAS, 1))
                                    .withTopic(TopicName.NONE));

            // then
            assertEquals(List.of(message("a", "m").withProperties(properties), message("a", "n")), subscriber.take());
            assertEquals(List.of(message("a", "m"), message("a", "n")), older.take());
        }
    }

    @Test
    @Statement("MQTT-3.3.1-3")
    @Statement(value = "MQTT-3.3.1-3", version = Version.V3_1_1)
    void dupOfThePublisherIsNotPassedOn() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient subscriber = broker.connect("s");
            broker.subscribe(subscriber, to("#", QoS.AT_LEAST_ONCE));

            // when
            broker.connect("p").exchange(message("a", "m", QoS.AT_LEAST_ONCE, 1).again());

            // then
            assertFalse(subscriber.take(Publish.class).get(0).dup());
        }
    }

    @Test
    @Statement({"MQTT-3.3.4-9", "MQTT-4.9.0-1", "MQTT-4.9.0-2", "MQTT-4.9.0-3", "MQTT-3.3.4-10", "P5-16"})
    void theReceiveMaximumOfTheClientIsKeptAndTheRestWaits() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect(
                    new Connect(V5, "c", true).withProperties(Properties.of(Property.RECEIVE_MAXIMUM, 2)));
            broker.subscribe(client, to("#", QoS.EXACTLY_ONCE));
            MemoryClient publisher = broker.connect("p");
            for (int i = 1; i <= 5; i++) {
                publisher.exchange(message("a", "m" + i, i == 2 ? QoS.EXACTLY_ONCE : QoS.AT_LEAST_ONCE, i));
            }

            // when
            List<Publish> first = client.take(Publish.class);
            List<Packet> atLimit = client.exchange(PingReq.INSTANCE);
            publisher.exchange(message("a", "qos 0"));
            List<Packet> qos0 = client.take();
            List<Packet> afterPubRec = client.exchange(new PubRec(first.get(1).packetId()));
            List<Packet> afterPubComp = client.exchange(new PubComp(first.get(1).packetId()));
            List<Packet> afterPubAck = client.exchange(new PubAck(first.get(0).packetId()));

            // then
            assertEquals(List.of("m1", "m2"), texts(first));
            assertEquals(List.of(PingResp.INSTANCE), atLimit);
            assertEquals(List.of("qos 0"), texts(qos0));
            assertEquals(
                    List.of(PacketType.PUBREL),
                    afterPubRec.stream().map(Packet::type).toList());
            assertEquals(List.of("m3"), texts(afterPubComp));
            assertEquals(List.of("m4"), texts(afterPubAck));
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-24", "MQTT-3.1.2-25"})
    void aMessageTooLargeForTheClientIsDroppedAsIfItHadBeenDelivered() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient small = broker.connect(new Connect(V5, "small", true)
                    .withProperties(Properties.builder()
                            .add(Property.MAXIMUM_PACKET_SIZE, 64L)
                            .add(Property.RECEIVE_MAXIMUM, 1)
                            .build()));
            broker.subscribe(small, to("#", QoS.EXACTLY_ONCE));
            MemoryClient publisher = broker.connect("p");
            String large = "x".repeat(100);

            // when
            publisher.exchange(
                    message("a", large),
                    message("a", large, QoS.AT_LEAST_ONCE, 1),
                    message("a", large, QoS.EXACTLY_ONCE, 2),
                    message("a", "fits", QoS.AT_LEAST_ONCE, 3));

            // then
            assertEquals(List.of("fits"), texts(small.take()));
            assertEquals(3, broker.events.take("dropped small a TOO_LARGE").size());
        }
    }

    @Test
    @Statement("MQTT-3.1.2-25")
    void aQos2MessageThatHasBecomeTooLargeToBeSentAgainIsReleased() {
        try (TestBroker broker = new TestBroker()) {
            // given: the client has the message, and the broker does not know that
            Connect any = new Connect(V5, "s", false)
                    .withKeepAlive(0)
                    .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 60L));
            MemoryClient subscriber = broker.connect(any);
            broker.subscribe(subscriber, to("t", QoS.EXACTLY_ONCE));
            MemoryClient publisher = broker.connect("p");
            publisher.send(message("t", "x".repeat(200), QoS.EXACTLY_ONCE, 1));
            int packetId = subscriber.take(Publish.class).get(0).packetId();
            subscriber.cut();

            // when
            List<Packet> got = broker.connectKeepingAll(
                    any.withProperties(any.properties().with(Property.MAXIMUM_PACKET_SIZE, 100L)));

            // then: its identifier is free for another message once the client has let go of it
            assertEquals(List.of(new PubRel(packetId)), got.subList(1, got.size()));
        }
    }

    @Test
    void manyMessagesTooLargeForTheClientAreDroppedOneAfterTheOther() {
        try (TestBroker broker = new TestBroker()) {
            // given: 9,000 wait behind one that is not answered
            MemoryClient small = broker.connect(new Connect(V5, "small", true)
                    .withProperties(Properties.builder()
                            .add(Property.MAXIMUM_PACKET_SIZE, 64L)
                            .add(Property.RECEIVE_MAXIMUM, 1)
                            .build()));
            broker.subscribe(small, to("#", QoS.AT_LEAST_ONCE));
            Publish large = message("a", "x".repeat(100), QoS.AT_LEAST_ONCE, 1);
            broker.broker.publish(message("a", "first", QoS.AT_LEAST_ONCE, 1));
            IntStream.range(0, 9000).forEach(i -> broker.broker.publish(large));
            broker.broker.publish(message("a", "last", QoS.AT_LEAST_ONCE, 1));
            Publish first = small.take(Publish.class).get(0);

            // when
            List<Packet> rest = small.exchange(new PubAck(first.packetId()));

            // then
            assertEquals(List.of("last"), texts(rest));
            assertEquals(List.of(), broker.log.takeErrors());
        }
    }

    @Test
    void topicsAndFiltersOfTenThousandLevelsAreRefused() {
        try (TestBroker broker = new TestBroker()) {
            // given
            String deep = "/".repeat(9_999);
            MemoryClient client = broker.connect("c");

            // when
            List<Packet> answers = client.exchange(
                    message(deep, "m", QoS.AT_LEAST_ONCE, 1).withRetain(true),
                    new Subscribe(2, List.of(to(deep, QoS.AT_MOST_ONCE), to("+" + deep + "#", QoS.AT_MOST_ONCE))),
                    new Unsubscribe(3, List.of(TopicFilter.of(deep))),
                    new Subscribe(4, List.of(to("/".repeat(127), QoS.AT_MOST_ONCE))),
                    message("/".repeat(127), "at the limit"),
                    PingReq.INSTANCE);

            // then
            assertEquals(
                    List.of(
                            new PubAck(1, ReasonCode.TOPIC_NAME_INVALID),
                            new SubAck(2, List.of(ReasonCode.TOPIC_FILTER_INVALID, ReasonCode.TOPIC_FILTER_INVALID)),
                            new UnsubAck(3, List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED)),
                            new SubAck(4, List.of(ReasonCode.GRANTED_QOS_0)),
                            message("/".repeat(127), "at the limit"),
                            PingResp.INSTANCE),
                    answers);
        }
    }

    @Test
    void aClientThatDoesNotReadMissesQos0AndGetsTheRestLater() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxUnsent(1024))) {
            // given
            MemoryClient slow = broker.connect("slow");
            broker.subscribe(slow, to("#", QoS.AT_LEAST_ONCE));
            slow.stopReading();
            String large = "x".repeat(2000);

            // when
            broker.connect("p")
                    .exchange(
                            message("a", large),
                            message("a", "lost"),
                            message("a", "kept", QoS.AT_LEAST_ONCE, 1),
                            message("a", "kept too", QoS.AT_LEAST_ONCE, 2));
            slow.startReading();

            // then
            assertEquals(List.of(large, "kept", "kept too"), texts(slow.take()));
            assertEquals(List.of("dropped slow a SLOW_CLIENT"), broker.events.take("dropped"));
        }
    }

    @Test
    @Statement({"MQTT-4.6.0-5", "MQTT-4.6.0-6"})
    @Statement(
            value = {"MQTT-4.6.0-5", "MQTT-4.6.0-6"},
            version = Version.V3_1_1)
    void eachPublishersOrderIsKeptOnEachTopicAcrossLoops() {
        try (TestBroker broker = new TestBroker()) {
            // given: more messages than a loop takes from its letter box at once
            List<MemoryClient> subscribers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                MemoryClient subscriber = broker.connect("s" + i);
                broker.subscribe(subscriber, to("t/#", QoS.AT_MOST_ONCE));
                subscribers.add(subscriber);
            }
            List<MemoryClient> publishers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                publishers.add(broker.connect(new Connect(V311, "p" + i, true)));
            }

            // when
            for (int n = 0; n < 500; n++) {
                for (int i = 0; i < publishers.size(); i++) {
                    publishers.get(i).send(message("t/" + i, Integer.toString(n)));
                }
            }

            // then
            List<Integer> inOrder = IntStream.range(0, 500).boxed().toList();
            for (MemoryClient subscriber : subscribers) {
                List<Publish> got = subscriber.take(Publish.class);
                for (int i = 0; i < publishers.size(); i++) {
                    String topic = "t/" + i;
                    assertEquals(
                            inOrder,
                            got.stream()
                                    .filter(publish -> publish.topic().text().equals(topic))
                                    .map(publish -> Integer.valueOf(text(publish)))
                                    .toList());
                }
            }
        }
    }

    @Test
    @Statement("MQTT-3.3.2-5")
    void whatExpiresOnItsWayToAnotherLoopIsDropped() {
        try (TestBroker broker = new TestBroker()) {
            // given
            List<MemoryClient> subscribers = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                MemoryClient subscriber = broker.connect("s" + i);
                broker.subscribe(subscriber, to("t", QoS.of(i % 3)));
                subscribers.add(subscriber);
            }
            MemoryClient publisher = broker.connect("p");
            broker.events.take();

            // when: it is routed, and loops of others stand still
            publisher.send(message("t", "1", QoS.AT_LEAST_ONCE, 1)
                    .withProperties(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 3L)));
            List<String> events = new ArrayList<>();
            for (Loop loop : broker.loops.all()) {
                if (!events.contains("published t")) {
                    broker.loops.runOnly(loop);
                    events.addAll(broker.events.take());
                }
            }
            broker.loops.passUnseen(Duration.ofSeconds(3));
            broker.loops.run();
            events.addAll(broker.events.take());

            // then
            int got = subscribers.stream()
                    .mapToInt(subscriber -> texts(subscriber.take()).size())
                    .sum();
            long dropped =
                    events.stream().filter(event -> event.endsWith("EXPIRED")).count();
            assertEquals(12, got + dropped);
            assertTrue(dropped > 0, events.toString());
        }
    }

    @Test
    void aSubscriberThatCannotTakeAMessageDoesNotKeepItFromOthers() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.events.failFromNowOn();
            List<MemoryClient> subscribers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                MemoryClient subscriber = broker.connect("s" + i);
                broker.subscribe(subscriber, to("#", QoS.AT_MOST_ONCE));
                subscribers.add(subscriber);
            }

            // when
            broker.broker.publish(message("a", "1"));
            broker.broker.publish(message("a", "2"));

            // then
            for (MemoryClient subscriber : subscribers) {
                assertEquals(List.of("1", "2"), texts(subscriber.take()));
            }
            assertTrue(broker.log.takeErrors().size() > 0);
        }
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.retained;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.testkit.MemoryClient;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What happens to messages for which a session has no room. */
class QueueTest {
    private static final QueueOptions TWO = new QueueOptions(2, 1 << 20, WhenFull.REFUSE);

    private static Publish numbered(int number) {
        return message("t", "m" + number, QoS.AT_LEAST_ONCE, number);
    }

    /** The answers to packets each of which is routed before the next is sent. */
    private static List<Packet> oneByOne(MemoryClient publisher, Packet... packets) {
        return Stream.of(packets)
                .flatMap(packet -> publisher.exchange(packet).stream())
                .toList();
    }

    /** A 3.1.1 client that subscribed and is away. */
    private static void leaveAway(TestBroker broker, String clientId) {
        MemoryClient away = broker.connectPersistent(clientId);
        broker.subscribe(away, to("#", QoS.EXACTLY_ONCE));
        away.cut();
        broker.loops.run();
    }

    @Test
    @Statement("P5-73")
    void whoSendsWithoutReadingTheAnswersHasToGoBeforeTheyFillTheMemory() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxUnsent(1024))) {
            MemoryClient client = broker.connect("c");
            client.stopReading();
            for (int i = 0; i < 1500 && !client.isClosed(); i++) {
                client.send(PingReq.INSTANCE); // two bytes an answer
                broker.loops.run();
            }
            assertTrue(client.isClosed());
            assertTrue(client.unread() < 2100, client.unread() + " bytes");
            assertEquals(List.of("disconnected c BY_SERVER QUOTA_EXCEEDED"), broker.events.take("disconnected"));
        }
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-4.6.0-1"})
    @Statement(value = "MQTT-4.4.0-1", version = Version.V3_1_1)
    void whatWasInFlightComesAgainAsFastAsTheClientReadsAndBeforeWhatIsNew() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxUnsent(1024))) {
            // given: 20 messages in flight
            MemoryClient first = broker.connectPersistent("c");
            broker.subscribe(first, to("a", QoS.AT_LEAST_ONCE));
            for (int i = 0; i < 20; i++) {
                broker.broker.publish(message("a", i + "x".repeat(500), QoS.AT_LEAST_ONCE, 1));
                assertEquals(1, first.take(Publish.class).size());
            }
            first.cut();
            broker.loops.run();

            // when: the client is back and does not read
            MemoryClient second = broker.open(V311);
            second.stopReading();
            second.send(new Connect(V311, "c", false));
            broker.loops.run();
            broker.broker.publish(message("a", "new", QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();

            // then
            assertTrue(second.unread() < 2 * 1024, second.unread() + " bytes");
            second.startReading();
            List<Publish> all = second.take(Publish.class);
            assertEquals(21, all.size());
            for (int i = 0; i < 20; i++) {
                assertTrue(text(all.get(i)).startsWith(i + "x"));
                assertTrue(all.get(i).dup());
            }
            assertEquals("new", text(all.get(20)));
        }
    }

    @Test
    @Statement({"P5-73", "P5-66"})
    void aPublisherIsToldWhenNobodyCouldKeepItsMessage() {
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(TWO))) {
            // given
            leaveAway(broker, "away");
            MemoryClient publisher = broker.connect("p");

            // when
            List<Packet> answers = oneByOne(
                    publisher,
                    numbered(1),
                    numbered(2),
                    numbered(3),
                    message("t", "m4", QoS.EXACTLY_ONCE, 4),
                    message("t", "0"));

            // then
            assertEquals(
                    List.of(
                            new PubAck(1),
                            new PubAck(2),
                            new PubAck(3, ReasonCode.QUOTA_EXCEEDED),
                            new PubRec(4, ReasonCode.QUOTA_EXCEEDED)),
                    answers);
            assertEquals(2, broker.events.take("dropped away t QUEUE_FULL").size());
            assertEquals(List.of("m1", "m2"), texts(broker.connectKeepingAll(new Connect(V311, "away", false))));
            assertEquals(List.of(new PubAck(5)), publisher.exchange(numbered(5)));
        }
    }

    @Test
    void aMessageThatAnybodyTakesIsAcceptedAndOnlyTheFullOnesMissIt() {
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(TWO))) {
            // given
            leaveAway(broker, "away");
            MemoryClient there = broker.connect("there");
            broker.subscribe(there, to("t", QoS.AT_LEAST_ONCE));
            MemoryClient publisher = broker.connect("p");

            // when
            List<Packet> answers = oneByOne(publisher, numbered(1), numbered(2), numbered(3));

            // then
            assertEquals(List.of(new PubAck(1), new PubAck(2), new PubAck(3)), answers);
            assertEquals(3, there.take(Publish.class).size());
            assertEquals(1, broker.events.take("dropped away").size());
        }
    }

    @Test
    void aRetainedMessageIsKeptAndSoNotRefused() {
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(TWO))) {
            // given
            leaveAway(broker, "away");
            MemoryClient publisher = broker.connect("p");
            publisher.exchange(numbered(1), numbered(2));

            // when
            List<Packet> answers = publisher.exchange(numbered(3).withRetain(true));

            // then
            assertEquals(List.of(new PubAck(3)), answers);
            assertEquals(List.of("m3"), texts(broker.subscribe(broker.connect("new"), to("t", QoS.AT_MOST_ONCE))));
        }
    }

    @Test
    void olderPublishersCannotBeToldAndAreAnswered() {
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(TWO))) {
            // given
            leaveAway(broker, "away");
            MemoryClient publisher = broker.connect(new Connect(V311, "p", true));
            publisher.exchange(numbered(1), numbered(2));

            // when
            List<Packet> answers = publisher.exchange(numbered(3), message("t", "m4", QoS.EXACTLY_ONCE, 4));

            // then
            assertEquals(List.of(new PubAck(3), new PubRec(4)), answers);
        }
    }

    @Test
    void aClientThatIsThereAndCannotFollowIsFullAsWellAndNotWhileItCan() {
        QueueOptions none = new QueueOptions(0, 0, WhenFull.REFUSE);
        for (QueueOptions queue : List.of(TWO, none)) {
            try (TestBroker broker =
                    new TestBroker(TestBroker.options().queue(queue).maxUnsent(1024))) {
                // given
                MemoryClient slow = broker.connect("slow");
                broker.subscribe(slow, to("t", QoS.AT_LEAST_ONCE));
                MemoryClient publisher = broker.connect("p");

                // when
                int accepted = 0;
                slow.stopReading();
                String large = "x".repeat(2000);
                for (int i = 1; i <= 5; i++) {
                    PubAck ack = (PubAck) publisher
                            .exchange(message("t", large, QoS.AT_LEAST_ONCE, i))
                            .get(0);
                    accepted += ack.reason() == ReasonCode.SUCCESS ? 1 : 0;
                }
                slow.startReading();

                // then: one is on its way, and two wait; without a queue nobody knows until it is too late
                assertEquals(queue.equals(TWO) ? 3 : 5, accepted);
                assertEquals(queue.equals(TWO) ? 3 : 1, slow.take(Publish.class).size());
            }
        }
    }

    @Test
    void aGroupOfWhichNobodyHasRoomRefusesAndServesAgainWhenItHas() {
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(TWO))) {
            // given
            MemoryClient away = broker.connectPersistent("away");
            broker.subscribe(away, to("$share/g/t", QoS.AT_LEAST_ONCE));
            away.cut();
            MemoryClient publisher = broker.connect("p");

            // when
            List<Packet> answers = oneByOne(publisher, numbered(1), numbered(2), numbered(3));
            MemoryClient back = broker.send(new Connect(V311, "away", false));
            List<String> waited = texts(back.take());
            publisher.exchange(numbered(4));

            // then
            assertEquals(List.of(new PubAck(1), new PubAck(2), new PubAck(3, ReasonCode.QUOTA_EXCEEDED)), answers);
            assertEquals(List.of("m1", "m2"), waited);
            assertEquals(List.of("m4"), texts(back.take()));
        }
    }

    @Test
    void theOldestGoesButNotTheRetainedMessagesThatWereAskedFor() {
        QueueOptions options = new QueueOptions(2, 1 << 20, WhenFull.DROP_OLDEST);
        try (TestBroker broker =
                new TestBroker(TestBroker.options().queue(options).maxUnsent(1024))) {
            // given
            MemoryClient slow = broker.connect("slow");
            broker.subscribe(slow, to("t", QoS.AT_LEAST_ONCE));
            IntStream.range(0, 10).forEach(i -> broker.broker.publish(retained("r/" + i, "x".repeat(500))));
            slow.stopReading();
            slow.send(new Subscribe(1, List.of(to("r/+", QoS.AT_MOST_ONCE))));
            broker.loops.run();

            // when
            IntStream.rangeClosed(1, 5).forEach(i -> broker.broker.publish(numbered(i)));
            broker.loops.run();
            slow.startReading();

            // then
            List<Publish> got = slow.take(Publish.class);
            assertEquals(10, got.stream().filter(Publish::retain).count());
            assertEquals(List.of("m4", "m5"), texts(got.subList(10, got.size())));
            assertEquals(3, broker.broker.metrics().get("publish/messages/dropped/queue_full"));
        }
    }

    @Test
    @Statement("P5-65")
    void qos2MessagesWaitAndKeepTheirQos() {
        try (TestBroker broker = new TestBroker()) {
            // given
            leaveAway(broker, "away");
            broker.connect("p").exchange(message("t", "m", QoS.EXACTLY_ONCE, 1), new PubRel(1));

            // when
            List<Packet> back = broker.connectKeepingAll(new Connect(V5, "away", false));

            // then
            assertEquals(QoS.EXACTLY_ONCE, ((Publish) back.get(1)).qos());
        }
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.spi.Loop;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.MemoryClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SessionLifeTest {

    private static Connect stays(String clientId, long seconds) {
        return new Connect(V5, clientId, false)
                .withKeepAlive(0)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, seconds));
    }

    private static boolean present(MemoryClient client) {
        return ((ConnAck) client.take().get(0)).sessionPresent();
    }

    @Test
    @Statement("MQTT-3.1.4-3")
    @Statement(value = "MQTT-3.1.4-2", version = Version.V3_1_1)
    void theSameClientAgainTakesOverAndTheOldConnectionIsToldAndClosed() {
        List<DisconnectReason> ends = new ArrayList<>();
        try (TestBroker broker = new TestBroker(client -> new BrokerHandler() {
            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public void onDisconnect(DisconnectReason reason) {
                ends.add(reason);
            }
        })) {
            // given
            MemoryClient first = broker.connect("c");
            MemoryClient older = broker.connectPersistent("older");

            // when
            MemoryClient second = broker.connect("c");
            broker.connectPersistent("older");

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.SESSION_TAKEN_OVER)), first.take());
            assertEquals(List.of(), older.take());
            assertTrue(first.isClosed() && older.isClosed());
            assertFalse(second.isClosed());
            assertEquals(
                    List.of(DisconnectReason.Cause.TAKEN_OVER, DisconnectReason.Cause.TAKEN_OVER),
                    ends.stream().map(DisconnectReason::cause).toList());
            assertEquals(2, broker.broker.metrics().get("clients/connected"));
        }
    }

    @Test
    void connectionsOfOneClientThatRaceToItsLoopTakeOverOneAfterTheOther() {
        try (TestBroker broker = new TestBroker()) {
            // given: on each loop one, all on the move to the client's own at the same time
            List<MemoryClient> clients = new ArrayList<>();
            for (Loop loop : broker.loops.all()) {
                MemoryClient client = broker.transport.connect(V5, loop);
                client.send(new Connect(V5, "c", true));
                clients.add(client);
            }

            // when
            for (Loop loop : broker.loops.all()) {
                broker.loops.runOnly(loop);
            }
            broker.loops.run();

            // then
            assertEquals(
                    1, clients.stream().filter(client -> !client.isClosed()).count());
            assertEquals(1, broker.broker.metrics().get("clients/connected"));
            assertEquals(2, broker.events.take("disconnected c TAKEN_OVER").size());
        }
    }

    @Test
    void aClientThatIsLostOnTheWayToItsLoopIsToldToItsHandler() {
        List<DisconnectReason> ends = new ArrayList<>();
        try (TestBroker broker = new TestBroker(client -> new BrokerHandler() {
            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public void onDisconnect(DisconnectReason reason) {
                ends.add(reason);
            }
        })) {
            for (Loop loop : broker.loops.all()) {
                // given
                MemoryClient client = broker.transport.connect(V5, loop);
                client.send(new Connect(V5, "c", true));
                broker.loops.runOnly(loop);

                // when
                client.cut();
                broker.loops.run();
            }

            // then
            assertEquals(3, ends.size());
            assertEquals(0, broker.broker.metrics().get("clients/connected"));
        }
    }

    @Test
    void nobodyLooksAtTheClockForAClientThatIsOnItsWay() {
        try (TestBroker broker = new TestBroker()) {
            for (Loop loop : broker.loops.all()) {
                // given
                MemoryClient client = broker.transport.connect(V5, loop);
                client.send(new Connect(V5, "c", true).withKeepAlive(0));
                broker.loops.runOnly(loop);

                // when
                broker.loops.passUnseen(Duration.ofSeconds(10));
                broker.loops.runOnly(loop);

                // then
                assertEquals(1, client.take().size());
                assertFalse(client.isClosed());
            }
            assertEquals(List.of(), broker.log.takeErrors());
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-4", "MQTT-3.2.2-2"})
    @Statement(
            value = {"MQTT-3.2.2-1", "MQTT-3.1.4-3"},
            version = Version.V3_1_1)
    void aCleanStartEndsTheOldSessionAndItsSubscriptions() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient first = broker.connect(stays("c", 100));
            broker.subscribe(first, to("a", QoS.AT_LEAST_ONCE));
            first.cut();

            // when
            MemoryClient again = broker.send(new Connect(V5, "c", true));

            // then
            assertFalse(present(again));
            assertEquals(
                    List.of(new PubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS)),
                    broker.connect("p").exchange(message("a", "m", QoS.AT_LEAST_ONCE, 1)));
            assertEquals(List.of(), again.take());
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-5", "MQTT-3.2.2-3", "MQTT-3.1.2-23", "MQTT-4.5.0-1"})
    @Statement(
            value = {"MQTT-3.1.2-4", "MQTT-3.1.2-5", "MQTT-3.2.2-2", "MQTT-3.2.2-3", "MQTT-4.1.0-1", "MQTT-4.5.0-1"},
            version = Version.V3_1_1)
    void aSessionGoesOnWithItsSubscriptionsAndWhatWaitedForIt() {
        for (Connect connect : List.of(stays("c", 100), new Connect(V311, "c", false))) {
            try (TestBroker broker = new TestBroker()) {
                // given
                MemoryClient first = broker.send(connect);
                boolean presentAtFirst = present(first);
                broker.subscribe(first, to("a", QoS.EXACTLY_ONCE));
                first.cut();
                MemoryClient publisher = broker.connect("p");
                publisher.exchange(
                        message("a", "0", QoS.AT_MOST_ONCE, 0),
                        message("a", "1", QoS.AT_LEAST_ONCE, 1),
                        message("a", "2", QoS.EXACTLY_ONCE, 2));

                // when
                List<Packet> answers = broker.send(connect).take();

                // then
                assertFalse(presentAtFirst);
                assertTrue(((ConnAck) answers.get(0)).sessionPresent());
                assertEquals(List.of("1", "2"), texts(answers)); // QoS 0 does not wait
            }
        }
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.3.3-6", "MQTT-4.3.2-3", "MQTT-4.3.3-3", "MQTT-4.3.3-5"})
    void whatIsInFlightIsSentAgainInItsOrderWithItsIdentifiers() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient first = broker.connect(stays("c", 100));
            broker.subscribe(first, to("a", QoS.EXACTLY_ONCE));
            broker.connect("p")
                    .send(
                            message("a", "1", QoS.AT_LEAST_ONCE, 1),
                            message("a", "2", QoS.EXACTLY_ONCE, 2),
                            message("a", "3", QoS.EXACTLY_ONCE, 3),
                            message("a", "4", QoS.AT_LEAST_ONCE, 4));
            List<Publish> sent = first.take(Publish.class);
            first.exchange(
                    new PubAck(sent.get(0).packetId()), new PubRec(sent.get(1).packetId()));
            first.cut();

            // when
            List<Packet> again = broker.connectKeepingAll(stays("c", 100));

            // then
            assertEquals(
                    List.of(
                            new PubRel(sent.get(1).packetId()),
                            sent.get(2).again(),
                            sent.get(3).again()),
                    again.subList(1, again.size()));
        }
    }

    @Test
    @Statement({"MQTT-4.3.3-10", "MQTT-4.3.3-12"})
    void aQos2MessageThatComesAgainAfterAReconnectIsRoutedOnce() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient subscriber = broker.connect("s");
            broker.subscribe(subscriber, to("a", QoS.AT_MOST_ONCE));
            Publish sent = message("a", "1", QoS.EXACTLY_ONCE, 5);
            MemoryClient first = broker.connect(stays("c", 100));
            first.exchange(sent);
            first.cut();
            MemoryClient second = broker.connect(stays("c", 100));

            // when
            List<Packet> answers = second.exchange(sent.again(), new PubRel(5), message("a", "2", QoS.EXACTLY_ONCE, 5));

            // then
            assertEquals(List.of(new PubRec(5), new PubComp(5), new PubRec(5)), answers);
            assertEquals(List.of("1", "2"), texts(subscriber.take()));
        }
    }

    @Test
    @Statement({"MQTT-4.1.0-1", "MQTT-4.1.0-2", "P5-12"})
    void aSessionEndsWhenItsExpiryHasPassedAndNotBefore() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect(stays("c", 100)).cut();
            broker.loops.run();

            // when
            broker.advance(Duration.ofMillis(99_999));
            MemoryClient inTime = broker.send(stays("c", 100));
            boolean presentInTime = present(inTime);
            broker.advance(Duration.ofSeconds(500)); // online: nothing expires
            MemoryClient stillThere = broker.send(stays("c", 100));
            boolean presentWhileOnline = present(stillThere);
            stillThere.cut();
            broker.advance(Duration.ofSeconds(100));
            MemoryClient late = broker.send(stays("c", 100));

            // then
            assertTrue(presentInTime);
            assertTrue(presentWhileOnline);
            assertFalse(present(late));
        }
    }

    @Test
    @Statement("P5-12")
    void aSessionForEverNeverEnds() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect(stays("c", 0xFFFF_FFFFL)).cut();

            // when
            broker.advance(Duration.ofDays(200 * 365));

            // then
            assertTrue(present(broker.send(stays("c", 1))));
        }
    }

    @Test
    @Statement("P5-13")
    void disconnectMaySetAnotherExpiry() {
        try (TestBroker broker = new TestBroker()) {
            // given
            Disconnect shorter = new Disconnect(
                    ReasonCode.NORMAL_DISCONNECTION, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 5L));
            Disconnect none = new Disconnect(
                    ReasonCode.NORMAL_DISCONNECTION, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 0L));
            broker.connect(stays("shorter", 100)).exchange(shorter);
            broker.connect(stays("none", 100)).exchange(none);
            broker.connect(stays("kept", 100)).exchange(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));

            // when
            broker.advance(Duration.ofSeconds(6));

            // then
            assertFalse(present(broker.send(stays("shorter", 100))));
            assertFalse(present(broker.send(stays("none", 100))));
            assertTrue(present(broker.send(stays("kept", 100))));
        }
    }

    @Test
    @Statement("P5-13")
    void disconnectMayNotRevivASessionThatEndsWithItsConnection() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");

            // when
            List<Packet> answers = client.exchange(new Disconnect(
                    ReasonCode.NORMAL_DISCONNECTION, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 5L)));

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.PROTOCOL_ERROR)), answers);
        }
    }

    private static List<String> waitedWith(QueueOptions queue, TestBroker broker, int messages) {
        MemoryClient away = broker.connectPersistent("away");
        broker.subscribe(away, to("#", QoS.AT_LEAST_ONCE));
        away.cut();
        MemoryClient publisher = broker.connect("p");
        for (int i = 1; i <= messages; i++) {
            publisher.exchange(message("t", "m" + i, QoS.AT_LEAST_ONCE, i));
        }
        assertTrue(queue.maxMessages() >= 0);
        return texts(broker.connectKeepingAll(new Connect(V311, "away", false)));
    }

    @Test
    void aFullQueueDropsTheNewestAndSaysSo() {
        QueueOptions queue = new QueueOptions(3, 1 << 20, WhenFull.DROP_NEWEST);
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(queue))) {
            // when
            List<String> waited = waitedWith(queue, broker, 5);

            // then
            assertEquals(List.of("m1", "m2", "m3"), waited);
            assertEquals(
                    List.of("dropped away t QUEUE_FULL", "dropped away t QUEUE_FULL"), broker.events.take("dropped"));
            assertEquals(2, broker.broker.metrics().get("publish/messages/dropped/queue_full"));
        }
    }

    @Test
    void aFullQueueMayDropTheOldestInstead() {
        QueueOptions queue = new QueueOptions(3, 1 << 20, WhenFull.DROP_OLDEST);
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(queue))) {
            // when
            List<String> waited = waitedWith(queue, broker, 5);

            // then
            assertEquals(List.of("m3", "m4", "m5"), waited);
            assertEquals(2, broker.events.take("dropped away t QUEUE_FULL").size());
        }
    }

    @Test
    void aQueueIsFullOfBytesAsWell() {
        QueueOptions queue = new QueueOptions(1000, 200, WhenFull.DROP_NEWEST); // 64 + 1 + 2 bytes for each
        try (TestBroker broker = new TestBroker(TestBroker.options().queue(queue))) {
            // when
            List<String> waited = waitedWith(queue, broker, 5);

            // then
            assertEquals(List.of("m1", "m2"), waited);
        }
    }

    @Test
    @Statement({"MQTT-3.3.2-5", "MQTT-3.3.2-6", "P5-45"})
    void aMessageThatWaitsIsCountedDownAndDroppedWhenItHasExpired() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient away = broker.connect(stays("away", 1000));
            broker.subscribe(away, to("#", QoS.AT_LEAST_ONCE));
            away.cut();
            MemoryClient publisher = broker.connect("p");
            Properties expiry = Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 10L);
            publisher.exchange(
                    message("t", "short", QoS.AT_LEAST_ONCE, 1).withProperties(expiry),
                    message("t", "long", QoS.AT_LEAST_ONCE, 2)
                            .withProperties(expiry.with(Property.MESSAGE_EXPIRY_INTERVAL, 60L)),
                    message("t", "for ever", QoS.AT_LEAST_ONCE, 3));

            // when
            broker.advance(Duration.ofSeconds(10));
            List<Packet> waited = broker.connectKeepingAll(stays("away", 1000));

            // then
            assertEquals(List.of("long", "for ever"), texts(waited));
            assertEquals(50, ((Publish) waited.get(1)).properties().number(Property.MESSAGE_EXPIRY_INTERVAL, 0));
            assertFalse(((Publish) waited.get(2)).properties().has(Property.MESSAGE_EXPIRY_INTERVAL));
            assertEquals(List.of("dropped away t EXPIRED"), broker.events.take("dropped"));
        }
    }

    @Test
    @Statement("MQTT-4.1.0-1")
    @Statement(
            value = {"MQTT-4.1.0-2", "MQTT-3.1.2-6"},
            version = Version.V3_1_1)
    void aSessionLastsAsLongAsItsConnectionAndACleanOneNoLonger() {
        for (Connect connect : List.of(
                stays("c", 1),
                new Connect(V5, "c", true).withKeepAlive(0),
                new Connect(V311, "c", true).withKeepAlive(0))) {
            BrokerOptions.Builder options = TestBroker.options().idleTimeout(Duration.ZERO);
            try (TestBroker broker = new TestBroker(options)) {
                // given
                MemoryClient client = broker.connect(connect);
                broker.subscribe(client, to("a", QoS.AT_LEAST_ONCE));

                // when
                broker.advance(Duration.ofDays(100));
                broker.broker.publish(message("a", "1", QoS.AT_LEAST_ONCE, 1));
                List<String> online = texts(client.take());
                client.cut();
                broker.advance(Duration.ofSeconds(2));
                MemoryClient back = broker.send(connect);

                // then
                assertEquals(List.of("1"), online);
                assertFalse(present(back));
                assertEquals(0, broker.broker.metrics().get("subscriptions/count"));
            }
        }
    }

    @Test
    @Statement(value = "MQTT-4.4.0-1", version = Version.V3_1_1)
    @Statement({"MQTT-4.4.0-1", "P5-65"})
    void whatIsInFlightAndWhatWaitsKeepTheirOrderOverSeveralReconnections() {
        for (Connect connect : List.of(stays("c", 100), new Connect(V311, "c", false))) {
            try (TestBroker broker = new TestBroker()) {
                // given
                MemoryClient client = broker.connect(connect);
                broker.subscribe(client, to("a", QoS.AT_LEAST_ONCE));
                for (int i = 1; i <= 3; i++) {
                    broker.broker.publish(message("a", "sent " + i, QoS.AT_LEAST_ONCE, 1));
                }
                Publish first = client.take(Publish.class).get(0);
                client.cut();
                broker.loops.run();
                broker.broker.publish(message("a", "waits 1", QoS.AT_LEAST_ONCE, 1));
                broker.broker.publish(message("a", "waits 2", QoS.AT_LEAST_ONCE, 1));

                // when
                MemoryClient second = broker.send(connect);
                List<Packet> again = second.take();
                second.exchange(new PubAck(first.packetId()));
                second.cut();
                broker.loops.run();
                List<Packet> third = broker.connectKeepingAll(connect);

                // then
                assertEquals(List.of("sent 1", "sent 2", "sent 3", "waits 1", "waits 2"), texts(again));
                assertEquals(List.of("sent 2", "sent 3", "waits 1", "waits 2"), texts(third));
                assertTrue(third.stream().skip(1).allMatch(each -> ((Publish) each).dup()));
            }
        }
    }
}

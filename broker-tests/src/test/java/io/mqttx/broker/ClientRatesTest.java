package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ClientRates;
import io.mqttx.broker.api.ClientRates.WhenExceeded;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.Rate;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.MemoryClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What one client may send. */
class ClientRatesTest {
    private static final ClientRates TEN_MESSAGES = ClientRates.unlimited().withMessages(Rate.perSecond(10));

    @Test
    void bySlowingDownNothingIsLostAndTheRateHolds() {
        try (TestBroker broker = broker(TEN_MESSAGES)) {
            // given
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect("sender");

            // when
            for (int i = 0; i < 100; i++) {
                sender.send(message("t", "" + i));
            }
            List<Integer> arrived = new ArrayList<>();
            for (int second = 0; second < 9; second++) {
                arrived.add(subscriber.take(Publish.class).size());
                broker.advance(Duration.ofSeconds(1));
            }
            arrived.add(subscriber.take(Publish.class).size());

            // then
            assertEquals(List.of(10, 10, 10, 10, 10, 10, 10, 10, 10, 10), arrived);
            assertTrue(broker.broker.metrics().get("limited/message_rate") >= 9);
            assertTrue(broker.events.take().contains("limited MESSAGE_RATE sender"));
            assertFalse(sender.isClosed());
        }
    }

    @Test
    void messagesOfOneReadAreSlowedDownLikeThoseOfMany() {
        try (TestBroker broker = broker(TEN_MESSAGES)) {
            // given
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect("sender");
            Packet[] packets = new Packet[15];
            for (int i = 0; i < packets.length; i++) {
                packets[i] = message("t", "" + i);
            }

            // when
            sender.send(packets);
            int atOnce = subscriber.take(Publish.class).size();
            broker.advance(Duration.ofMillis(500));

            // then
            assertEquals(10, atOnce);
            assertEquals(5, subscriber.take(Publish.class).size());
        }
    }

    @Test
    @Statement("MQTT-3.1.2-22")
    void aClientThatIsSlowedDownIsNotSilent() {
        ClientRates slow = ClientRates.unlimited().withMessages(new Rate(1, Duration.ofMinutes(1)));
        try (TestBroker broker = broker(slow)) {
            // given: a pause of a minute, a keep alive of ten seconds
            MemoryClient sender = broker.connect(new Connect(V5, "sender", true).withKeepAlive(10));
            sender.send(message("t", "1"));
            broker.advance(Duration.ofSeconds(5));
            sender.send(PingReq.INSTANCE);

            // when
            broker.advance(Duration.ofSeconds(54));
            List<Packet> early = sender.take();
            broker.advance(Duration.ofSeconds(1));
            List<Packet> answer = sender.take();
            broker.advance(Duration.ofMillis(14_999));
            boolean openUntilThen = !sender.isClosed();
            broker.advance(Duration.ofMillis(1));

            // then
            assertEquals(List.of(), early);
            assertEquals(List.of(PingResp.INSTANCE), answer);
            assertTrue(openUntilThen);
            assertTrue(sender.isClosed()); // real silence still counts
        }
    }

    @Test
    void whoLeavesWhileSlowedDownIsHeardToTheEnd() {
        try (TestBroker broker = broker(TEN_MESSAGES)) {
            // given
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect("sender");
            for (int i = 0; i < 12; i++) {
                sender.send(message("t", "" + i));
            }
            sender.send(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
            sender.close();

            // when
            broker.advance(Duration.ofMillis(300));

            // then
            assertEquals(12, subscriber.take(Publish.class).size());
            assertEquals(
                    List.of("disconnected sender BY_CLIENT NORMAL_DISCONNECTION"), broker.events.take("disconnected"));
            assertEquals(1, broker.broker.metrics().get("connections/closed"));
        }
    }

    @Test
    void whoIsTakenOverWhileSlowedDownIsGoneForGood() {
        try (TestBroker broker = broker(TEN_MESSAGES)) {
            // given
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect("sender");
            for (int i = 0; i < 12; i++) {
                sender.send(message("t", "" + i));
            }
            broker.loops.run();

            // when
            MemoryClient next = broker.connect("sender");
            broker.advance(Duration.ofSeconds(5));

            // then
            assertTrue(sender.isClosed());
            assertEquals(10, subscriber.take(Publish.class).size());
            assertFalse(next.isClosed());
        }
    }

    @Test
    void aHandlerThatAnswersLaterAndARateGoTogether() {
        List<CompletableFuture<PublishDecision>> asked = new ArrayList<>();
        BrokerHandler slow = new LateHandler(asked);
        ClientRates one = ClientRates.unlimited().withMessages(Rate.perSecond(1));
        try (TestBroker broker = new TestBroker(TestBroker.options().clientRates(one), client -> slow)) {
            // given
            MemoryClient sender = broker.connect("sender");
            sender.send(message("t", "1"), message("t", "2"));
            broker.loops.run();

            // when
            asked.get(0).complete(PublishDecision.route());
            broker.advance(Duration.ofMillis(999));
            int before = asked.size();
            broker.advance(Duration.ofMillis(1));

            // then
            assertEquals(1, before);
            assertEquals(2, asked.size());
        }
    }

    @Test
    void bytesHoldOnAverageHoweverLargeAPacketIs() {
        ClientRates rates = ClientRates.unlimited().withBytes(Rate.perSecond(1000));
        try (TestBroker broker = broker(rates)) {
            // given: each message takes 5,000 bytes, five seconds' worth
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect("sender");
            for (int i = 0; i < 3; i++) {
                sender.send(message("t", "x".repeat(5000 - 7)));
            }

            // when
            List<Integer> arrived = new ArrayList<>();
            for (int second = 0; second <= 10; second++) {
                arrived.add(subscriber.take(Publish.class).size());
                broker.advance(Duration.ofSeconds(1));
            }

            // then
            assertEquals(List.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1), arrived);
            assertTrue(broker.events.take().contains("limited BYTE_RATE sender"));
        }
    }

    @Test
    void whatIsNoMessageCountsByItsBytes() {
        ClientRates rates = ClientRates.unlimited().withBytes(Rate.perSecond(20));
        try (TestBroker broker = broker(rates)) {
            MemoryClient client = broker.connect("client");
            for (int i = 0; i < 15; i++) {
                client.send(PingReq.INSTANCE);
            }

            assertEquals(10, client.take().size());
            broker.advance(Duration.ofMillis(500));
            assertEquals(5, client.take().size());
        }
    }

    @Test
    void byRefusingMessagesAreDroppedOrAnsweredAndTheConnectionStays() {
        try (TestBroker broker = broker(TEN_MESSAGES.withWhenExceeded(WhenExceeded.REFUSE))) {
            // given
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect("sender");
            for (int i = 0; i < 10; i++) {
                sender.send(message("t", "" + i));
            }

            // when
            sender.send(message("t", "dropped"));
            List<Packet> answers =
                    sender.exchange(message("t", "a", QoS.AT_LEAST_ONCE, 1), message("t", "b", QoS.EXACTLY_ONCE, 2));
            broker.advance(Duration.ofMillis(100));
            List<Packet> later = sender.exchange(message("t", "again", QoS.AT_LEAST_ONCE, 1));

            // then
            assertEquals(
                    List.of(new PubAck(1, ReasonCode.QUOTA_EXCEEDED), new PubRec(2, ReasonCode.QUOTA_EXCEEDED)),
                    answers);
            assertEquals(List.of(new PubAck(1)), later);
            List<Publish> arrived = subscriber.take(Publish.class);
            assertEquals(11, arrived.size());
            assertEquals("again", text(arrived.get(10)));
            assertEquals(3, broker.broker.metrics().get("limited/message_rate"));
        }
    }

    @Test
    void anOlderClientWhichCannotBeToldIsSlowedDownInsteadOfRefused() {
        try (TestBroker broker = broker(TEN_MESSAGES.withWhenExceeded(WhenExceeded.REFUSE))) {
            // given
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect(new Connect(V311, "sender", true).withKeepAlive(0));
            for (int i = 1; i <= 12; i++) {
                sender.send(message("t", "" + i, QoS.AT_LEAST_ONCE, i));
            }

            // when
            int atOnce = subscriber.take(Publish.class).size();
            broker.advance(Duration.ofMillis(200));

            // then
            assertEquals(10, atOnce);
            assertEquals(2, subscriber.take(Publish.class).size());
            assertEquals(12, sender.take(PubAck.class).size());
        }
    }

    @Test
    @Statement("MQTT-4.13.1-1")
    void byDisconnectingTheConnectionEndsWithTheReason() {
        try (TestBroker broker = broker(TEN_MESSAGES.withWhenExceeded(WhenExceeded.DISCONNECT))) {
            // given
            MemoryClient subscriber = subscriber(broker);
            MemoryClient current = publishing(broker, V5);
            MemoryClient older = publishing(broker, V311);

            // when
            List<Packet> told = current.exchange(message("t", "too many"));
            List<Packet> toldOlder = older.exchange(message("t", "too many"));

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.MESSAGE_RATE_TOO_HIGH)), told);
            assertEquals(List.of(), toldOlder);
            assertTrue(current.isClosed() && older.isClosed());
            assertEquals(20, subscriber.take(Publish.class).size());
            assertTrue(broker.events
                    .take("disconnected")
                    .contains("disconnected sender5 BY_SERVER MESSAGE_RATE_TOO_HIGH"));
        }
    }

    @Test
    void withoutLimitsNobodyWaits() {
        try (TestBroker broker = new TestBroker()) {
            MemoryClient subscriber = subscriber(broker);
            MemoryClient sender = broker.connect("sender");
            for (int i = 0; i < 10_000; i++) {
                sender.send(message("t", "" + i));
            }

            assertEquals(10_000, subscriber.take(Publish.class).size());
        }
    }

    /** A client that has sent all it may, and stays. */
    private static MemoryClient publishing(TestBroker broker, ProtocolVersion version) {
        MemoryClient client = broker.connect(new Connect(version, "sender" + version.level(), true).withKeepAlive(0));
        for (int i = 0; i < 10; i++) {
            client.send(message("t", "" + i));
        }
        broker.loops.run();
        assertFalse(client.isClosed());
        return client;
    }

    private static TestBroker broker(ClientRates rates) {
        return new TestBroker(TestBroker.options().clientRates(rates));
    }

    private static MemoryClient subscriber(TestBroker broker) {
        MemoryClient subscriber = broker.connect("subscriber");
        broker.subscribe(subscriber, to("t", QoS.AT_MOST_ONCE));
        return subscriber;
    }

    /** Leaves every message to be decided about by the test. */
    private static final class LateHandler implements BrokerHandler {
        private final List<CompletableFuture<PublishDecision>> asked;

        LateHandler(List<CompletableFuture<PublishDecision>> asked) {
            this.asked = asked;
        }

        @Override
        public ConnectDecision onConnect(Connecting client) {
            return ConnectDecision.accept();
        }

        @Override
        public PublishDecision onPublish(Message message) {
            CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
            asked.add(decision);
            return PublishDecision.later(decision);
        }
    }
}

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
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.testkit.MemoryClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class HandlerTest {

    /** Decides about publishes as a test says. */
    private record OnPublish(Function<Message, PublishDecision> decide) implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            return ConnectDecision.accept();
        }

        @Override
        public PublishDecision onPublish(Message message) {
            return decide.apply(message);
        }
    }

    @Test
    @Statement({"P5-34", "MQTT-3.1.4-6"})
    void packetsBehindAConnectThatIsDecidedLaterWaitAndKeepTheirOrder() {
        // given
        CompletableFuture<ConnectDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.later(decision))) {
            MemoryClient client = broker.open(V5);
            client.send(new Connect(V5, "c", true), new Subscribe(1, List.of(to("#", QoS.AT_MOST_ONCE))));
            client.send(message("a", "1"), message("b", "2"));
            client.send(message("a", "3"), PingReq.INSTANCE);
            List<Packet> before = client.take();

            // when
            decision.complete(ConnectDecision.accept());

            // then
            assertEquals(List.of(), before);
            List<Packet> after = client.take();
            assertEquals(List.of("1", "2", "3"), texts(after));
            assertEquals(PacketType.CONNACK, after.get(0).type());
            assertEquals(PacketType.SUBACK, after.get(1).type());
            assertEquals(PingResp.INSTANCE, after.get(5));
        }
    }

    @Test
    void aConnectThatIsRefusedOrFailsLaterIsToldSo() {
        for (boolean fails : List.of(false, true)) {
            // given
            CompletableFuture<ConnectDecision> decision = new CompletableFuture<>();
            try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.later(decision))) {
                MemoryClient client = broker.send(new Connect(V5, "c", true));

                // when
                if (fails) {
                    decision.completeExceptionally(new IllegalStateException("planted"));
                } else {
                    decision.complete(ConnectDecision.reject(ReasonCode.BANNED));
                }

                // then
                ReasonCode reason = fails ? ReasonCode.UNSPECIFIED_ERROR : ReasonCode.BANNED;
                assertEquals(List.of(new ConnAck(false, reason)), client.take());
                assertEquals(fails ? 1 : 0, broker.log.takeErrors().size());
            }
        }
    }

    @Test
    @Statement({"MQTT-3.3.2-5", "MQTT-3.3.2-6"})
    void theTimeThatAHandlerTakesCountsForTheExpiryOfAMessage() {
        // given
        List<CompletableFuture<PublishDecision>> decisions = new ArrayList<>();
        try (TestBroker broker = new TestBroker(client -> new OnPublish(message -> {
            decisions.add(new CompletableFuture<>());
            return PublishDecision.later(decisions.get(decisions.size() - 1));
        }))) {
            MemoryClient subscriber = broker.connect("s");
            broker.subscribe(subscriber, to("#", QoS.AT_LEAST_ONCE));
            MemoryClient publisher = broker.connect("p");
            for (int i = 1; i <= 2; i++) {
                publisher.send(message("t", "in time", QoS.AT_LEAST_ONCE, i)
                        .withProperties(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 5L)));
            }
            broker.loops.run();

            // when: the second is read when the first is decided
            broker.advance(Duration.ofSeconds(3));
            decisions.get(0).complete(PublishDecision.route());
            broker.loops.run();
            broker.advance(Duration.ofSeconds(5));
            decisions.get(1).complete(PublishDecision.route());

            // then
            List<Publish> got = subscriber.take(Publish.class);
            assertEquals(1, got.size());
            assertEquals(2, got.get(0).properties().number(Property.MESSAGE_EXPIRY_INTERVAL, 0));
            assertEquals(List.of("dropped s t EXPIRED"), broker.events.take("dropped"));
            assertEquals(List.of(new PubAck(1), new PubAck(2)), publisher.take());
        }
    }

    @Test
    void aConnectThatIsNotDecidedInTimeIsClosed() {
        // given
        CompletableFuture<ConnectDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.later(decision))) {
            MemoryClient client = broker.send(new Connect(V5, "c", true));

            // when
            broker.advance(Duration.ofSeconds(10));
            decision.complete(ConnectDecision.accept());
            broker.loops.run();

            // then
            assertTrue(client.isClosed());
            assertEquals(List.of(), broker.events.take("connected"));
        }
    }

    @Test
    void whatAClientSentBehindItsConnectIsHeardAlsoIfItIsGoneWhenItIsLetIn() {
        // given: clients of every loop, so that some are let in far from home
        for (String clientId : List.of("a", "b", "c", "d")) {
            CompletableFuture<ConnectDecision> decision = new CompletableFuture<>();
            try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.later(decision))) {
                MemoryClient client = broker.open(V5);
                client.send(
                        new Connect(V5, clientId, true),
                        message("t", "1"),
                        new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
                broker.loops.run();
                client.cut();
                broker.loops.run();

                // when
                decision.complete(ConnectDecision.accept());
                broker.loops.run();

                // then
                assertEquals(
                        List.of(
                                "opened",
                                "connected " + clientId,
                                "published t",
                                "disconnected " + clientId + " BY_CLIENT NORMAL_DISCONNECTION",
                                "closed"),
                        broker.events.take());
            }
        }
    }

    @Test
    void publishesThatAreDecidedLaterAreAnsweredAndRoutedInTheirOrder() {
        // given
        List<CompletableFuture<PublishDecision>> decisions = new ArrayList<>();
        try (TestBroker broker = new TestBroker(client -> new OnPublish(message -> {
            CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
            decisions.add(decision);
            return PublishDecision.later(decision);
        }))) {
            MemoryClient subscriber = broker.connect("subscriber");
            broker.subscribe(subscriber, to("#", QoS.AT_MOST_ONCE));
            MemoryClient client = broker.connect("c");
            client.send(message("a", "1", QoS.AT_LEAST_ONCE, 1), message("a", "2"), PingReq.INSTANCE);
            client.send(message("a", "3", QoS.EXACTLY_ONCE, 2));
            List<Packet> before = client.take();

            // when
            List<Packet> after = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                decisions.get(i).complete(PublishDecision.route());
                after.addAll(client.take());
            }

            // then
            assertEquals(List.of(), before);
            assertEquals(List.of(new PubAck(1), PingResp.INSTANCE, new PubRec(2)), after);
            assertEquals(List.of("1", "2", "3"), texts(subscriber.take()));
        }
    }

    @Test
    void subscriptionsThatAreDecidedLaterAreAnsweredTogetherInTheirOrder() {
        // given
        CompletableFuture<SubscribeDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> new BrokerHandler() {
            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public SubscribeDecision onSubscribe(Subscription wanted) {
                return wanted.filter().text().equals("later")
                        ? SubscribeDecision.later(decision)
                        : SubscribeDecision.grant(QoS.AT_MOST_ONCE);
            }
        })) {
            MemoryClient client = broker.connect("c");
            client.send(
                    new Subscribe(1, List.of(to("a", QoS.AT_LEAST_ONCE), to("later", QoS.AT_LEAST_ONCE))),
                    PingReq.INSTANCE);
            List<Packet> before = client.take();

            // when
            decision.complete(SubscribeDecision.refuse(ReasonCode.NOT_AUTHORIZED));

            // then
            assertEquals(List.of(), before);
            assertEquals(
                    List.of(
                            new SubAck(1, List.of(ReasonCode.GRANTED_QOS_0, ReasonCode.NOT_AUTHORIZED)),
                            PingResp.INSTANCE),
                    client.take());
        }
    }

    @Test
    void aDecisionThatFallsAfterTheClientHasComeBackIsAnsweredOnceOnTheNewConnection() {
        // given
        CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> new OnPublish(message -> PublishDecision.later(decision)))) {
            Connect connect = new Connect(V311, "c", false);
            MemoryClient first = broker.connect(connect);
            first.exchange(message("a", "1", QoS.AT_LEAST_ONCE, 9));
            first.cut();
            MemoryClient second = broker.connect(connect);
            List<Packet> before =
                    second.exchange(message("a", "1", QoS.AT_LEAST_ONCE, 9).again());

            // when
            decision.complete(PublishDecision.route());

            // then
            assertEquals(List.of(), before);
            assertEquals(List.of(new PubAck(9)), second.take());
            assertEquals(1, broker.events.take("published").size());
        }
    }

    @Test
    void aDecisionThatFallsWhileTheClientIsAwayIsAnsweredWhenItAsksAgain() {
        // given
        CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> new OnPublish(message -> PublishDecision.later(decision)))) {
            Connect connect = new Connect(V311, "c", false);
            MemoryClient first = broker.connect(connect);
            first.exchange(message("a", "1", QoS.EXACTLY_ONCE, 9));
            first.cut();
            broker.loops.run();

            // when
            decision.complete(PublishDecision.route());
            broker.loops.run();
            MemoryClient second = broker.connect(connect);

            // then
            assertEquals(List.of(), second.take());
            assertEquals(
                    List.of(new PubRec(9)),
                    second.exchange(message("a", "1", QoS.EXACTLY_ONCE, 9).again()));
            assertEquals(1, broker.events.take("published").size());
        }
    }

    @Test
    void theClockOfKeepAliveStandsStillWhileTheHandlerThinks() {
        // given
        CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> new OnPublish(message -> PublishDecision.later(decision)))) {
            MemoryClient client = broker.connect(new Connect(V5, "c", true).withKeepAlive(10));
            client.send(message("a", "1"));
            broker.advance(Duration.ofSeconds(60));
            boolean closed = client.isClosed();

            // when
            decision.complete(PublishDecision.route());
            broker.advance(Duration.ofSeconds(14));
            boolean closedEarly = client.isClosed();
            broker.advance(Duration.ofSeconds(1));

            // then
            assertFalse(closed);
            assertFalse(closedEarly);
            assertTrue(client.isClosed());
        }
    }

    @Test
    @Statement("MQTT-3.14.4-3")
    void whatAClientSaidBeforeItClosedIsHeardAlsoWhenTheHandlerAnswersLate() {
        // given
        CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> new OnPublish(message ->
                client.clientId().equals("c") ? PublishDecision.later(decision) : PublishDecision.route()))) {
            MemoryClient client = broker.connect("c");
            client.send(message("a", "1"), message("a", "2"), new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
            broker.loops.run();
            client.cut(); // which is told although nothing is read: what the client said is here already
            broker.loops.run();

            // when
            decision.complete(PublishDecision.route());
            broker.loops.run();

            // then
            assertEquals(
                    List.of("published a", "published a", "disconnected c BY_CLIENT NORMAL_DISCONNECTION", "closed"),
                    broker.events.take().stream().skip(2).toList());
        }
    }

    @Test
    void aDecisionToDisconnectEndsTheConnectionAndWhatWasBehind() {
        try (TestBroker broker = new TestBroker(
                client -> new OnPublish(message -> PublishDecision.disconnect(ReasonCode.QUOTA_EXCEEDED)))) {
            // given
            MemoryClient client = broker.connect("c");

            // when
            List<Packet> answers =
                    client.exchange(message("a", "1", QoS.AT_LEAST_ONCE, 1), message("a", "2"), PingReq.INSTANCE);

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.QUOTA_EXCEEDED)), answers);
            assertTrue(client.isClosed());
            assertEquals(List.of("disconnected c BY_SERVER QUOTA_EXCEEDED"), broker.events.take("disconnected"));
            assertEquals(List.of(), broker.log.takeErrors());
        }
    }

    @Test
    void aMessageThatGotItsSenderDisconnectedIsAnsweredWhenItIsSentAgain() {
        try (TestBroker broker = new TestBroker(client ->
                new OnPublish(message -> TestBroker.text(message.packet()).equals("bad")
                        ? PublishDecision.disconnect(ReasonCode.SERVER_BUSY)
                        : PublishDecision.route()))) {
            // given
            Connect connect =
                    new Connect(V5, "c", false).withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 100L));
            broker.connect(connect).exchange(message("a", "bad", QoS.AT_LEAST_ONCE, 1));
            MemoryClient again = broker.connect(connect);

            // when
            List<Packet> answers = again.exchange(
                    message("a", "bad", QoS.AT_LEAST_ONCE, 1).again(), message("a", "good", QoS.AT_LEAST_ONCE, 2));

            // then
            assertEquals(2, answers.size());
            assertTrue(((PubAck) answers.get(0)).reason().isError());
            assertEquals(2, ((PubAck) answers.get(1)).packetId());
        }
    }

    @Test
    @Statement(value = "MQTT-3.3.5-2", version = Version.V3_1_1)
    void aRefusedMessageGoesNowhereAndIsAcknowledgedAsTheVersionAllows() {
        try (TestBroker broker = new TestBroker(
                client -> new OnPublish(message -> message.topic().text().equals("no")
                        ? PublishDecision.refuse(ReasonCode.NOT_AUTHORIZED)
                        : PublishDecision.route()))) {
            // given
            MemoryClient subscriber = broker.connect("subscriber");
            broker.subscribe(subscriber, to("#", QoS.AT_MOST_ONCE));
            MemoryClient current = broker.connect("current");
            MemoryClient older = broker.connectPersistent("older");
            Publish refused = message("no", "1", QoS.AT_LEAST_ONCE, 1).withRetain(true);

            // when
            List<Packet> toCurrent = current.exchange(refused);
            List<Packet> toOlder = older.exchange(refused);

            // then
            assertEquals(List.of(new PubAck(1, ReasonCode.NOT_AUTHORIZED)), toCurrent);
            assertEquals(List.of(new PubAck(1)), toOlder);
            assertEquals(List.of(), subscriber.take());
            assertEquals(List.of(), broker.subscribe(subscriber, to("no", QoS.AT_MOST_ONCE)));
        }
    }

    @Test
    void aHandledMessageIsAcknowledgedAndOneMayBeRoutedInstead() {
        try (TestBroker broker = new TestBroker(
                client -> new OnPublish(message -> message.topic().text().equals("handled")
                        ? PublishDecision.handled()
                        : PublishDecision.routeInstead(message("instead", "2"))))) {
            // given
            MemoryClient client = broker.connect("c");
            broker.subscribe(client, to("#", QoS.AT_MOST_ONCE));

            // when
            List<Packet> handled = client.exchange(message("handled", "1", QoS.AT_LEAST_ONCE, 1));
            List<Packet> changed = client.exchange(message("a", "1", QoS.AT_LEAST_ONCE, 2));

            // then
            assertEquals(List.of(new PubAck(1)), handled);
            assertEquals(List.of(message("instead", "2"), new PubAck(2)), changed);
        }
    }
}

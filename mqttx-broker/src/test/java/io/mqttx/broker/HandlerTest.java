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
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.broker.testing.MemoryClient;
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
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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

    /** A handler whose callback with this name fails, by throwing or by answering nothing. */
    private record Failing(String callback, Optional<RuntimeException> error) implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            return fail("onConnect", ConnectDecision.accept());
        }

        @Override
        public void onConnected(Connection connection) {
            fail("onConnected", connection);
        }

        @Override
        public PublishDecision onPublish(Message message) {
            return fail("onPublish", PublishDecision.route());
        }

        @Override
        public SubscribeDecision onSubscribe(Subscription wanted) {
            return fail("onSubscribe", SubscribeDecision.grant(QoS.EXACTLY_ONCE));
        }

        @Override
        public void onUnsubscribe(List<TopicFilter> filters) {
            fail("onUnsubscribe", filters);
        }

        @Override
        public void onInfo(Object info) {
            fail("onInfo", info);
        }

        @Override
        public void onDisconnect(DisconnectReason reason) {
            fail("onDisconnect", reason);
        }

        private <T> T fail(String name, T otherwise) {
            if (!callback.equals(name)) {
                return otherwise;
            }
            error.ifPresent(e -> {
                throw e;
            });
            return null;
        }
    }

    private static Failing throwing(String callback) {
        return new Failing(callback, Optional.of(new IllegalStateException("planted")));
    }

    private static TestBroker oneFails(Failing failing) {
        return new TestBroker(client -> client.clientId().equals("bad") ? failing : BrokerHandler.allowAll());
    }

    @Test
    void aHandlerThatThrowsInOnConnectRefusesItsClientAlone() {
        try (TestBroker broker = oneFails(throwing("onConnect"))) {
            // given
            MemoryClient other = broker.connect("good");

            // when
            MemoryClient bad = broker.send(new Connect(V5, "bad", true));
            MemoryClient older = broker.send(new Connect(V311, "bad", true));

            // then
            assertEquals(List.of(new ConnAck(false, ReasonCode.UNSPECIFIED_ERROR)), bad.take());
            assertEquals(List.of(), older.take());
            assertTrue(bad.isClosed() && older.isClosed());
            assertEquals(
                    List.of("the handler of client \"bad\" failed in onConnect"),
                    broker.log.takeErrors().stream().distinct().toList());
            assertEquals(List.of(PingResp.INSTANCE), other.exchange(PingReq.INSTANCE));
        }
    }

    @Test
    void aFactoryThatThrowsOrGivesNothingRefusesItsClientAlone() {
        try (TestBroker broker = new TestBroker(client -> {
            if (client.clientId().equals("bad")) {
                throw new IllegalStateException("planted");
            }
            return client.clientId().equals("none") ? null : BrokerHandler.allowAll();
        })) {
            for (String name : List.of("bad", "none")) {
                // when
                MemoryClient bad = broker.send(new Connect(V5, name, true));

                // then
                assertEquals(List.of(new ConnAck(false, ReasonCode.UNSPECIFIED_ERROR)), bad.take());
                assertEquals(1, broker.log.takeErrors().size());
            }
            broker.connect("good");
        }
    }

    @Test
    void noAnswerFromTheHandlerIsNoPermission() {
        for (String callback : List.of("onConnect", "onPublish", "onSubscribe")) {
            try (TestBroker broker = oneFails(new Failing(callback, Optional.empty()))) {
                // given
                MemoryClient good = broker.connect("good");
                broker.subscribe(good, to("#", QoS.AT_LEAST_ONCE));

                // when
                MemoryClient bad = broker.send(new Connect(V5, "bad", true));
                List<Packet> answers = bad.exchange(
                        message("t", "m", QoS.AT_LEAST_ONCE, 1), new Subscribe(2, List.of(to("t", QoS.AT_MOST_ONCE))));

                // then
                ReasonCode error = ReasonCode.UNSPECIFIED_ERROR;
                assertEquals(
                        switch (callback) {
                            case "onConnect" -> List.of(new ConnAck(false, error));
                            case "onPublish" ->
                                List.of(new PubAck(1, error), new SubAck(2, List.of(ReasonCode.GRANTED_QOS_0)));
                            default -> List.of(new PubAck(1), new SubAck(2, List.of(error)));
                        },
                        answers.stream()
                                .filter(packet -> packet.type() != PacketType.CONNACK
                                        || ((ConnAck) packet).reason().isError())
                                .toList());
                assertEquals(1, broker.log.takeErrors().size());
                assertEquals(callback.equals("onSubscribe") ? 1 : 0, good.take().size());
            }
        }
    }

    @Test
    void aHandlerThatThrowsInOnConnectedOnUnsubscribeOrOnInfoIsLoggedAndItsClientStays() {
        for (String callback : List.of("onConnected", "onUnsubscribe", "onInfo")) {
            List<Connection> known = new ArrayList<>();
            try (TestBroker broker = new TestBroker(client -> throwing(callback))) {
                // when
                MemoryClient bad = broker.connect("bad");
                bad.exchange(new Unsubscribe(1, List.of(TopicFilter.of("a"))));
                broker.events.connections().forEach(known::add);
                known.get(0).tell("hello");

                // then
                assertEquals(List.of(PingResp.INSTANCE), bad.exchange(PingReq.INSTANCE));
                assertEquals(List.of("the handler of client \"bad\" failed in " + callback), broker.log.takeErrors());
            }
        }
    }

    @Test
    void aHandlerThatThrowsInOnPublishRefusesThatMessageAlone() {
        try (TestBroker broker = oneFails(throwing("onPublish"))) {
            // given
            MemoryClient bad = broker.connect("bad");

            // when
            List<Packet> answers = bad.exchange(
                    message("a", "1", QoS.AT_MOST_ONCE, 0),
                    message("a", "2", QoS.AT_LEAST_ONCE, 1),
                    message("a", "3", QoS.EXACTLY_ONCE, 2),
                    PingReq.INSTANCE);

            // then
            assertEquals(
                    List.of(
                            new PubAck(1, ReasonCode.UNSPECIFIED_ERROR),
                            new PubRec(2, ReasonCode.UNSPECIFIED_ERROR),
                            PingResp.INSTANCE),
                    answers);
            assertEquals(3, broker.log.takeErrors().size());
        }
    }

    @Test
    void aHandlerThatThrowsInOnSubscribeRefusesThatFilterAlone() {
        try (TestBroker broker = oneFails(throwing("onSubscribe"))) {
            // given
            MemoryClient bad = broker.connect("bad");

            // when
            List<Packet> answers = bad.exchange(new Subscribe(1, List.of(to("a", QoS.AT_MOST_ONCE))), PingReq.INSTANCE);

            // then
            assertEquals(List.of(new SubAck(1, List.of(ReasonCode.UNSPECIFIED_ERROR)), PingResp.INSTANCE), answers);
            assertEquals(List.of("the handler of client \"bad\" failed in onSubscribe"), broker.log.takeErrors());
        }
    }

    @Test
    void aHandlerThatThrowsInOnDisconnectLeavesNothingBehind() {
        try (TestBroker broker = oneFails(throwing("onDisconnect"))) {
            // given
            MemoryClient bad = broker.connect("bad");

            // when
            bad.cut();
            broker.loops.run();

            // then
            assertEquals(List.of("the handler of client \"bad\" failed in onDisconnect"), broker.log.takeErrors());
            assertEquals(0, broker.broker.counters().get("clients/connected"));
            broker.connect("bad");
        }
    }

    @Test
    void aWatcherThatThrowsIsLoggedAndChangesNothing() {
        // given
        try (TestBroker broker = new TestBroker()) {
            broker.events.failFromNowOn();
            MemoryClient client = broker.connect("c");
            broker.subscribe(client, to("a", QoS.AT_MOST_ONCE));

            // when
            List<Packet> answers = client.exchange(message("a", "m"), new Disconnect(ReasonCode.NORMAL_DISCONNECTION));

            // then
            assertEquals(List.of("m"), texts(answers));
            assertTrue(client.isClosed());
            assertFalse(broker.log.takeErrors().isEmpty());
            assertEquals(0, broker.broker.counters().get("clients/connected"));
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
            client.close();
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

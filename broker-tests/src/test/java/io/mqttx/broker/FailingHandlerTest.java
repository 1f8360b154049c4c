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
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class FailingHandlerTest {
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
            assertEquals(0, broker.broker.metrics().get("clients/connected"));
            broker.connect("bad");
        }
    }

    @Test
    @Statement(value = "MQTT-4.8.0-2", version = Version.V3_1_1)
    void anErrorOfTheBrokerEndsTheConnectionThatMetItAndNoOther() {
        // given: no random numbers, of which identifiers are made
        RandomGenerator broken = () -> {
            throw new IllegalStateException("no entropy");
        };
        try (TestBroker broker = new TestBroker(broken)) {
            MemoryClient other = broker.connect("other");

            // when
            MemoryClient client = broker.send(new Connect(V311, "", true));

            // then
            assertEquals(List.of(), client.take());
            assertTrue(client.isClosed());
            assertEquals(List.of("client \"\" is disconnected after an error of the broker"), broker.log.takeErrors());
            assertEquals(List.of(PingResp.INSTANCE), other.exchange(PingReq.INSTANCE));
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
            assertEquals(0, broker.broker.metrics().get("clients/connected"));
        }
    }
}

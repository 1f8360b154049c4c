package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.AuthDecision;
import io.mqttx.broker.api.AuthStep;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What goes with an answer beside what must be said, and what is too much for the client. */
class AnswersTest {
    private static final Properties WHY = Properties.builder()
            .add(Property.REASON_STRING, "because it is so, and for no other reason at all")
            .userProperty("k", "v")
            .build();
    private static final Properties REFERENCE = Properties.of(Property.SERVER_REFERENCE, "other:1883");

    /** Explains everything that it says. */
    private static final class Talkative implements BrokerHandler {
        @Override
        public AuthDecision onAuth(AuthStep step) {
            return new AuthDecision.Success(WHY);
        }

        @Override
        public ConnectDecision onConnect(Connecting client) {
            return client.clientId().equals("bad")
                    ? ConnectDecision.reject(ReasonCode.BANNED, WHY)
                    : ConnectDecision.accept(
                            client.connect().properties().has(Property.AUTHENTICATION_METHOD) ? Properties.EMPTY : WHY);
        }

        @Override
        public PublishDecision onPublish(Message message) {
            return switch (message.topic().text()) {
                case "go" -> PublishDecision.disconnect(ReasonCode.QUOTA_EXCEEDED, WHY);
                case "move" -> PublishDecision.disconnect(ReasonCode.SERVER_MOVED, REFERENCE);
                default -> PublishDecision.refuse(ReasonCode.NOT_AUTHORIZED, WHY);
            };
        }

        @Override
        public SubscribeDecision onSubscribe(Subscription wanted) {
            return wanted.filter().text().equals("go")
                    ? SubscribeDecision.disconnect(ReasonCode.USE_ANOTHER_SERVER, REFERENCE)
                    : SubscribeDecision.refuse(ReasonCode.NOT_AUTHORIZED, WHY);
        }
    }

    private static TestBroker talkative() {
        return new TestBroker(client -> new Talkative());
    }

    private static Connect with(Properties properties) {
        return new Connect(V5, "c", true).withKeepAlive(0).withProperties(properties);
    }

    private static Subscribe subscribe(String... filters) {
        return new Subscribe(
                2,
                List.of(filters).stream()
                        .map(filter -> to(filter, QoS.AT_MOST_ONCE))
                        .toList());
    }

    @Test
    void whatAHandlerExplainsReachesTheClient() {
        try (TestBroker broker = talkative()) {
            MemoryClient client = broker.connect("c");
            ReasonCode no = ReasonCode.NOT_AUTHORIZED;
            List<Packet> answers = client.exchange(
                    message("a", "m", QoS.AT_LEAST_ONCE, 1),
                    message("a", "m", QoS.EXACTLY_ONCE, 3),
                    subscribe("a", "b"),
                    message("go", "m"));
            assertEquals(new PubAck(1, no, WHY), answers.get(0));
            assertEquals(new PubRec(3, no, WHY), answers.get(1));
            SubAck subAck = (SubAck) answers.get(2);
            assertEquals(List.of(no, no), subAck.reasons());
            assertEquals(WHY.find(Property.REASON_STRING), subAck.properties().find(Property.REASON_STRING));
            assertEquals(2, subAck.properties().userProperties().size());
            assertEquals(new Disconnect(ReasonCode.QUOTA_EXCEEDED, WHY), answers.get(3));
        }
    }

    @Test
    @Statement("MQTT-3.1.2-29")
    void whoWantsNoProblemInformationIsToldWhyInConnackAndDisconnectAlone() {
        Properties none = Properties.of(Property.REQUEST_PROBLEM_INFORMATION, false);
        try (TestBroker broker = talkative()) {
            // when
            MemoryClient client = broker.send(with(none));
            ConnAck ack = (ConnAck) client.take().get(0);
            List<Packet> answers = client.exchange(
                    message("a", "m", QoS.AT_LEAST_ONCE, 1),
                    message("a", "m", QoS.EXACTLY_ONCE, 3),
                    subscribe("a"),
                    new Unsubscribe(4, List.of(TopicFilter.of("a"))),
                    message("go", "m"));

            // then
            assertEquals(WHY.find(Property.REASON_STRING), ack.properties().find(Property.REASON_STRING));
            for (Packet answer : answers.subList(0, 4)) {
                assertEquals(Properties.EMPTY, answer.properties(), answer::toString);
            }
            assertEquals(new Disconnect(ReasonCode.QUOTA_EXCEEDED, WHY), answers.get(4));
            assertEquals(
                    List.of(new ConnAck(false, ReasonCode.BANNED, WHY)),
                    broker.connectKeepingAll(new Connect(V5, "bad", true).withProperties(none)));
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-29", "MQTT-3.15.2-2"})
    void whoWantsNoneIsNotToldInAuthEither() {
        Properties method = Properties.of(Property.AUTHENTICATION_METHOD, "M");
        for (boolean wanted : List.of(true, false)) {
            try (TestBroker broker = talkative()) {
                MemoryClient client = broker.connect(with(method.with(Property.REQUEST_PROBLEM_INFORMATION, wanted)));
                Packet answer = client.exchange(new Auth(ReasonCode.RE_AUTHENTICATE, method))
                        .get(0);
                assertEquals(wanted, answer.properties().has(Property.REASON_STRING));
                assertEquals(wanted, answer.properties().has(Property.USER_PROPERTY));
            }
        }
    }

    @Test
    @Statement({"MQTT-3.4.2-2", "MQTT-3.4.2-3", "MQTT-3.5.2-2", "MQTT-3.5.2-3", "MQTT-3.9.2-1", "MQTT-3.9.2-2"})
    @Statement({"MQTT-3.6.2-2", "MQTT-3.6.2-3", "MQTT-3.7.2-2", "MQTT-3.7.2-3", "MQTT-3.11.2-1", "MQTT-3.11.2-2"})
    @Statement({"MQTT-3.14.2-3", "MQTT-3.14.2-4"})
    void explanationsThatAreTooMuchForTheClientAreLeftOut() {
        try (TestBroker broker = talkative()) {
            // given: 40 bytes hold every answer, and no reason string
            MemoryClient client = broker.connect(with(Properties.of(Property.MAXIMUM_PACKET_SIZE, 40L)));

            // when
            List<Packet> answers = client.exchange(
                    message("a", "m", QoS.AT_LEAST_ONCE, 1),
                    message("a", "m", QoS.EXACTLY_ONCE, 3),
                    subscribe("a"),
                    new Unsubscribe(4, List.of(TopicFilter.of("a"))),
                    new PubRec(5),
                    new PubRel(6),
                    message("go", "m"));

            // then
            assertEquals(
                    List.of(
                            new PubAck(1, ReasonCode.NOT_AUTHORIZED),
                            new PubRec(3, ReasonCode.NOT_AUTHORIZED),
                            new SubAck(2, List.of(ReasonCode.NOT_AUTHORIZED)),
                            new UnsubAck(4, List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED)),
                            new PubRel(5, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND),
                            new PubComp(6, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND),
                            new Disconnect(ReasonCode.QUOTA_EXCEEDED)),
                    answers);
        }
    }

    @Test
    @Statement({"MQTT-3.15.2-2", "MQTT-3.15.2-3"})
    void explanationsThatAreTooMuchAreLeftOutOfAuthToo() {
        Properties method = Properties.of(Property.AUTHENTICATION_METHOD, "M");
        for (boolean small : List.of(true, false)) {
            try (TestBroker broker = talkative()) {
                MemoryClient client =
                        broker.connect(with(method.with(Property.MAXIMUM_PACKET_SIZE, small ? 40L : 400L)));
                Packet answer = client.exchange(new Auth(ReasonCode.RE_AUTHENTICATE, method))
                        .get(0);
                assertEquals(!small, answer.properties().has(Property.REASON_STRING));
                assertEquals(!small, answer.properties().has(Property.USER_PROPERTY));
            }
        }
    }

    @Test
    @Statement("MQTT-3.1.2-24")
    void anAnswerThatIsTooLargeInAnyCaseIsNotSentAndEndsTheConnection() {
        try (TestBroker broker = new TestBroker()) {
            // given: SUBACK for 20 filters takes 25 bytes
            String[] filters = new String[20];
            Arrays.fill(filters, "a");
            MemoryClient client = broker.connect(with(Properties.of(Property.MAXIMUM_PACKET_SIZE, 24L)));

            // when
            List<Packet> answers = client.exchange(subscribe(filters), PingReq.INSTANCE);

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.PACKET_TOO_LARGE)), answers);
            assertTrue(client.isClosed());
            assertEquals(List.of("disconnected c BY_SERVER PACKET_TOO_LARGE"), broker.events.take("disconnected"));
            assertEquals(List.of(), broker.log.takeErrors());
        }
    }

    @Test
    @Statement("MQTT-3.1.2-24")
    void aClientThatTakesNoConnackIsRefusedBeforeAnythingIsDoneForIt() {
        try (TestBroker broker = new TestBroker()) {
            for (long most : List.of(1L, 5L, 15L)) {
                // when
                MemoryClient client = broker.send(with(Properties.of(Property.MAXIMUM_PACKET_SIZE, most)));

                // then: CONNACK 0x95 takes five bytes
                assertEquals(
                        most < 5 ? List.of() : List.of(new ConnAck(false, ReasonCode.PACKET_TOO_LARGE)), client.take());
                assertTrue(client.isClosed());
                assertEquals(List.of("connect failed PACKET_TOO_LARGE"), broker.events.take("connect"));
            }
            assertEquals(0, broker.broker.metrics().get("clients/connected"));
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-28", "P5-24", "MQTT-3.2.2-21"})
    void whatIsGivenAlongWithAnAcceptanceIsToldToWhoMayKnowIt() {
        Properties given = Properties.builder()
                .add(Property.SERVER_KEEP_ALIVE, 7)
                .add(Property.SESSION_EXPIRY_INTERVAL, 9L)
                .add(Property.RESPONSE_INFORMATION, "answers/c")
                .userProperty("k", "v")
                .build();
        try (TestBroker broker = new TestBroker(client -> connecting -> ConnectDecision.accept(given))) {
            // when
            Properties told =
                    broker.connectKeepingAll(with(Properties.EMPTY)).get(0).properties();
            Properties asked = broker.connectKeepingAll(
                            with(Properties.of(Property.REQUEST_RESPONSE_INFORMATION, true)))
                    .get(0)
                    .properties();
            MemoryClient older = broker.connectPersistent("older");
            older.cut();
            broker.advance(Duration.ofSeconds(9));

            // then
            assertEquals(7, told.number(Property.SERVER_KEEP_ALIVE, 0));
            assertEquals(9, told.number(Property.SESSION_EXPIRY_INTERVAL, 0));
            assertEquals(given.userProperties(), told.userProperties());
            assertFalse(told.has(Property.RESPONSE_INFORMATION));
            assertEquals("answers/c", asked.find(Property.RESPONSE_INFORMATION).orElseThrow());
            ConnAck again = (ConnAck)
                    broker.connectKeepingAll(new Connect(V311, "older", false)).get(0);
            assertFalse(again.sessionPresent());
        }
        Properties limit = Properties.of(Property.RECEIVE_MAXIMUM, 1);
        assertThrows(IllegalArgumentException.class, () -> ConnectDecision.accept(limit));
        assertThrows(IllegalArgumentException.class, () -> ConnectDecision.reject(ReasonCode.BANNED, limit));
    }

    @Test
    @Statement("P5-42")
    void aClientIsSentElsewhereWhereverItIs() {
        try (TestBroker broker = talkative()) {
            assertEquals(
                    List.of(new Disconnect(ReasonCode.SERVER_MOVED, REFERENCE)),
                    broker.connect("a").exchange(message("move", "m")));
            assertEquals(
                    List.of(new Disconnect(ReasonCode.USE_ANOTHER_SERVER, REFERENCE)),
                    broker.connect("b").exchange(subscribe("x", "go", "y"), PingReq.INSTANCE));
            MemoryClient client = broker.connect("c");
            Connection connection = broker.events.connections().get(2);
            connection.disconnect(ReasonCode.USE_ANOTHER_SERVER, REFERENCE);
            assertEquals(List.of(new Disconnect(ReasonCode.USE_ANOTHER_SERVER, REFERENCE)), client.take());
        }
    }

    @Test
    void whatTheApplicationAsksOfAConnectionIsItsOwnFaultIfItCannotBe() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            Connection connection = broker.events.connections().get(0);
            Properties own = Properties.builder()
                    .add(Property.TOPIC_ALIAS, 5)
                    .add(Property.SUBSCRIPTION_IDENTIFIER, 6)
                    .userProperty("k", "v")
                    .build();
            Publish withoutTopic = new Publish(
                    false,
                    QoS.AT_MOST_ONCE,
                    false,
                    TopicName.NONE,
                    0,
                    Properties.of(Property.TOPIC_ALIAS, 1),
                    bytes("m"));

            // when
            connection.publish(message("a", "m").withProperties(own));
            List<Publish> got = client.take(Publish.class);

            // then
            assertEquals(
                    Properties.builder().userProperty("k", "v").build(),
                    got.get(0).properties());
            assertThrows(ProtocolException.class, () -> connection.publish(withoutTopic));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> connection.disconnect(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE));
            assertThrows(IllegalArgumentException.class, () -> connection.disconnect(ReasonCode.GRANTED_QOS_1));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> connection.disconnect(
                            ReasonCode.SERVER_BUSY, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1L)));
            assertEquals(List.of(PingResp.INSTANCE), client.exchange(PingReq.INSTANCE));
        }
    }
}

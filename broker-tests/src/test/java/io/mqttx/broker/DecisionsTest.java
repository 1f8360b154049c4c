package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Will;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecisionsTest {
    private final List<String> calls = new ArrayList<>();

    /** Notes what it is told of deliveries and ends. */
    private class Noting implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            return ConnectDecision.accept();
        }

        @Override
        public void onDelivered(Publish message, ReasonCode reason) {
            calls.add("delivered " + TestBroker.text(message) + " " + reason);
        }

        @Override
        public void onDisconnect(DisconnectReason reason) {
            calls.add("disconnected");
        }
    }

    private HandlerFactory notingFactory() {
        return new HandlerFactory() {
            @Override
            public BrokerHandler create(Connecting client) {
                return new Noting();
            }

            @Override
            public void onSessionExpired(String clientId) {
                calls.add("expired " + clientId);
                if (clientId.equals("bad")) {
                    throw new IllegalStateException("planted");
                }
            }
        };
    }

    @Test
    void aHandlerIsToldWhenItsClientHasAMessageOrRefusesIt() {
        try (TestBroker broker = new TestBroker(client -> new Noting())) {
            // given
            MemoryClient client = broker.connect("c");
            broker.subscribe(client, to("#", QoS.EXACTLY_ONCE));
            broker.broker.publish(message("a", "0"));
            broker.broker.publish(message("a", "1", QoS.AT_LEAST_ONCE, 1));
            broker.broker.publish(message("a", "2", QoS.EXACTLY_ONCE, 1));
            broker.broker.publish(message("a", "no1", QoS.AT_LEAST_ONCE, 1));
            broker.broker.publish(message("a", "no2", QoS.EXACTLY_ONCE, 1));
            client.take();

            // when
            client.exchange(
                    new PubAck(1),
                    new PubRec(2),
                    new PubRec(2),
                    new PubComp(2),
                    new PubAck(3, ReasonCode.QUOTA_EXCEEDED),
                    new PubRec(4, ReasonCode.NOT_AUTHORIZED),
                    new PubAck(1));

            // then
            assertEquals(
                    List.of(
                            "delivered 1 SUCCESS",
                            "delivered 2 SUCCESS",
                            "delivered no1 QUOTA_EXCEEDED",
                            "delivered no2 NOT_AUTHORIZED"),
                    calls);
        }
    }

    @Test
    void theEndOfASessionIsToldHoweverItEnds() {
        try (TestBroker broker = new TestBroker(notingFactory())) {
            // given
            Connect hour = new Connect(V5, "timed", false)
                    .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 60L));
            broker.connect("bad").cut();
            broker.connect(hour).cut();
            MemoryClient older = broker.connectPersistent("older");
            older.cut();
            broker.loops.run();
            List<String> atOnce = List.copyOf(calls);
            calls.clear();

            // when
            broker.connect(new Connect(V311, "older", true));
            List<String> cleaned = List.copyOf(calls);
            calls.clear();
            broker.advance(Duration.ofSeconds(60));

            // then
            assertEquals(List.of("disconnected", "expired bad"), atOnce.subList(0, 2));
            assertEquals(List.of("disconnected", "disconnected"), atOnce.subList(2, atOnce.size()));
            assertEquals(List.of("expired older"), cleaned);
            assertEquals(List.of("expired timed"), calls);
            assertEquals(List.of("the handlers failed at the end of the session of \"bad\""), broker.log.takeErrors());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:1, true",
        "127.8.9.1:50000, true",
        "[::1]:50000, true",
        "[0:0:0:0:0:0:0:1]:1, true",
        "[0:0:0:0:0:0:0:1%lo]:1, true",
        "unix socket, true",
        "128.0.0.1:1, false",
        "192.0.2.127:1, false",
        "127.0.0.1.example.org:1, false",
        "[0:0:0:0:0:0:0:2]:1, false",
        "[fe80::1]:1, false",
        "'', false"
    })
    void theDoorForThisMachineKnowsItsAddresses(String address, boolean in) {
        Connecting client = new Connecting(new Connect(V5, "c", true), "c", address, List.of());
        ConnectDecision expected = in ? ConnectDecision.accept() : ConnectDecision.reject(ReasonCode.NOT_AUTHORIZED);
        assertEquals(expected, BrokerHandler.loopbackOnly().onConnect(client));
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void aMessageAndAWillMayBecomeOthersAtOnceOrLater(boolean later) {
        Properties own = Properties.builder().userProperty("k", "v").build();
        Publish other =
                new Publish(QoS.EXACTLY_ONCE, true, TopicName.of("other"), 9, bytes("changed")).withProperties(own);
        CompletableFuture<PublishDecision> decision = new CompletableFuture<>();
        try (TestBroker broker = new TestBroker(client -> new Noting() {
            @Override
            public PublishDecision onPublish(Message message) {
                return later ? PublishDecision.later(decision) : PublishDecision.routeInstead(other);
            }
        })) {
            // given
            Will will = new Will(TopicName.of("w"), bytes("gone"), QoS.AT_MOST_ONCE, false, Properties.EMPTY);
            MemoryClient watcher = broker.connect("watcher");
            broker.subscribe(watcher, to("#", QoS.EXACTLY_ONCE));
            MemoryClient client = broker.connect(new Connect(V5, "c", true).withKeepAlive(0));
            MemoryClient dying = broker.connect(new Connect(V5, "d", true).withWill(will));

            // when
            client.send(message("a", "m", QoS.AT_LEAST_ONCE, 5));
            dying.cut();
            broker.loops.run();
            decision.complete(PublishDecision.routeInstead(other));

            // then
            List<Packet> answers = client.take();
            assertEquals(List.of(new PubAck(5)), answers);
            List<Publish> got = watcher.take(Publish.class);
            assertEquals(2, got.size());
            for (Publish each : got) {
                assertEquals("other", each.topic().text());
                assertEquals("changed", TestBroker.text(each));
                assertEquals(QoS.EXACTLY_ONCE, each.qos());
                assertEquals(own, each.properties());
            }
            assertEquals(
                    1, broker.subscribe(watcher, to("other", QoS.AT_MOST_ONCE)).size());
        }
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.UserProperty;
import io.mqttx.packet.Will;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class WillTest {

    private static Will will(Properties properties) {
        return new Will(TopicName.of("will"), bytes("gone"), QoS.AT_LEAST_ONCE, false, properties);
    }

    private static Will delayed(long seconds) {
        return will(Properties.of(Property.WILL_DELAY_INTERVAL, seconds));
    }

    private static Connect with(Will will, long expiry) {
        return new Connect(V5, "c", false)
                .withWill(will)
                .withKeepAlive(10)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, expiry));
    }

    private static MemoryClient watcher(TestBroker broker) {
        MemoryClient watcher = broker.connect(new Connect(V311, "watcher", true).withKeepAlive(60_000));
        broker.subscribe(watcher, to("will", QoS.AT_MOST_ONCE));
        return watcher;
    }

    private static List<String> wills(MemoryClient watcher) {
        return texts(watcher.take());
    }

    @Test
    @Statement({"MQTT-3.1.2-8", "P5-28", "MQTT-3.1.2-10", "MQTT-3.1.2-14"})
    @Statement(
            value = {"MQTT-3.1.2-8", "MQTT-3.1.2-10", "MQTT-3.1.2-16"},
            version = Version.V3_1_1)
    void aClientThatIsGoneWithoutAWordLeavesItsWillOnce() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient watcher = watcher(broker);
            MemoryClient lost = broker.connect(with(will(Properties.EMPTY), 0));
            MemoryClient closed = broker.connect(new Connect(V311, "older", true).withWill(will(Properties.EMPTY)));

            // when
            lost.cut();
            closed.close();
            broker.advance(Duration.ofDays(1));

            // then
            assertEquals(List.of("gone", "gone"), wills(watcher));
            assertEquals(List.of(), broker.subscribe(watcher, to("will", QoS.AT_MOST_ONCE))); // it is not retained
        }
    }

    @Test
    @Statement("P5-28")
    @Statement(value = "MQTT-3.1.2-24", version = Version.V3_1_1)
    void silenceProtocolErrorsAndTheServersOwnWishLeaveTheWillToo() {
        try (TestBroker broker = new TestBroker()) {
            MemoryClient watcher = watcher(broker);
            for (String end : List.of("silence", "error", "server")) {
                // given
                MemoryClient client = broker.connect(with(will(Properties.EMPTY), 0));

                // when
                switch (end) {
                    case "silence" -> broker.advance(Duration.ofSeconds(15));
                    case "error" -> client.exchange(new Connect(V5, "c", true));
                    default -> {
                        broker.events.connections().get(3).disconnect(ReasonCode.NOT_AUTHORIZED);
                        broker.loops.run();
                    }
                }

                // then
                assertEquals(List.of("gone"), wills(watcher), end);
            }
        }
    }

    @Test
    @Statement({"MQTT-3.14.4-3", "MQTT-3.1.2-8"})
    @Statement(value = "MQTT-3.14.4-3", version = Version.V3_1_1)
    void aProperGoodbyeTakesTheWillBackAndOneWithTheWillDoesNot() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient watcher = watcher(broker);

            // when
            broker.connect(with(will(Properties.EMPTY), 0)).exchange(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
            broker.connect(new Connect(V311, "older", true).withWill(will(Properties.EMPTY)))
                    .exchange(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
            List<String> proper = wills(watcher);
            broker.connect(with(will(Properties.EMPTY), 0))
                    .exchange(new Disconnect(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE));

            // then
            assertEquals(List.of(), proper);
            assertEquals(List.of("gone"), wills(watcher));
        }
    }

    @Test
    @Statement({"P5-27", "MQTT-3.1.2-8"})
    void aDelayedWillComesWhenTheDelayHasPassed() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient watcher = watcher(broker);
            broker.connect(with(delayed(20), 100)).cut();

            // when
            broker.advance(Duration.ofMillis(19_999));
            List<String> before = wills(watcher);
            broker.advance(Duration.ofMillis(1));

            // then
            assertEquals(List.of(), before);
            assertEquals(List.of("gone"), wills(watcher));
            broker.advance(Duration.ofSeconds(1000));
            assertEquals(List.of(), wills(watcher));
        }
    }

    @Test
    @Statement("P5-27")
    void aDelayedWillComesWithTheEndOfTheSessionIfThatIsFirst() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient watcher = watcher(broker);

            // when
            broker.connect(with(delayed(100), 20)).cut();
            broker.advance(Duration.ofMillis(19_999));
            List<String> before = wills(watcher);
            broker.advance(Duration.ofMillis(1));
            List<String> expired = wills(watcher);
            broker.connect(with(delayed(100), 0)).cut();

            // then
            assertEquals(List.of(), before);
            assertEquals(List.of("gone"), expired);
            assertEquals(List.of("gone"), wills(watcher));
        }
    }

    @Test
    @Statement("MQTT-3.1.3-9")
    void aClientThatComesBackInTimeTakesItsDelayedWillBack() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient watcher = watcher(broker);
            broker.connect(with(delayed(20), 100)).cut();
            broker.advance(Duration.ofSeconds(19));

            // when
            broker.connect(with(Will.NONE, 100)).exchange(new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
            broker.advance(Duration.ofSeconds(1000));

            // then
            assertEquals(List.of(), wills(watcher));
        }
    }

    @Test
    @Statement("P5-29")
    void atATakeoverTheWillComesUnlessTheSessionGoesOnBeforeItsDelayEnds() {
        record Case(long delay, long expiry, boolean cleanStart, List<String> wills) {}
        List<Case> cases = List.of(
                new Case(0, 100, false, List.of("gone")),
                new Case(20, 100, false, List.of()),
                new Case(20, 100, true, List.of("gone")),
                new Case(20, 0, false, List.of("gone")));
        for (Case each : cases) {
            try (TestBroker broker = new TestBroker()) {
                // given
                MemoryClient watcher = watcher(broker);
                broker.connect(with(delayed(each.delay), each.expiry));

                // when
                broker.connect(new Connect(V5, "c", each.cleanStart).withKeepAlive(0));
                List<String> now = wills(watcher);
                broker.advance(Duration.ofSeconds(1000));

                // then
                assertEquals(each.wills, now, each.toString());
                assertEquals(List.of(), wills(watcher), each.toString());
            }
        }
    }

    @Test
    @Statement("MQTT-3.1.2-15")
    @Statement(value = "MQTT-3.1.2-17", version = Version.V3_1_1)
    void aRetainedWillIsRetained() {
        try (TestBroker broker = new TestBroker()) {
            // given
            Will retained = new Will(TopicName.of("will"), bytes("gone"), QoS.AT_MOST_ONCE, true, Properties.EMPTY);

            // when
            broker.connect(with(retained, 0)).cut();
            broker.loops.run();

            // then
            assertEquals(List.of("gone"), texts(broker.subscribe(broker.connect("s"), to("will", QoS.AT_MOST_ONCE))));
        }
    }

    @Test
    @Statement({"MQTT-3.1.3-10", "P5-30"})
    void aWillCarriesItsPropertiesWithoutTheDelay() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient watcher = broker.connect("watcher");
            broker.subscribe(watcher, to("will", QoS.EXACTLY_ONCE));
            Properties properties = Properties.builder()
                    .userProperty("b", "1")
                    .add(Property.WILL_DELAY_INTERVAL, 5L)
                    .userProperty("a", "2")
                    .add(Property.MESSAGE_EXPIRY_INTERVAL, 60L)
                    .build();

            // when
            broker.connect(with(will(properties), 100)).cut();
            broker.advance(Duration.ofSeconds(5));

            // then
            Publish got = watcher.take(Publish.class).get(0);
            assertEquals(
                    List.of(new UserProperty("b", "1"), new UserProperty("a", "2")),
                    got.properties().userProperties());
            assertEquals(60, got.properties().number(Property.MESSAGE_EXPIRY_INTERVAL, 0)); // counted from here on
            assertEquals(QoS.AT_LEAST_ONCE, got.qos());
        }
    }

    @Test
    void aWillIsNoWayRoundTheHandler() {
        List<Message> asked = new ArrayList<>();
        CompletableFuture<PublishDecision> later = new CompletableFuture<>();
        List<PublishDecision> decisions =
                List.of(PublishDecision.refuse(ReasonCode.NOT_AUTHORIZED), PublishDecision.later(later));
        try (TestBroker broker = new TestBroker(client -> new BrokerHandler() {
            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public PublishDecision onPublish(Message message) {
                asked.add(message);
                return decisions.get(asked.size() - 1);
            }
        })) {
            MemoryClient watcher = watcher(broker);

            // when
            broker.connect(with(will(Properties.EMPTY), 0)).cut();
            broker.loops.run();
            List<String> refused = wills(watcher);
            broker.connect(with(will(Properties.EMPTY), 0)).cut();
            broker.loops.run();
            List<String> undecided = wills(watcher);
            later.complete(PublishDecision.route());

            // then
            assertEquals(List.of(), refused);
            assertEquals(List.of(), undecided);
            assertEquals(List.of("gone"), wills(watcher));
            assertEquals(Message.Origin.WILL, asked.get(0).origin());
        }
    }

    @Test
    void aWillForASharedSubscriptionGoesToAMemberWhoIsStillThere() {
        try (TestBroker broker = new TestBroker()) {
            // given: the turn of the one who leaves it
            MemoryClient leaving = broker.connect(with(will(Properties.EMPTY), 100));
            broker.subscribe(leaving, to("$share/g/will", QoS.AT_LEAST_ONCE));
            MemoryClient staying = broker.connect("staying");
            broker.subscribe(staying, to("$share/g/will", QoS.AT_LEAST_ONCE));

            // when
            leaving.cut();

            // then
            assertEquals(List.of("gone"), texts(staying.take()));
        }
    }

    @Test
    void aWillToItsOwnPersistentSessionWaitsThere() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect(with(will(Properties.EMPTY), 100));
            broker.subscribe(client, to("will", QoS.AT_LEAST_ONCE));

            // when
            client.cut();
            broker.loops.run();

            // then
            assertEquals(List.of("gone"), texts(broker.connectKeepingAll(with(Will.NONE, 100))));
        }
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.bytes;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LifecycleTest {

    @Test
    void aStopTellsEveryClientAndPublishesTheWillsThatWait() {
        // given
        TestBroker broker = new TestBroker();
        MemoryClient current = broker.connect("current");
        broker.subscribe(current, to("will", QoS.AT_MOST_ONCE));
        MemoryClient older = broker.connectPersistent("older");
        MemoryClient silent = broker.open(V5);
        Will will = new Will(
                TopicName.of("will"),
                bytes("gone"),
                QoS.AT_MOST_ONCE,
                false,
                Properties.of(Property.WILL_DELAY_INTERVAL, 100L));
        broker.connect(new Connect(V5, "c", true)
                        .withWill(will)
                        .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L)))
                .cut();
        broker.loops.run();

        // when
        broker.close();
        broker.broker.close();

        // then
        assertTrue(current.take().contains(new Disconnect(ReasonCode.SERVER_SHUTTING_DOWN)));
        assertEquals(List.of(), older.take());
        assertTrue(current.isClosed() && older.isClosed() && silent.isClosed());
        List<String> events = broker.events.take();
        assertTrue(events.contains("published will"), events::toString);
        assertTrue(events.contains("disconnected older SHUTDOWN SERVER_SHUTTING_DOWN"), events::toString);
        assertThrows(IllegalStateException.class, () -> broker.open(V5));
    }

    @Test
    void theApplicationMayTellAConnectionAnythingAndSendMessagesByIt() {
        List<Object> told = new ArrayList<>();
        try (TestBroker broker = new TestBroker(client -> new BrokerHandler() {
            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public void onInfo(Object info) {
                told.add(info);
            }
        })) {
            // given
            MemoryClient client = broker.connect("c");
            Connection connection = broker.events.connections().get(0);

            // when
            connection.tell("hello");
            connection.publish(message("to/you", "alone", QoS.AT_LEAST_ONCE, 9));
            List<Publish> got = client.take(Publish.class);
            client.cut();
            broker.loops.run();
            connection.tell("too late");
            broker.loops.run();

            // then
            assertEquals(List.of("hello"), told);
            assertEquals(List.of("alone"), texts(got));
            assertEquals(QoS.AT_LEAST_ONCE, got.get(0).qos());
            assertEquals("c", connection.clientId());
            assertEquals(V5, connection.version());
            assertEquals("memory:0", connection.remoteAddress());
        }
    }

    @Test
    void theApplicationMayDisconnectAClientAndNothingHappensToOneThatIsGone() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            Connection connection = broker.events.connections().get(0);

            // when
            connection.disconnect(ReasonCode.ADMINISTRATIVE_ACTION);
            connection.disconnect(ReasonCode.SERVER_BUSY);
            connection.publish(message("a", "too late"));
            connection.tell("too late");

            // then
            assertEquals(List.of(new Disconnect(ReasonCode.ADMINISTRATIVE_ACTION)), client.take());
            assertTrue(client.isClosed());
            assertEquals(List.of("disconnected c BY_SERVER ADMINISTRATIVE_ACTION"), broker.events.take("disconnected"));
            assertEquals(List.of(), broker.log.takeErrors());
        }
    }

    @Test
    void aHandlerMayCallItsConnectionFromEveryCallback() {
        try (TestBroker broker = new TestBroker(client -> new BrokerHandler() {
            private Connection mine; // known once the client is in

            @Override
            public ConnectDecision onConnect(Connecting connecting) {
                return ConnectDecision.accept();
            }

            @Override
            public void onConnected(Connection connection) {
                mine = connection;
                mine.publish(message("welcome", "w"));
            }

            @Override
            public void onInfo(Object info) {
                mine.publish(message("info", info.toString()));
                mine.disconnect(ReasonCode.SERVER_BUSY);
            }

            @Override
            public void onDisconnect(DisconnectReason reason) {
                mine.publish(message("late", "l"));
                mine.disconnect(ReasonCode.SERVER_BUSY);
            }
        })) {
            // given
            MemoryClient client = broker.send(new Connect(V5, "c", true));
            List<String> welcome = texts(client.take());

            // when
            broker.events.connections().get(0).tell("i");

            // then
            assertEquals(List.of("w"), welcome);
            var rest = client.take();
            assertEquals(List.of("i"), texts(rest));
            assertEquals(new Disconnect(ReasonCode.SERVER_BUSY), rest.get(1));
            assertEquals(2, rest.size());
            assertEquals(List.of(), broker.log.takeErrors());
        }
    }

    @Test
    void theApplicationPublishesWithoutAskingAnyHandler() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            broker.subscribe(client, to("a", QoS.AT_MOST_ONCE));

            // when
            broker.broker.publish(message("a", "1"));

            // then
            assertEquals(List.of(message("a", "1")), client.take());
        }
    }

    @Test
    void eventsTellTheLifeOfAClientAndCountersAddItUp() {
        try (TestBroker broker = new TestBroker()) {
            // when
            MemoryClient client = broker.connect(new Connect(V311, "c", true));
            client.exchange(
                    new Subscribe(1, List.of(to("a", QoS.AT_MOST_ONCE))),
                    message("a", "m"),
                    new Unsubscribe(2, List.of(TopicFilter.of("a"))),
                    PingReq.INSTANCE,
                    new Disconnect(ReasonCode.NORMAL_DISCONNECTION));

            // then
            assertEquals(
                    List.of(
                            "opened",
                            "connected c",
                            "subscribed c a",
                            "delivered c a",
                            "published a",
                            "unsubscribed c a",
                            "disconnected c BY_CLIENT NORMAL_DISCONNECTION",
                            "closed"),
                    broker.events.take());
            Map<String, Long> counters = broker.broker.metrics();
            assertEquals(1, counters.get("publish/messages/received"));
            assertEquals(1, counters.get("publish/messages/sent"));
            assertEquals(1, counters.get("connections/opened"));
            assertEquals(1, counters.get("connections/closed"));
            assertEquals(0, counters.get("clients/connected"));
            assertEquals(0, counters.get("publish/messages/dropped"));
            assertEquals(15 + 8 + 6 + 7 + 2 + 2, counters.get("bytes/received"));
            assertEquals(4 + 5 + 6 + 4 + 2, counters.get("bytes/sent"));
        }
    }

    @Test
    void optionsOutOfRangeAreNamed() {
        List<Runnable> wrong = List.of(
                () -> BrokerOptions.builder().connectTimeout(Duration.ZERO).build(),
                () -> BrokerOptions.builder().idleTimeout(Duration.ofDays(1)).build(),
                () -> BrokerOptions.builder().maxPacketSize(1023).build(),
                () -> BrokerOptions.builder().receiveMaximum(0).build(),
                () -> BrokerOptions.builder().topicAliasMaximum(-1).build(),
                () -> BrokerOptions.builder().maxRetained(-1).build(),
                () -> BrokerOptions.builder().maxUnsent(1).build(),
                () -> BrokerOptions.builder()
                        .sysInterval(Duration.ofSeconds(-1))
                        .build());
        wrong.forEach(each -> assertThrows(IllegalArgumentException.class, each::run));
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.Rate;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.MemoryClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many connections come in, and how fast. */
class DoorTest {
    private static final Listener LISTENER = Listener.tcp("memory", 0);

    @Test
    @Statement("MQTT-3.2.2-7")
    void oneConnectionTooFastIsToldSoInItsVersion() {
        try (TestBroker broker = broker(TestBroker.options(), LISTENER.withConnectionRate(Rate.perSecond(3)))) {
            // given
            broker.connect("a");
            broker.connect("b");
            broker.connect("c");

            // when
            MemoryClient current = broker.send(new Connect(V5, "d", true));
            MemoryClient older = broker.send(new Connect(V311, "e", true));

            // then
            assertEquals(List.of(ReasonCode.CONNECTION_RATE_EXCEEDED), reasons(current));
            assertTrue(current.isClosed());
            assertEquals(List.of(ReasonCode.SERVER_UNAVAILABLE), reasons(older));
            assertTrue(older.isClosed());
            assertEquals(2, broker.broker.metrics().get("limited/connection_rate"));
            assertEquals(2, broker.broker.metrics().get("clients/refused"));
            List<String> events = broker.events.take();
            assertTrue(events.contains("limited CONNECTION_RATE memory:3"));
            assertTrue(events.contains("connect failed CONNECTION_RATE_EXCEEDED"));
        }
    }

    @Test
    void farTooManyAreClosedBeforeAnythingIsReadAndLaterOnesAreWelcome() {
        try (TestBroker broker = broker(TestBroker.options(), LISTENER.withConnectionRate(Rate.perSecond(3)))) {
            // given
            for (int i = 0; i < 6; i++) {
                broker.send(new Connect(V5, "c" + i, true));
            }

            // when
            MemoryClient seventh = broker.open(V5);
            broker.loops.run();
            boolean closed = seventh.isClosed();
            broker.advance(Duration.ofMillis(334));
            MemoryClient eighth = broker.send(new Connect(V5, "c8", true));

            // then
            assertTrue(closed);
            assertEquals(List.of(), seventh.take());
            assertEquals(List.of(ReasonCode.SUCCESS), reasons(eighth));
            assertEquals(4, broker.broker.metrics().get("limited/connection_rate"));
            assertEquals(7, broker.broker.metrics().get("connections/opened")); // the seventh never was one
        }
    }

    @Test
    void aFullListenerSaysSoUntilSomebodyLeaves() {
        try (TestBroker broker = broker(TestBroker.options(), LISTENER.withMaxConnections(2))) {
            // given
            MemoryClient first = broker.connect("first");
            MemoryClient mute = broker.open(V5); // takes a place too
            broker.loops.run();

            // when
            MemoryClient third = broker.send(new Connect(V5, "third", true));
            MemoryClient older = broker.send(new Connect(V311, "older", true));
            first.close();
            broker.loops.run();
            MemoryClient next = broker.send(new Connect(V5, "next", true));

            // then
            assertEquals(List.of(ReasonCode.QUOTA_EXCEEDED), reasons(third));
            assertEquals(List.of(ReasonCode.SERVER_UNAVAILABLE), reasons(older));
            assertFalse(mute.isClosed());
            assertEquals(List.of(ReasonCode.SUCCESS), reasons(next));
            assertEquals(2, broker.broker.metrics().get("limited/connections"));
        }
    }

    @Test
    void aFullBrokerSaysSoWhicheverWaySomebodyLeaves() {
        try (TestBroker broker = broker(TestBroker.options().maxConnections(2), LISTENER)) {
            // given
            MemoryClient first = broker.connect("first");
            broker.connect("second");

            // when
            List<ReasonCode> whenFull = reasons(broker.send(new Connect(V5, "third", true)));
            first.cut();
            broker.loops.run();
            List<ReasonCode> afterOneLeft = reasons(broker.send(new Connect(V5, "third", true)));
            broker.send(new Connect(V5, "third", true)); // no takeover past the limit
            List<ReasonCode> whenFullAgain = reasons(broker.send(new Connect(V5, "fourth", true)));

            // then
            assertEquals(List.of(ReasonCode.SERVER_BUSY), whenFull);
            assertEquals(List.of(ReasonCode.SUCCESS), afterOneLeft);
            assertEquals(List.of(ReasonCode.SERVER_BUSY), whenFullAgain);
        }
    }

    @Test
    void onlyAFewWhoAreOneTooManyAreHeardAtATime() {
        try (TestBroker broker = broker(TestBroker.options().maxConnections(8), LISTENER)) {
            // given: eight clients, and two that are over and send no CONNECT
            for (int i = 0; i < 8; i++) {
                broker.connect("c" + i);
            }
            MemoryClient ninth = broker.open(V5);
            MemoryClient tenth = broker.open(V5);
            broker.loops.run();

            // when
            MemoryClient eleventh = broker.open(V5);
            broker.loops.run();

            // then
            assertFalse(ninth.isClosed() || tenth.isClosed());
            assertTrue(eleventh.isClosed());
            broker.advance(Duration.ofSeconds(10)); // their time for CONNECT
            assertTrue(ninth.isClosed() && tenth.isClosed());
            assertEquals(List.of(ReasonCode.SERVER_BUSY), reasons(broker.send(new Connect(V5, "twelfth", true))));
        }
    }

    @Test
    void everybodyWhoLeftHasGivenTheirPlaceBack() {
        try (TestBroker broker = broker(TestBroker.options().maxConnections(3), LISTENER)) {
            for (int i = 0; i < 50; i++) {
                MemoryClient one = broker.connect("same");
                MemoryClient other = broker.connect("same"); // takes over
                MemoryClient refused = broker.send(new Connect(V5, "refused" + i, true));
                assertEquals(List.of(ReasonCode.SUCCESS), reasons(refused));
                other.sendBytes((byte) 0); // no packet
                refused.cut();
                one.close();
                broker.loops.run();
                assertTrue(other.isClosed());
            }
            assertEquals(0, broker.broker.metrics().get("limited/connections"));
        }
    }

    private static TestBroker broker(BrokerOptions.Builder options, Listener listener) {
        return new TestBroker(options, client -> BrokerHandler.allowAll(), listener);
    }

    private static List<ReasonCode> reasons(MemoryClient client) {
        return client.take().stream().map(DoorTest::reason).toList();
    }

    private static ReasonCode reason(Packet packet) {
        return ((ConnAck) packet).reason();
    }
}

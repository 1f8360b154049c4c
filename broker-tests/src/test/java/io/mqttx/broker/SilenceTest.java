package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.codec.MqttCodec;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.MemoryClient;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SilenceTest {

    @Test
    @Statement("P5-33")
    void whoeverSendsNoConnectInTimeIsClosed() {
        try (TestBroker broker = new TestBroker(TestBroker.options().connectTimeout(Duration.ofSeconds(4)))) {
            // given
            MemoryClient client = broker.open(V5);
            client.sendBytes(Arrays.copyOf(MqttCodec.toBytes(new Connect(V5, "c", true), V5), 10));

            // when
            broker.advance(Duration.ofMillis(3999));
            boolean early = client.isClosed();
            broker.advance(Duration.ofMillis(1));

            // then
            assertFalse(early);
            assertTrue(client.isClosed());
            assertEquals(List.of(), client.take());
        }
    }

    @Test
    @Statement({"MQTT-3.1.2-22", "P5-11", "MQTT-3.2.2-22"})
    @Statement(value = "MQTT-3.1.2-24", version = Version.V3_1_1)
    void silenceForOneAndAHalfTimesTheKeepAliveEndsTheConnection() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect(new Connect(V5, "c", true).withKeepAlive(10));
            broker.advance(Duration.ofSeconds(14));
            client.exchange(PingReq.INSTANCE);

            // when
            broker.advance(Duration.ofMillis(14_999));
            boolean early = client.isClosed();
            broker.advance(Duration.ofMillis(1));

            // then
            assertFalse(early);
            assertEquals(List.of(new Disconnect(ReasonCode.KEEP_ALIVE_TIMEOUT)), client.take());
            assertTrue(client.isClosed());
            assertTrue(broker.events
                    .take("disconnected")
                    .contains("disconnected c KEEP_ALIVE_TIMEOUT KEEP_ALIVE_TIMEOUT"));
        }
    }

    @Test
    void aClientWithoutKeepAliveIsGivenTheIdleCeilingOfTheBroker() {
        try (TestBroker broker = new TestBroker(TestBroker.options().idleTimeout(Duration.ofMinutes(15)))) {
            // given
            MemoryClient current = broker.send(new Connect(V5, "current", true).withKeepAlive(0));
            ConnAck ack = (ConnAck) current.take().get(0);
            MemoryClient older = broker.connect(new Connect(V311, "older", true).withKeepAlive(0));
            broker.advance(Duration.ofMinutes(14));
            boolean early = current.isClosed() || older.isClosed();
            older.exchange(PingReq.INSTANCE);

            // when
            broker.advance(Duration.ofMinutes(1));
            boolean olderHeard = !older.isClosed();
            broker.advance(Duration.ofMinutes(14));

            // then
            assertFalse(early);
            assertTrue(olderHeard);
            assertEquals(600, ack.properties().number(Property.SERVER_KEEP_ALIVE, 0)); // 15 minutes are 1.5 times that
            assertTrue(current.isClosed());
            assertTrue(older.isClosed());
            assertTrue(broker.events
                    .take("disconnected")
                    .contains("disconnected older KEEP_ALIVE_TIMEOUT KEEP_ALIVE_TIMEOUT"));
        }
    }

    @Test
    @Statement("P5-11")
    void withoutKeepAliveAndWithoutCeilingSilenceIsAllowed() {
        try (TestBroker broker = new TestBroker(TestBroker.options().idleTimeout(Duration.ZERO))) {
            // given
            MemoryClient current = broker.connect("current");
            MemoryClient older = broker.connectPersistent("older");

            // when
            broker.advance(Duration.ofDays(7));

            // then
            assertFalse(current.isClosed());
            assertFalse(older.isClosed());
        }
    }
}

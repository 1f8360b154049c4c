package io.mqttx.broker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.testkit.SimulatedStorage;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What waits for the disk stays in its order. */
class HeldMessagesTest {
    private final ManualLoops loops = new ManualLoops(1);
    private final SimulatedStorage storage = new SimulatedStorage();
    private final TestBroker broker =
            new TestBroker(storage, TestBroker.options(), client -> BrokerHandler.allowAll(), loops);

    @AfterEach
    void close() {
        storage.syncAfter(loops.all().get(0), 0);
        broker.close();
    }

    @Test
    @Statement("MQTT-4.6.0-6")
    void amongMessagesOfOneQosNoneOvertakesAnotherThatIsHeldBehindConnack() {
        // given: a subscriber comes back, and its CONNACK waits for the disk, as does a message at QoS 2 behind it
        MemoryClient subscriber = connect("s", true);
        subscriber.send(new Subscribe(1, List.of(new Subscription(TopicFilter.of("t"), QoS.EXACTLY_ONCE))));
        safe();
        MemoryClient publisher = connect("p", false);
        safe();
        subscriber.close();
        loops.run();
        subscriber = connect("s", true);
        publish(publisher, "twice", QoS.EXACTLY_ONCE, 1);
        publish(publisher, "first", QoS.AT_LEAST_ONCE, 2);

        // when: CONNACK goes out, and what is behind it still waits
        List<Packet> got = new ArrayList<>(subscriber.take());
        while (got.isEmpty()) {
            storage.sync(1);
            loops.run();
            got.addAll(subscriber.take());
        }
        publish(publisher, "second", QoS.AT_LEAST_ONCE, 3);
        got.addAll(subscriber.take());
        safe();
        got.addAll(subscriber.take());

        // then
        assertEquals(ConnAck.class, got.get(0).getClass());
        assertEquals(List.of("first", "second"), texts(got, QoS.AT_LEAST_ONCE));
        assertEquals(List.of("twice"), texts(got, QoS.EXACTLY_ONCE));
    }

    @Test
    @Statement("MQTT-3.3.2-5")
    void whatExpiresWhileItIsHeldIsNeverSent() {
        // given: a subscriber comes back, and its CONNACK waits for the disk
        MemoryClient subscriber = connect("s", true);
        subscriber.send(new Subscribe(1, List.of(new Subscription(TopicFilter.of("t"), QoS.EXACTLY_ONCE))));
        MemoryClient publisher = connect("p", false);
        safe();
        subscriber.close();
        loops.run();
        subscriber = connect("s", true);
        for (QoS qos : QoS.values()) {
            ByteBuffer payload = ByteBuffer.wrap("expires".getBytes(StandardCharsets.UTF_8));
            publisher.send(new Publish(qos, false, TopicName.of("t"), qos.code(), payload)
                    .withProperties(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 2L)));
        }
        publish(publisher, "stays", QoS.AT_LEAST_ONCE, 4);

        // when
        loops.advance(Duration.ofSeconds(2));
        safe();
        List<Packet> got = subscriber.take();
        subscriber.close();
        safe();
        subscriber = connect("s", true);
        safe();

        // then: nor are they in flight
        assertEquals(ConnAck.class, got.get(0).getClass());
        assertEquals(1, got.size() - 1);
        assertEquals(List.of("stays"), texts(got, QoS.AT_LEAST_ONCE));
        got = subscriber.take();
        assertEquals(2, got.size());
        assertEquals(List.of("stays"), texts(got, QoS.AT_LEAST_ONCE));
    }

    private MemoryClient connect(String clientId, boolean persistent) {
        MemoryClient client = broker.open(ProtocolVersion.V5);
        client.send(new Connect(ProtocolVersion.V5, clientId, !persistent)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, persistent ? 3600L : 0L)));
        loops.run();
        return client;
    }

    private void publish(MemoryClient publisher, String text, QoS qos, int packetId) {
        ByteBuffer payload = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        publisher.send(new Publish(qos, false, TopicName.of("t"), packetId, payload));
        loops.run();
    }

    private void safe() {
        loops.run();
        while (storage.waiting() > 0) {
            storage.syncAll();
            loops.run();
        }
    }

    private static List<String> texts(List<Packet> packets, QoS qos) {
        return packets.stream()
                .filter(packet -> packet instanceof Publish publish && publish.qos() == qos)
                .map(packet -> StandardCharsets.UTF_8
                        .decode(((Publish) packet).payload())
                        .toString())
                .toList();
    }
}

package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The broker serves the Java clients of Eclipse Paho and HiveMQ: one matrix for all of them. */
@Statement(value = "MQTT-7.0.0-2", version = Version.V3_1_1) // clients of other people need nothing special
class JavaClientsIT {
    private static BrokerProcess broker;

    /** The clients, each in a version that it speaks. */
    enum Peer {
        PAHO_31,
        PAHO_311,
        PAHO_5,
        HIVEMQ_311,
        HIVEMQ_5;

        PeerClient client(String clientId) throws Exception {
            String id = clientId + "-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
            return switch (this) {
                case PAHO_31 -> new PahoV3(broker.port(), id, 3);
                case PAHO_311 -> new PahoV3(broker.port(), id, 4);
                case PAHO_5 -> new PahoV5(broker.port(), id);
                case HIVEMQ_311 -> new HiveMqV3(broker.port(), id);
                case HIVEMQ_5 -> new HiveMqV5(broker.port(), id);
            };
        }

        String topic(String name) {
            return name + "/" + this;
        }
    }

    @BeforeAll
    static void startBroker() {
        broker = BrokerProcess.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void messagesOfEveryQosArriveOnceAndInOrder(Peer peer) throws Exception {
        int each = 20;
        try (PeerClient subscriber = peer.client("sub");
                PeerClient publisher = peer.client("pub")) {
            subscriber.connect(true);
            publisher.connect(true);
            subscriber.subscribe(peer.topic("order/+"), 2);
            for (int i = 0; i < each; i++) {
                for (int qos = 0; qos <= 2; qos++) {
                    publisher.publish(peer.topic("order/" + qos), utf8("" + i), qos, false);
                }
            }

            List<PeerClient.Received> received = subscriber.await(3 * each);
            for (int qos = 0; qos <= 2; qos++) {
                assertEquals(numbers(0, each, 1), payloads(received, qos));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void theGrantedQosIsTheLimit(Peer peer) throws Exception {
        try (PeerClient subscriber = peer.client("sub");
                PeerClient publisher = peer.client("pub")) {
            subscriber.connect(true);
            publisher.connect(true);
            subscriber.subscribe(peer.topic("limit"), 1);
            publisher.publish(peer.topic("limit"), utf8("2"), 2, false);
            publisher.publish(peer.topic("limit"), utf8("0"), 0, false);

            assertEquals(
                    List.of(1, 0),
                    subscriber.await(2).stream().map(PeerClient.Received::qos).toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void retainedMessagesAreKeptReplacedAndCleared(Peer peer) throws Exception {
        try (PeerClient publisher = peer.client("pub");
                PeerClient first = peer.client("first");
                PeerClient second = peer.client("second")) {
            publisher.connect(true);
            publisher.publish(peer.topic("retained"), utf8("old"), 1, true);
            publisher.publish(peer.topic("retained"), utf8("new"), 1, true);
            first.connect(true);
            first.subscribe("retained/+", 1);
            PeerClient.Received kept = own(first, peer);
            assertEquals(peer.topic("retained") + " new", kept.text());
            assertTrue(kept.retained());

            publisher.publish(peer.topic("retained"), new byte[0], 1, true);
            second.connect(true);
            second.subscribe(peer.topic("retained"), 1);
            publisher.publish(peer.topic("retained"), utf8("live"), 1, false);
            PeerClient.Received live = second.await(1).get(0);
            assertEquals(peer.topic("retained") + " live", live.text());
            assertFalse(live.retained());
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void messagesWaitForASessionThatWasLeft(Peer peer) throws Exception {
        try (PeerClient publisher = peer.client("pub");
                PeerClient leaving = peer.client("leaving")) {
            publisher.connect(true);
            leaving.connect(false);
            leaving.subscribe(peer.topic("away"), 2);
            leaving.disconnect();
            for (int i = 0; i < 20; i++) {
                publisher.publish(peer.topic("away"), utf8("" + i), 1 + i % 2, false);
            }

            boolean present = leaving.connect(false);

            assertEquals(peer != Peer.PAHO_31, present); // 3.1 has no way to say it
            List<PeerClient.Received> received = leaving.await(20);
            assertEquals(
                    numbers(0, 20, 2), payloads(received, 1)); // a client hands QoS 2 over at PUBREL, perhaps later
            assertEquals(numbers(1, 20, 2), payloads(received, 2));
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void anUnsubscribedClientGetsNothingMore(Peer peer) throws Exception {
        try (PeerClient client = peer.client("both")) {
            client.connect(true);
            client.subscribe(peer.topic("stop"), 1);
            client.subscribe(peer.topic("go"), 1);
            client.publish(peer.topic("stop"), utf8("1"), 1, false);
            client.await(1);
            client.unsubscribe(peer.topic("stop"));
            client.publish(peer.topic("stop"), utf8("2"), 1, false);
            client.publish(peer.topic("go"), utf8("3"), 1, false);

            assertEquals(
                    List.of(peer.topic("stop") + " 1", peer.topic("go") + " 3"),
                    client.await(2).stream().map(PeerClient.Received::text).toList());
        }
    }

    @ParameterizedTest
    @EnumSource(Peer.class)
    void aPayloadOf256KilobytesArrivesAsItWas(Peer peer) throws Exception {
        byte[] payload = new byte[256 << 10];
        new Random(1).nextBytes(payload);
        try (PeerClient client = peer.client("large")) {
            client.connect(true);
            client.subscribe(peer.topic("large"), 2);
            client.publish(peer.topic("large"), payload, 2, false);

            assertArrayEquals(payload, client.await(1).get(0).payload());
        }
    }

    /** The retained message of this peer's own topic: others may have left theirs. */
    private static PeerClient.Received own(PeerClient client, Peer peer) throws InterruptedException {
        for (int count = 1; ; count++) {
            PeerClient.Received latest = client.await(count).get(count - 1);
            if (latest.topic().equals(peer.topic("retained"))) {
                return latest;
            }
        }
    }

    private static List<String> payloads(List<PeerClient.Received> received, int qos) {
        return received.stream()
                .filter(message -> message.qos() == qos)
                .map(message -> new String(message.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> numbers(int from, int to, int step) {
        return IntStream.iterate(from, i -> i < to, i -> i + step)
                .mapToObj(Integer::toString)
                .toList();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}

package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The broker serves MQTT.js: every version over every transport. */
class MqttJsIT {
    private static final String NO_WILL = "-";

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static BrokerProcess broker;
    private static MqttJs node;

    /**
     * One way to the broker.
     *
     * @param version of the protocol, as CONNECT says it: 3 is 3.1, 4 is 3.1.1
     */
    record Way(String scheme, int version) {
        String topic(String name) {
            return name + "/" + scheme + "/" + version;
        }

        MqttJs.Client client(String name) {
            return node.client(name + "-" + scheme + "-" + version);
        }

        boolean connect(MqttJs.Client client, boolean cleanStart, String will) {
            Map<String, String> kinds =
                    Map.of("mqtt", "TCP", "mqtts", "TLS", "ws", "WebSocket", "wss", "secure WebSocket");
            String path = scheme.startsWith("ws") ? "/mqtt" : "";
            String url = scheme + "://127.0.0.1:" + broker.port(kinds.get(scheme)) + path;
            return client.connect(version, url, cleanStart, certificates.ca(), will);
        }

        MqttJs.Client connected(String name) {
            MqttJs.Client client = client(name);
            connect(client, true, NO_WILL);
            return client;
        }
    }

    static Stream<Way> ways() {
        return Stream.of("mqtt", "mqtts", "ws", "wss")
                .flatMap(scheme -> Stream.of(3, 4, 5).map(version -> new Way(scheme, version)));
    }

    @BeforeAll
    static void startBoth() throws Exception {
        boolean required = "true".equals(System.getenv("CI")) || "true".equals(System.getenv("MQTTX_REQUIRE_TOOLS"));
        String missing = "MQTT.js is not installed: npm ci in " + MqttJs.folder();
        if (!required) {
            assumeTrue(MqttJs.isInstalled(), missing);
        }
        assertTrue(MqttJs.isInstalled(), missing);
        certificates = Certificates.in(folder).issue("server");
        broker = BrokerProcess.start(
                "--tls-port",
                "0",
                "--ws-port",
                "0",
                "--wss-port",
                "0",
                "--cert",
                certificates.certificate("server").toString(),
                "--key",
                certificates.key("server").toString());
        node = MqttJs.start();
    }

    @AfterAll
    static void stopBoth() {
        if (node != null) {
            node.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void messagesOfEveryQosArriveOnceAndInOrder(Way way) throws Exception {
        MqttJs.Client subscriber = way.connected("sub");
        MqttJs.Client publisher = way.connected("pub");
        assertEquals(2, subscriber.subscribe(way.topic("order") + "/+", 2));
        for (int i = 0; i < 10; i++) {
            for (int qos = 0; qos <= 2; qos++) {
                publisher.publish(way.topic("order") + "/" + qos, utf8("" + i), qos, false);
            }
        }

        List<PeerClient.Received> received = subscriber.await(30);
        for (int qos = 0; qos <= 2; qos++) {
            assertEquals(numbers(10), texts(received, qos));
        }
        subscriber.unsubscribe(way.topic("order") + "/+");
        assertEquals(1, subscriber.subscribe(way.topic("order") + "/lower", 1));
        publisher.publish(way.topic("order") + "/0", utf8("to nobody"), 1, false);
        publisher.publish(way.topic("order") + "/lower", utf8("last"), 2, false);
        PeerClient.Received last = subscriber.await(31).get(30);
        assertEquals("last 1", utf8(last.payload()) + " " + last.qos());
        subscriber.disconnect();
        publisher.disconnect();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aRetainedMessageArrivesAfterTheFact(Way way) throws Exception {
        MqttJs.Client publisher = way.connected("pub");
        publisher.publish(way.topic("kept") + "/a", utf8("kept"), 1, true);
        publisher.publish(way.topic("kept") + "/b", utf8("gone"), 1, true);
        publisher.publish(way.topic("kept") + "/b", new byte[0], 1, true);

        MqttJs.Client subscriber = way.connected("sub");
        subscriber.subscribe(way.topic("kept") + "/+", 1);
        publisher.publish(way.topic("kept") + "/b", utf8("live"), 1, false);

        List<PeerClient.Received> received = subscriber.await(2);
        assertEquals(way.topic("kept") + "/a kept", received.get(0).text());
        assertTrue(received.get(0).retained());
        assertEquals(way.topic("kept") + "/b live", received.get(1).text());
        assertFalse(received.get(1).retained());
        publisher.disconnect();
        subscriber.disconnect();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theWillOfALostClientIsPublished(Way way) throws Exception {
        MqttJs.Client watcher = way.connected("watcher");
        watcher.subscribe(way.topic("will"), 2);
        MqttJs.Client dying = way.client("dying");
        way.connect(dying, true, way.topic("will"));

        dying.breakOff();

        PeerClient.Received will = watcher.await(1).get(0);
        assertEquals(way.topic("will") + " dead", will.text());
        assertEquals(2, will.qos());
        watcher.disconnect();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void messagesWaitForASessionThatWasLeft(Way way) throws Exception {
        MqttJs.Client publisher = way.connected("pub");
        MqttJs.Client leaving = way.client("leaving");
        assertFalse(way.connect(leaving, false, NO_WILL));
        leaving.subscribe(way.topic("away"), 2);
        leaving.disconnect();
        for (int i = 0; i < 10; i++) {
            publisher.publish(way.topic("away"), utf8("" + i), 1 + i % 2, false);
        }

        boolean present = way.connect(leaving, false, NO_WILL);

        assertEquals(way.version() != 3, present); // 3.1 has no way to say it
        List<String> all = new ArrayList<>(texts(leaving.await(10), 1));
        all.addAll(texts(leaving.await(10), 2));
        assertEquals(List.of("0", "2", "4", "6", "8", "1", "3", "5", "7", "9"), all);
        leaving.disconnect();
        publisher.disconnect();
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aPayloadOf256KilobytesArrivesAsItWas(Way way) throws Exception {
        byte[] payload = new byte[256 << 10];
        new Random(1).nextBytes(payload);
        MqttJs.Client client = way.connected("large");
        client.subscribe(way.topic("large"), 2);
        for (int qos = 0; qos <= 2; qos++) {
            client.publish(way.topic("large"), payload, qos, false);
        }

        for (PeerClient.Received message : client.await(3)) {
            assertArrayEquals(payload, message.payload());
        }
        client.disconnect();
    }

    private static List<String> texts(List<PeerClient.Received> received, int qos) {
        return received.stream()
                .filter(message -> message.qos() == qos)
                .map(message -> utf8(message.payload()))
                .toList();
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

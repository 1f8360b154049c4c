package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Listener;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.testkit.MemoryTransport;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a broker says of itself. */
class SysTest {
    private final ManualLoops loops = new ManualLoops(2);
    private final MemoryTransport transport = new MemoryTransport(loops);

    private MemoryClient connect(String clientId) {
        MemoryClient client = transport.connect(V5);
        client.exchange(new Connect(V5, clientId, true).withKeepAlive(0));
        return client;
    }

    private static Map<String, String> byTopic(List<Publish> publishes) {
        Map<String, String> values = new TreeMap<>();
        publishes.forEach(each -> values.put(each.topic().text().substring("$SYS/broker/".length()), text(each)));
        return values;
    }

    private Broker start() {
        return Broker.builder()
                .transport(transport)
                .handler(client -> BrokerHandler.allowAll())
                .listen(Listener.tcp("memory", 0))
                .start();
    }

    @Test
    void everythingIsRetainedAndOnlyWhatChangesIsToldAgain() {
        // given
        start();
        MemoryClient client = connect("c");
        client.send(new Subscribe(1, List.of(to("$SYS/#", QoS.AT_MOST_ONCE))));

        // when
        List<Publish> first = client.take(Publish.class);
        loops.advance(Duration.ofSeconds(10));
        Map<String, String> second = byTopic(client.take(Publish.class));

        // then
        assertTrue(first.stream().allMatch(Publish::retain));
        assertEquals("0 seconds", byTopic(first).get("uptime"));
        assertEquals("MqttX development", byTopic(first).get("version"));
        assertEquals("10 seconds", second.get("uptime"));
        assertFalse(second.containsKey("version"));
        assertEquals("1", second.get("clients/connected"));
        assertEquals("1", second.get("subscriptions/count"));
    }

    @Test
    void theNamesAreThoseThatToolsForMosquittoKnow() {
        // given
        start();
        loops.advance(Duration.ofSeconds(10));
        MemoryClient client = connect("c");

        // when
        client.send(new Subscribe(1, List.of(to("$SYS/#", QoS.AT_MOST_ONCE))));
        Map<String, String> values = byTopic(client.take(Publish.class));

        // then
        for (String name : List.of(
                "version",
                "uptime",
                "clients/total",
                "clients/connected",
                "clients/disconnected",
                "clients/maximum",
                "clients/expired",
                "messages/received",
                "messages/sent",
                "messages/stored",
                "store/messages/count",
                "store/messages/bytes",
                "publish/messages/received",
                "publish/messages/sent",
                "publish/messages/dropped",
                "publish/bytes/received",
                "publish/bytes/sent",
                "bytes/received",
                "bytes/sent",
                "subscriptions/count",
                "shared_subscriptions/count",
                "retained messages/count",
                "heap/current",
                "heap/maximum")) {
            assertTrue(values.containsKey(name), name);
        }
        for (String load : List.of(
                "messages/received",
                "messages/sent",
                "publish/received",
                "publish/sent",
                "publish/dropped",
                "bytes/received",
                "bytes/sent",
                "connections",
                "sockets")) {
            for (String minutes : List.of("1min", "5min", "15min")) {
                assertTrue(values.containsKey("load/" + load + "/" + minutes), load);
            }
        }
    }

    @Test
    void averagesRiseQuicklyOrSlowlyAndFallAgain() {
        // given: one message every second
        start();
        MemoryClient client = connect("c");
        client.exchange(new Subscribe(1, List.of(to("$SYS/broker/load/publish/received/+", QoS.AT_MOST_ONCE))));
        for (int second = 0; second < 60; second++) {
            client.exchange(message("a", "m"));
            loops.advance(Duration.ofSeconds(1));
        }

        // when
        Map<String, String> busy = byTopic(client.take(Publish.class));
        loops.advance(Duration.ofMinutes(10));
        Map<String, String> quiet = byTopic(client.take(Publish.class));

        // then: 60 a minute, of which a share of 1 - 1/e is seen after as long as the average looks back
        assertEquals(37.9, Double.parseDouble(busy.get("load/publish/received/1min")), 1);
        assertEquals(10.9, Double.parseDouble(busy.get("load/publish/received/5min")), 1);
        assertEquals(3.9, Double.parseDouble(busy.get("load/publish/received/15min")), 1);
        assertEquals("0.00", quiet.get("load/publish/received/1min"));
        assertTrue(Double.parseDouble(quiet.get("load/publish/received/15min")) > 1);
    }

    @Test
    void theBrokersOwnMessagesAreNotCountedAsReceived() {
        // given
        Broker broker = start();
        loops.advance(Duration.ofSeconds(30));

        // when
        MemoryClient client = connect("c");
        client.exchange(message("a", "12345"), PingReq.INSTANCE);

        // then
        assertEquals(1, broker.metrics().get("publish/messages/received"));
        assertEquals(5, broker.metrics().get("publish/bytes/received"));
        assertEquals(3, broker.metrics().get("messages/received"));
        assertEquals(2, broker.metrics().get("messages/sent"));
        assertEquals(0, broker.metrics().get("retained messages/count"));
    }

    @Test
    @Statement("P5-69")
    void nobodyElseSaysSomethingThereAndOtherReservedTopicsAreFree() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient subscriber = broker.connect("s");
            broker.subscribe(subscriber, to("$SYS/#", QoS.AT_MOST_ONCE), to("$other/#", QoS.AT_MOST_ONCE));

            // when
            List<Packet> answers = broker.connect("p")
                    .exchange(
                            message("$SYS/broker/version", "lie"),
                            message("$SYS/broker/version", "lie", QoS.AT_LEAST_ONCE, 1)
                                    .withRetain(true),
                            message("$SYS/broker/version", "lie", QoS.EXACTLY_ONCE, 2),
                            message("$other/a", "free", QoS.AT_LEAST_ONCE, 3));

            // then
            assertEquals(
                    List.of(
                            new PubAck(1, ReasonCode.NOT_AUTHORIZED),
                            new PubRec(2, ReasonCode.NOT_AUTHORIZED),
                            new PubAck(3)),
                    answers);
            assertEquals(List.of("free"), texts(subscriber.take()));
        }
    }

    @Test
    @Statement(
            value = {"MQTT-3.3.5-2"},
            version = Version.V3_1_1)
    void olderClientsAreAnsweredAndTheirMessageIsDropped() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient subscriber = broker.connect("s");
            broker.subscribe(subscriber, to("$SYS/#", QoS.AT_MOST_ONCE));

            // when
            List<Packet> answers = broker.connect(new Connect(V311, "p", true))
                    .exchange(
                            message("$SYS/broker/version", "lie"),
                            message("$SYS/broker/version", "lie", QoS.AT_LEAST_ONCE, 1)
                                    .withRetain(true),
                            message("$SYS/broker/version", "lie", QoS.EXACTLY_ONCE, 2),
                            new PubRel(2),
                            PingReq.INSTANCE);

            // then
            assertEquals(List.of(new PubAck(1), new PubRec(2), new PubComp(2), PingResp.INSTANCE), answers);
            assertEquals(List.of(), subscriber.take());
        }
    }
}

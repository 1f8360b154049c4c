package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.testkit.MemoryClient;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboundAliasTest {

    private static MemoryClient taking(TestBroker broker, int aliases) {
        MemoryClient client = broker.connect(
                new Connect(V5, "taker", true).withProperties(Properties.of(Property.TOPIC_ALIAS_MAXIMUM, aliases)));
        broker.subscribe(client, to("#", QoS.EXACTLY_ONCE));
        return client;
    }

    /** Topic, alias and text of what comes when messages are published to these topics. */
    private static List<String> after(TestBroker broker, MemoryClient client, String... topics) {
        for (String topic : topics) {
            broker.broker.publish(message(topic, "m"));
        }
        return client.take(Publish.class).stream()
                .map(publish -> publish.topic().text() + "="
                        + publish.properties().number(Property.TOPIC_ALIAS, 0) + " " + text(publish))
                .toList();
    }

    @Test
    @Statement({"MQTT-3.1.2-26", "MQTT-3.3.2-11", "P5-21"})
    void aTopicThatComesAgainIsItsAliasAndTheOneNotUsedForLongestMakesRoom() {
        try (TestBroker broker = new TestBroker()) {
            MemoryClient client = taking(broker, 2);
            assertEquals(
                    List.of("topic/a=1 m", "=1 m", "topic/b=2 m", "=1 m", "topic/c=2 m", "=1 m", "=2 m", "topic/b=1 m"),
                    after(
                            broker, client, "topic/a", "topic/a", "topic/b", "topic/a", "topic/c", "topic/a", "topic/c",
                            "topic/b"));
        }
    }

    @Test
    @Statement("MQTT-3.1.2-27")
    void whoTakesNoAliasesGetsNone() {
        try (TestBroker broker = new TestBroker()) {
            MemoryClient client = taking(broker, 0);
            assertEquals(List.of("topic/a=0 m", "topic/a=0 m"), after(broker, client, "topic/a", "topic/a"));
        }
    }

    @Test
    void theBrokerUsesNoMoreThanItsOwnMaximumAndNoneWhereATopicIsShorter() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxAliasesSent(1))) {
            MemoryClient client = taking(broker, 100);
            assertEquals(
                    List.of("topic/a=1 m", "topic/b=1 m", "abc=0 m", "abc=0 m", "=1 m"),
                    after(broker, client, "topic/a", "topic/b", "abc", "abc", "topic/b"));
        }
        try (TestBroker broker = new TestBroker(TestBroker.options().maxAliasesSent(0))) {
            MemoryClient client = taking(broker, 100);
            assertEquals(List.of("topic/a=0 m", "topic/a=0 m"), after(broker, client, "topic/a", "topic/a"));
        }
    }

    @Test
    @Statement({"P5-23", "MQTT-4.4.0-1"})
    void aliasesEndWithTheirConnectionAndWhatIsSentAgainHasNewOnes() {
        try (TestBroker broker = new TestBroker()) {
            // given
            Connect connect = new Connect(V5, "taker", false)
                    .withProperties(Properties.builder()
                            .add(Property.TOPIC_ALIAS_MAXIMUM, 5)
                            .add(Property.SESSION_EXPIRY_INTERVAL, 100L)
                            .build());
            MemoryClient client = broker.connect(connect);
            client.exchange(new Subscribe(
                    1, List.of(to("#", QoS.AT_LEAST_ONCE)), Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 300)));
            broker.broker.publish(message("topic/a", "1", QoS.AT_LEAST_ONCE, 1));
            broker.broker.publish(message("topic/a", "2", QoS.AT_LEAST_ONCE, 1));
            List<Publish> first = client.take(Publish.class);
            client.cut();

            // when
            List<Publish> again = broker.connect(connect).take(Publish.class);
            MemoryClient last = broker.send(connect);
            List<Publish> onceMore = last.take(Publish.class);

            // then
            assertEquals("", first.get(1).topic().text());
            assertEquals(300, first.get(1).properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0));
            assertEquals(List.of(), again);
            assertEquals(2, onceMore.size());
            assertEquals("topic/a", onceMore.get(0).topic().text());
            assertEquals("", onceMore.get(1).topic().text());
            assertEquals(2, onceMore.get(1).packetId());
        }
    }

    @Test
    @Statement("MQTT-3.1.2-24")
    void anAliasThatWouldMakeAMessageTooLargeIsLeftOut() {
        try (TestBroker broker = new TestBroker()) {
            // given: PUBLISH takes 2 + 2 + 7 + 1 + 20 bytes without an alias
            MemoryClient client = broker.connect(new Connect(V5, "taker", true)
                    .withProperties(Properties.builder()
                            .add(Property.TOPIC_ALIAS_MAXIMUM, 5)
                            .add(Property.MAXIMUM_PACKET_SIZE, 32L)
                            .build()));
            broker.subscribe(client, to("#", QoS.AT_MOST_ONCE));

            // when
            broker.broker.publish(message("topic/a", "12345678901234567890"));
            broker.broker.publish(message("topic/a", "123456789012345678901"));
            broker.broker.publish(message("topic/a", "1"));
            broker.broker.publish(message("topic/a", "123456789012345678901"));

            // then: the alias makes room for the byte that was too much
            assertEquals(
                    List.of("12345678901234567890", "1", "123456789012345678901"),
                    client.take(Publish.class).stream().map(TestBroker::text).toList());
            assertEquals(List.of("dropped taker topic/a TOO_LARGE"), broker.events.take("dropped"));
        }
    }
}

package io.mqttx.protocol.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AliasesTest {
    private static final TopicName A = TopicName.of("a");
    private static final TopicName B = TopicName.of("b");
    private static final TopicName C = TopicName.of("c");

    @Test
    @Statement({"P5-21", "MQTT-3.3.2-10", "MQTT-3.3.2-12"})
    void anAliasStandsForTheTopicItLastCameWith() {
        // given
        InboundAliases aliases = InboundAliases.upTo(20);

        // when
        aliases.resolve(message(A, 20));
        Publish first = aliases.resolve(message(TopicName.NONE, 20));
        aliases.resolve(message(B, 20));
        Publish second = aliases.resolve(message(TopicName.NONE, 20));

        // then
        assertEquals(new Publish(A, ByteBuffer.allocate(0)), first);
        assertEquals(new Publish(B, ByteBuffer.allocate(0)), second);
    }

    @Test
    @Statement({"P5-19", "P5-20", "P5-21"})
    void anAliasAboveTheMaximumOrWithoutATopicIsAViolation() {
        // given
        InboundAliases none = InboundAliases.upTo(0);
        InboundAliases aliases = InboundAliases.upTo(20);

        // when, then
        assertEquals(
                ReasonCode.TOPIC_ALIAS_INVALID,
                assertThrows(Violation.class, () -> none.resolve(message(A, 1))).reason());
        assertEquals(
                ReasonCode.TOPIC_ALIAS_INVALID,
                assertThrows(Violation.class, () -> aliases.resolve(message(A, 21)))
                        .reason());
        assertEquals(
                ReasonCode.PROTOCOL_ERROR,
                assertThrows(Violation.class, () -> aliases.resolve(message(TopicName.NONE, 3)))
                        .reason());
    }

    @Test
    @Statement({"MQTT-3.1.2-26", "MQTT-3.1.2-27", "MQTT-3.2.2-17", "MQTT-3.2.2-18", "MQTT-3.3.2-8"})
    void theTopicUsedLongestAgoGivesUpItsAlias() {
        // given
        OutboundAliases aliases = OutboundAliases.upTo(2);
        Publish a = new Publish(A, ByteBuffer.allocate(0));
        Publish b = a.withTopic(B);
        Publish c = a.withTopic(C);

        // when, then
        assertEquals(message(A, 1), aliases.apply(a));
        assertEquals(message(B, 2), aliases.apply(b));
        assertEquals(message(TopicName.NONE, 1), aliases.apply(a));
        assertEquals(message(C, 2), aliases.apply(c));
        assertEquals(message(TopicName.NONE, 1), aliases.apply(a));
        assertEquals(message(B, 2), aliases.apply(b));
        assertEquals(a, OutboundAliases.upTo(0).apply(a));
    }

    private static Publish message(TopicName topic, int alias) {
        return new Publish(A, ByteBuffer.allocate(0))
                .withProperties(Properties.of(Property.TOPIC_ALIAS, alias))
                .withTopic(topic);
    }
}

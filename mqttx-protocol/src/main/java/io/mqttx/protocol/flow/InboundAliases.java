package io.mqttx.protocol.flow;

import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import java.util.Arrays;

/**
 * The topic aliases that the peer uses on one connection (§3.3.2.3.4). They die with it [MQTT-3.3.2-7], and those
 * of the other direction are others.
 */
public final class InboundAliases {
    private static final int SMALLEST = 8;
    private static final TopicName[] NO_TOPICS = {};
    private static final InboundAliases NONE = new InboundAliases(0);

    private final int maximum;
    private TopicName[] topics = NO_TOPICS; // by alias less 1, as far as the peer has come; NONE: not set

    private InboundAliases(int maximum) {
        this.maximum = maximum;
    }

    /** None set; the peer may use 1 to {@code maximum}, or none at all if that is 0 (P5-19). */
    public static InboundAliases upTo(int maximum) {
        return maximum == 0 ? NONE : new InboundAliases(maximum);
    }

    /**
     * The message with its topic and without an alias.
     *
     * @throws Violation 0x94 for an alias above the maximum (P5-20), 0x82 for one that is not set (P5-21)
     */
    public Publish resolve(Publish publish) {
        if (publish.properties().isEmpty()) {
            return publish; // the usual case; a PUBLISH without topic and without alias cannot exist (P5-22)
        }
        int alias = (int) publish.properties().number(Property.TOPIC_ALIAS, 0);
        if (alias == 0) {
            return publish; // 0 itself cannot come this far, the codec refuses it [MQTT-3.3.2-8]
        }
        if (alias > maximum) {
            throw new Violation(
                    ReasonCode.TOPIC_ALIAS_INVALID,
                    "topic alias " + alias + " is above " + maximum + " [MQTT-3.3.2-9] [MQTT-3.3.2-11]");
        }
        Publish plain = publish.topic().isNone() ? publish.withTopic(topicOf(alias)) : publish;
        set(alias, plain.topic());
        return plain.withProperties(plain.properties().without(Property.TOPIC_ALIAS));
    }

    private TopicName topicOf(int alias) {
        TopicName topic = alias <= topics.length ? topics[alias - 1] : TopicName.NONE;
        if (topic.isNone()) {
            throw Violation.protocolError("topic alias " + alias + " stands for no topic yet (§3.3.4)");
        }
        return topic;
    }

    private void set(int alias, TopicName topic) {
        if (alias > topics.length) {
            int old = topics.length;
            topics = Arrays.copyOf(topics, Math.min(maximum, Math.max(SMALLEST, Math.max(alias, old * 2))));
            Arrays.fill(topics, old, topics.length, TopicName.NONE);
        }
        topics[alias - 1] = topic;
    }
}

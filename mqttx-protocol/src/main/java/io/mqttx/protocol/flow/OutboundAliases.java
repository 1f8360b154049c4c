package io.mqttx.protocol.flow;

import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.topic.TopicName;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The topic aliases that we use on one connection (§3.3.2.3.4): the topics used last have one, and when the peer's
 * maximum is reached, the topic that was not used for the longest time gives up its alias. Asked when a message is
 * written, and only for messages that are then really written: the peer learns an alias from them.
 */
public final class OutboundAliases {
    private static final OutboundAliases NONE = new OutboundAliases(0);

    private final int maximum;
    private final Map<TopicName, Integer> aliases; // the one used longest ago first

    private OutboundAliases(int maximum) {
        this.maximum = maximum;
        this.aliases = maximum == 0 ? Map.of() : new LinkedHashMap<>(4, 0.75f, true);
    }

    /** None set; the peer takes 1 to {@code maximum}, or none at all if that is 0 [MQTT-3.1.2-27] [MQTT-3.2.2-18]. */
    public static OutboundAliases upTo(int maximum) {
        return maximum == 0 ? NONE : new OutboundAliases(maximum);
    }

    /** Whether the peer takes any: otherwise there is nothing to ask. */
    public boolean areTaken() {
        return maximum > 0;
    }

    /** The alias that the peer knows for this topic, so that the topic need not be sent; or 0. */
    public int find(TopicName topic) {
        return maximum == 0 ? 0 : aliases.getOrDefault(topic, 0);
    }

    /**
     * An alias for a topic that has none, to be sent together with the topic; or 0 if the peer takes none.
     * It may have stood for another topic before (P5-21).
     */
    public int assign(TopicName topic) {
        if (maximum == 0) {
            return 0;
        }
        int alias = aliases.size() + 1;
        if (alias > maximum) {
            Iterator<Integer> oldest = aliases.values().iterator();
            alias = oldest.next();
            oldest.remove();
        }
        aliases.put(topic, alias);
        return alias;
    }

    /** The message as it is to be written: with an alias, and without the topic if the peer knows the alias. */
    public Publish apply(Publish publish) {
        int known = find(publish.topic());
        if (known > 0) {
            return publish.withProperties(publish.properties().with(Property.TOPIC_ALIAS, known))
                    .withTopic(TopicName.NONE);
        }
        int alias = assign(publish.topic());
        return alias == 0
                ? publish
                : publish.withProperties(publish.properties().with(Property.TOPIC_ALIAS, alias));
    }
}

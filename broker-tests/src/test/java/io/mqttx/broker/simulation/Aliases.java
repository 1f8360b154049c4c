package io.mqttx.broker.simulation;

import static io.mqttx.broker.simulation.Ledger.check;

import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.topic.TopicName;
import java.util.HashMap;
import java.util.Map;

/** The topic aliases of one connection, both ways (§3.3.2.3.4). */
final class Aliases {
    private final String owner;
    private final int taken; // from the broker: the largest
    private final Map<Integer, TopicName> ofBroker = new HashMap<>();
    private final Map<TopicName, Integer> own = new HashMap<>();
    private int allowed; // of our own: the largest

    Aliases(String owner, int taken) {
        this.owner = owner;
        this.taken = taken;
    }

    /** The broker takes aliases up to this one. */
    void allow(long largest) {
        allowed = (int) largest;
    }

    /** The message with its topic. */
    Publish resolve(Publish publish) {
        int alias = (int) publish.properties().number(Property.TOPIC_ALIAS, 0);
        check(alias <= taken, owner + " gets alias " + alias + ", and takes " + taken + " [MQTT-3.1.2-26]");
        if (alias == 0) {
            return publish;
        }
        TopicName topic = publish.topic().isNone() ? ofBroker.get(alias) : publish.topic();
        check(topic != null, owner + " gets alias " + alias + ", which stands for nothing");
        ofBroker.put(alias, topic);
        return publish.withTopic(topic);
    }

    /** The message with an alias in place of its topic, or besides it, as far as there are any. */
    Publish shorten(Publish publish) {
        Integer known = own.get(publish.topic());
        if (known == null && own.size() >= allowed) {
            return publish;
        }
        int alias = known == null ? own.size() + 1 : known;
        own.put(publish.topic(), alias);
        Publish both = publish.withProperties(publish.properties().with(Property.TOPIC_ALIAS, alias));
        return known == null ? both : both.withTopic(TopicName.NONE);
    }
}

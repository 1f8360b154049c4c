package io.mqttx.benchmarks.broker;

import com.codahale.metrics.MetricRegistry;
import com.hivemq.metrics.MetricsHolder;
import com.hivemq.mqtt.message.QoS;
import com.hivemq.mqtt.message.subscribe.Topic;
import com.hivemq.mqtt.topic.SubscriberWithIdentifiers;
import com.hivemq.mqtt.topic.SubscriptionFlag;
import com.hivemq.mqtt.topic.tree.LocalTopicTree;
import com.hivemq.mqtt.topic.tree.TopicSubscribers;
import java.util.List;
import java.util.function.Supplier;

/** The tree of HiveMQ CE, which takes names and filters as they are. */
final class HiveMqTree implements Tree {
    private static final String GUEST = "guest";
    private static final String NOT_SHARED = null; // so does their API say it
    private static final byte FLAGS = SubscriptionFlag.getDefaultFlags(false, false, false);

    private final LocalTopicTree tree = new LocalTopicTree(new MetricsHolder(new MetricRegistry()));

    @Override
    public void subscribe(String client, String filter) {
        tree.addTopic(client, new Topic(filter, QoS.AT_MOST_ONCE), FLAGS, NOT_SHARED);
    }

    @Override
    public void visit(String filter) {
        subscribe(GUEST, filter);
        tree.removeSubscriber(GUEST, filter, NOT_SHARED);
    }

    @Override
    public Supplier<?> search(String topic) {
        return () -> found(topic);
    }

    @Override
    public List<String> clients(String topic) {
        return found(topic).getSubscribers().stream()
                .map(SubscriberWithIdentifiers::getSubscriber)
                .toList();
    }

    private TopicSubscribers found(String topic) {
        return tree.findTopicSubscribers(topic);
    }
}

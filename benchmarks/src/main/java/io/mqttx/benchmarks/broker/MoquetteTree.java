package io.mqttx.benchmarks.broker;

import io.moquette.broker.ISubscriptionsRepository;
import io.moquette.broker.subscriptions.CTrieSubscriptionDirectory;
import io.moquette.broker.subscriptions.Subscription;
import io.moquette.broker.subscriptions.Topic;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** Moquette's tree. Its broker makes a {@code Topic} of each name that comes, and of each filter. */
final class MoquetteTree implements Tree {
    private static final String GUEST = "guest";

    private final CTrieSubscriptionDirectory tree = new CTrieSubscriptionDirectory();

    MoquetteTree() {
        tree.init(new NothingKept());
    }

    @Override
    public void subscribe(String client, String filter) {
        tree.add(new Subscription(client, new Topic(filter), MqttQoS.AT_MOST_ONCE));
    }

    @Override
    public void visit(String filter) {
        subscribe(GUEST, filter);
        tree.removeSubscription(new Topic(filter), GUEST);
    }

    @Override
    public Supplier<?> search(String topic) {
        return () -> found(topic);
    }

    @Override
    public List<String> clients(String topic) {
        return found(topic).stream().map(Subscription::getClientId).toList();
    }

    private List<Subscription> found(String topic) {
        return tree.matchQosSharpening(new Topic(topic));
    }

    /** In the place of a file of subscriptions. */
    private static final class NothingKept implements ISubscriptionsRepository {
        @Override
        public Set<Subscription> listAllSubscriptions() {
            return Set.of();
        }

        @Override
        public void addNewSubscription(Subscription subscription) {
            // the tree has it
        }

        @Override
        public void removeSubscription(String filter, String client) {
            // it was not kept
        }
    }
}

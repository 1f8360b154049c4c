package io.mqttx.benchmarks.broker;

import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.broker.routing.Grant;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Our tree. It is asked by the router, which is how the broker asks it, so that a search does more than those of the
 * others: whom it finds gets the message.
 */
final class MqttxTree implements Tree {
    private final Loop here = new Here();
    private final Counting guest = new Counting("guest", here);
    private final List<Counting> subscribers = new ArrayList<>(List.of(guest));
    private final Grant grant = Grant.of(QoS.AT_MOST_ONCE, false, false, 0);
    private final SubscriptionTree tree = empty();
    private final Router router = new Router(
            tree,
            List.of(here),
            Overlapping.ONE_COPY,
            WhenFull.DROP_NEWEST,
            Journals.none(new Clocks(() -> 0, InstantSource.system())));
    private final boolean anew;
    private final AtomicLong shape;

    /**
     * An empty tree.
     *
     * @param anew whether each search is to find the tree in another shape, as if a filter had come or gone since the
     *     one before: then it has to go through the tree
     */
    MqttxTree(boolean anew) {
        this.anew = anew;
        this.shape = shapeOf(tree);
    }

    /** Leaves those of the topics that the broker remembers side by side. Others would be displaced by them. */
    static List<String> remembered(List<String> topics) {
        SubscriptionTree tree = empty();
        List<TopicName> names = topics.stream().map(TopicName::of).toList();
        List<Object> found = names.stream().map(name -> match(tree, name)).toList();
        List<String> remembered = new ArrayList<>();
        for (int i = topics.size() - 1; i >= 0; i--) { // the last one in a place is still there
            if (match(tree, names.get(i)) == found.get(i)) {
                remembered.add(topics.get(i));
            }
        }
        return remembered;
    }

    @Override
    public void subscribe(String client, String filter) {
        Counting subscriber = new Counting(client, here);
        subscribers.add(subscriber);
        tree.subscribe(TopicFilter.of(filter), subscriber, grant);
    }

    @Override
    public void visit(String filter) {
        tree.subscribe(TopicFilter.of(filter), guest, grant);
        tree.unsubscribe(TopicFilter.of(filter), guest);
    }

    @Override
    public Supplier<?> search(String topic) {
        SharedMessage message = message(topic);
        return anew ? () -> routeAnew(message) : () -> route(message);
    }

    @Override
    public List<String> clients(String topic) {
        long[] before = subscribers.stream().mapToLong(Counting::received).toArray();
        route(message(topic));
        List<String> clients = new ArrayList<>();
        for (int i = 0; i < before.length; i++) {
            if (subscribers.get(i).received() > before[i]) {
                clients.add(subscribers.get(i).clientId());
            }
        }
        return clients;
    }

    private Router.Routed routeAnew(SharedMessage message) {
        shape.incrementAndGet();
        return route(message);
    }

    private Router.Routed route(SharedMessage message) {
        return router.route(message, Optional.empty());
    }

    private static SharedMessage message(String topic) {
        return new SharedMessage("p", new Publish(TopicName.of(topic), ByteBuffer.wrap(new byte[16])), 0);
    }

    private static SubscriptionTree empty() {
        return new SubscriptionTree(SharedStrategy.ROUND_ROBIN, new Random(1));
    }

    // What follows reaches for what no other package needs: not worth a door in the broker.

    private static AtomicLong shapeOf(SubscriptionTree tree) {
        try {
            Field shape = SubscriptionTree.class.getDeclaredField("shape");
            shape.setAccessible(true);
            return (AtomicLong) shape.get(tree);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object match(SubscriptionTree tree, TopicName topic) {
        try {
            Method match = SubscriptionTree.class.getDeclaredMethod("match", TopicName.class);
            match.setAccessible(true);
            return match.invoke(tree, topic);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}

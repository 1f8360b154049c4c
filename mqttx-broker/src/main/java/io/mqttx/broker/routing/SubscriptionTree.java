package io.mqttx.broker.routing;

import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.broker.api.SubscriptionInfo;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * All subscriptions, as a tree of topic levels: what a lookup costs depends on the depth of the topic and the number
 * of matches, never on the number of subscriptions.
 *
 * <p>Read by any thread without locks; changes are serialised. A lookup that runs beside a change sees the tree
 * with it or without it.
 */
public final class SubscriptionTree {
    private static final String ONE_LEVEL = "+";
    private static final String REST = "#";

    private final Node root = new Node();
    private final ReentrantLock writing = new ReentrantLock();
    private final KnownMatches known = new KnownMatches();
    private final AtomicLong shape = new AtomicLong(); // another one after each filter that appeared or disappeared
    private final AtomicInteger count = new AtomicInteger();
    private final AtomicInteger shared = new AtomicInteger();
    private final SharedStrategy strategy;
    private final RandomGenerator random;

    /**
     * An empty tree.
     *
     * @param strategy which member of a shared group gets a message
     * @param random   for the strategies that need chance; safe for all threads
     */
    public SubscriptionTree(SharedStrategy strategy, RandomGenerator random) {
        this.strategy = strategy;
        this.random = random;
    }

    /** How many subscriptions there are, shared ones included. */
    public int size() {
        return count.get();
    }

    /** How many subscriptions to shared groups there are. */
    public int sharedSize() {
        return shared.get();
    }

    /**
     * Adds a subscription or replaces it.
     *
     * @return whether it is new
     */
    public boolean subscribe(TopicFilter filter, Subscriber subscriber, Grant grant) {
        writing.lock();
        try {
            Node node = root;
            for (String level : filter.levels()) {
                node = node.child(level);
            }
            boolean appears = !node.has(filter);
            boolean isNew = filter.isShared()
                    ? node.group(filter, strategy, random).put(subscriber, grant)
                    : node.subscribers.put(subscriber, grant);
            if (appears) {
                shape.incrementAndGet();
            }
            if (isNew) {
                count.incrementAndGet();
                shared.addAndGet(filter.isShared() ? 1 : 0);
            }
            return isNew;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Removes a subscription.
     *
     * @return whether it was there
     */
    public boolean unsubscribe(TopicFilter filter, Subscriber subscriber) {
        writing.lock();
        try {
            boolean was = remove(filter, subscriber);
            if (was) {
                count.decrementAndGet();
                shared.addAndGet(filter.isShared() ? -1 : 0);
            }
            return was;
        } finally {
            writing.unlock();
        }
    }

    /** The place of this subscriber in a shared subscription; {@link Seat#NONE} if it has none. */
    public Seat seat(TopicFilter filter, Subscriber subscriber) {
        writing.lock();
        try {
            return group(filter).map(group -> group.of(subscriber)).orElse(Seat.NONE);
        } finally {
            writing.unlock();
        }
    }

    /** This shared subscription, if it has members. */
    Optional<SharedGroup> group(TopicFilter filter) {
        writing.lock();
        try {
            Node node = root;
            for (String level : filter.levels()) {
                node = node.children.get(level);
                if (node == null) {
                    return Optional.empty();
                }
            }
            return Optional.ofNullable(node.groups.get(filter.shareName()));
        } finally {
            writing.unlock();
        }
    }

    /** Everybody who subscribed to {@code topic}. */
    Matches match(TopicName topic) {
        long before = shape.get(); // a filter that comes during the search gives the tree another shape after it
        Matches matches = known.of(topic, before);
        if (matches == null) {
            matches = new Matches();
            match(root, topic.levels(), 0, topic.isReserved(), matches);
            known.add(topic, before, matches);
        }
        return matches;
    }

    private static void match(Node node, List<String> levels, int depth, boolean reserved, Matches matches) {
        boolean wildcards = depth > 0 || !reserved; // [MQTT-4.7.2-1]
        if (wildcards) {
            matches.add(node.children.get(REST));
        }
        if (depth == levels.size()) {
            matches.add(node);
            return;
        }
        Node exact = node.children.get(levels.get(depth));
        if (exact != null) {
            match(exact, levels, depth + 1, reserved, matches);
        }
        Node any = wildcards ? node.children.get(ONE_LEVEL) : null;
        if (any != null) {
            match(any, levels, depth + 1, reserved, matches);
        }
    }

    /** Calls {@code visitor} with each subscription to exactly this filter, as they are about now. */
    public void forEach(TopicFilter filter, Consumer<SubscriptionInfo> visitor) {
        Node node = root;
        for (String level : filter.levels()) {
            node = node.children.get(level);
            if (node == null) {
                return;
            }
        }
        if (!filter.isShared()) {
            node.subscribers.forEach(
                    (subscriber, grant) -> visitor.accept(grant.describe(subscriber.clientId(), filter)));
            return;
        }
        SharedGroup group = node.groups.get(filter.shareName());
        if (group != null) {
            group.forEach(seat ->
                    visitor.accept(seat.grant().describe(seat.subscriber().clientId(), filter)));
        }
    }

    /** Whether nothing is left, not even an empty node. */
    boolean isPruned() {
        return root.isEmpty();
    }

    /** Removes the subscription, and nodes that nobody needs any more. */
    private boolean remove(TopicFilter filter, Subscriber subscriber) {
        Node lasting = root; // the last on the way that stays, whatever becomes of those below it
        String cut = "";
        Node node = root;
        for (String level : filter.levels()) {
            if (node == root || node.isFork()) {
                lasting = node;
                cut = level;
            }
            node = node.children.get(level);
            if (node == null) {
                return false;
            }
        }
        boolean was = node.remove(filter, subscriber);
        if (was && !node.has(filter)) {
            shape.incrementAndGet();
        }
        if (node.isEmpty()) {
            lasting.removeChild(cut);
        }
        return was;
    }

    /** One level, with who subscribed to the filter that ends here. Most have one child at most, and no groups. */
    private static final class Node {
        volatile Map<String, Node> children = Map.of(); // another for each change as long as there is one at most
        final Subscribers subscribers = new Subscribers();
        volatile Map<String, SharedGroup> groups = Map.of(); // by share name; replaced when the first comes

        Node child(String level) {
            Node known = children.get(level);
            if (known != null) {
                return known;
            }
            Node made = new Node();
            if (children.isEmpty()) {
                children = Map.of(level, made);
                return made;
            }
            if (!(children instanceof ConcurrentHashMap)) {
                Map<String, Node> two = new ConcurrentHashMap<>(2);
                children.forEach(two::put);
                children = two;
            }
            children.put(level, made);
            return made;
        }

        void removeChild(String level) {
            if (children.size() == 1) {
                children = Map.of();
            } else {
                children.remove(level);
            }
        }

        SharedGroup group(TopicFilter filter, SharedStrategy strategy, RandomGenerator random) {
            if (groups.isEmpty()) {
                groups = new ConcurrentHashMap<>(2);
            }
            return groups.computeIfAbsent(filter.shareName(), name -> new SharedGroup(filter.text(), strategy, random));
        }

        /** Whether anybody subscribed to this filter, which ends here. */
        boolean has(TopicFilter filter) {
            return filter.isShared() ? groups.containsKey(filter.shareName()) : !subscribers.isEmpty();
        }

        boolean remove(TopicFilter filter, Subscriber subscriber) {
            if (!filter.isShared()) {
                return subscribers.remove(subscriber);
            }
            SharedGroup group = groups.get(filter.shareName());
            boolean was = group != null && group.remove(subscriber);
            if (group != null && group.isEmpty()) {
                groups.remove(filter.shareName());
            }
            return was;
        }

        /** Whether it would stay without one of its children. */
        boolean isFork() {
            return children.size() > 1 || !subscribers.isEmpty() || !groups.isEmpty();
        }

        boolean isEmpty() {
            return children.isEmpty() && subscribers.isEmpty() && groups.isEmpty();
        }
    }

    /** What a lookup found: the living subscribers of filters and groups, which may have changed by now. */
    static final class Matches {
        final List<Subscribers> plain = new ArrayList<>(2);
        final List<SharedGroup> shared = new ArrayList<>(0);

        private void add(Node node) {
            if (node == null) {
                return;
            }
            if (!node.subscribers.isEmpty()) {
                plain.add(node.subscribers);
            }
            if (!node.groups.isEmpty()) {
                shared.addAll(node.groups.values());
            }
        }
    }
}

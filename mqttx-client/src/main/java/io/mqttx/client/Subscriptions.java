package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What the client has subscribed to, and which callback takes the messages of which subscription. Guarded by the lock
 * of the client.
 *
 * <p>A callback takes messages from SUBSCRIBE on, since retained ones may come before SUBACK. It steps back for the one
 * before it if the server refuses, and takes its place if the server grants.
 */
final class Subscriptions {
    /** One filter as it was asked for. No record: the same may be asked for twice, and those are two. */
    static final class Entry {
        private final Subscription subscription;
        private final Properties properties; // of its SUBSCRIBE
        private final Optional<Consumer<Message>> callback; // empty: none of its own

        Entry(Subscription subscription, Properties properties, Optional<Consumer<Message>> callback) {
            this.subscription = subscription;
            this.properties = properties;
            this.callback = callback;
        }

        Subscription subscription() {
            return subscription;
        }

        Properties properties() {
            return properties;
        }

        Optional<Consumer<Message>> callback() {
            return callback;
        }

        TopicFilter filter() {
            return subscription.filter();
        }
    }

    private final Map<TopicFilter, Entry> granted = new LinkedHashMap<>();
    private final List<Entry> asked = new ArrayList<>(); // in the order of their SUBSCRIBE
    private int callbacks; // how many of them all have one: most clients have few, and many have none

    /** SUBSCRIBE was sent. */
    void ask(Entry entry) {
        asked.add(entry);
        count(entry, 1);
    }

    /** The server granted what was asked for; if it has no callback, an earlier one stays. */
    void grant(Entry entry) {
        if (!forget(entry)) {
            return;
        }
        Entry before = granted.get(entry.filter());
        Entry after = before == null || entry.callback().isPresent()
                ? entry
                : new Entry(entry.subscription(), entry.properties(), before.callback());
        granted.put(entry.filter(), after);
        count(after, 1);
        if (before != null) {
            count(before, -1);
        }
    }

    /** The server refused what was asked for, or nobody knows. */
    void refuse(Entry entry) {
        forget(entry);
    }

    /** This filter is subscribed to no more. */
    void remove(TopicFilter filter) {
        Entry removed = granted.remove(filter);
        if (removed != null) {
            count(removed, -1);
        }
    }

    /** What the server has granted, in the order in which it was asked for first. */
    List<Entry> granted() {
        return List.copyOf(granted.values());
    }

    /** The callbacks for a message: one for each filter that matches its topic. */
    List<Consumer<Message>> matching(Message message) {
        if (callbacks == 0) {
            return List.of();
        }
        Map<TopicFilter, Consumer<Message>> found = new LinkedHashMap<>();
        granted.values().forEach(entry -> findIn(entry, message, found));
        asked.forEach(entry -> findIn(entry, message, found));
        return found.values().stream().distinct().toList();
    }

    private static void findIn(Entry entry, Message message, Map<TopicFilter, Consumer<Message>> found) {
        if (entry.callback().isPresent()
                && entry.filter().matches(message.packet().topic())) {
            found.put(entry.filter(), entry.callback().get());
        }
    }

    private boolean forget(Entry entry) {
        boolean known = asked.remove(entry);
        count(entry, known ? -1 : 0);
        return known;
    }

    private void count(Entry entry, int difference) {
        callbacks += entry.callback().isPresent() ? difference : 0;
    }
}

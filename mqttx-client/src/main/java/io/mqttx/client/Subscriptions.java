package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.RetainHandling;
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
        private boolean doubtful; // the server has granted it, but may have lost it

        Entry(Subscription subscription, Properties properties, Optional<Consumer<Message>> callback) {
            this.subscription = subscription;
            this.properties = properties;
            this.callback = callback;
        }

        Subscription subscription() {
            return subscription;
        }

        /** The same, but for retained messages only if the server has lost the subscription. */
        Subscription ifLost() {
            return subscription.retainHandling() == RetainHandling.SEND
                    ? new Subscription(
                            subscription.filter(),
                            subscription.maximumQoS(),
                            subscription.noLocal(),
                            subscription.retainAsPublished(),
                            RetainHandling.SEND_IF_NEW)
                    : subscription;
        }

        Properties properties() {
            return properties;
        }

        Optional<Consumer<Message>> callback() {
            return callback;
        }

        boolean isForResponses() {
            return callback.isPresent() && callback.get() instanceof Responses;
        }

        TopicFilter filter() {
            return subscription.filter();
        }

        /** The server has granted it again. */
        void confirm() {
            doubtful = false;
        }
    }

    private final StoredSession stored;
    private final Map<TopicFilter, Entry> granted = new LinkedHashMap<>();
    private final List<Entry> asked = new ArrayList<>(); // in the order of their SUBSCRIBE
    private List<Taker> takers = List.of(); // who they all are that take messages now
    private boolean changed; // since takers was made

    /** The callback of a filter. */
    private record Taker(TopicFilter filter, Consumer<Message> callback) {}

    Subscriptions(StoredSession stored) {
        this.stored = stored;
    }

    /** An earlier client of this session had subscribed to these: they are as good as granted, without their callbacks. */
    void restore() {
        for (StoredSubscription known : stored.subscriptions()) {
            granted.put(
                    known.subscription().filter(),
                    new Entry(known.subscription(), known.properties(), Optional.empty()));
        }
    }

    /** What earlier clients had subscribed to is of no use any more. */
    void forgetStored() {
        stored.subscriptions()
                .forEach(known -> stored.unsubscribed(known.subscription().filter()));
    }

    /** SUBSCRIBE was sent. */
    void ask(Entry entry) {
        asked.add(entry);
        changed = true;
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
        if (!after.isForResponses()) { // the next client makes a response topic of its own
            stored.subscribed(new StoredSubscription(after.subscription(), after.properties()));
        }
        if (before != null && !before.callback().equals(after.callback())) {
            endStream(before, Optional.empty());
        }
    }

    /** The server refused what was asked for, or nobody knows. */
    void refuse(Entry entry) {
        forget(entry);
    }

    /** This filter is subscribed to no more. */
    void remove(TopicFilter filter) {
        remove(filter, Optional.empty());
    }

    /** This filter is subscribed to no more, because of an {@code error}. */
    void remove(TopicFilter filter, Optional<Throwable> error) {
        changed = true;
        Entry removed = granted.remove(filter);
        stored.unsubscribed(filter);
        if (removed != null) {
            endStream(removed, error);
        }
    }

    private static void endStream(Entry entry, Optional<Throwable> error) {
        if (entry.callback().isPresent() && entry.callback().get() instanceof MessageStream stream) {
            stream.end(error, false);
        }
    }

    /** The server has lost, or may have lost, what it has granted. */
    void doubt() {
        for (Entry entry : granted.values()) {
            entry.doubtful = true;
        }
    }

    /** What the server may have lost, in the order in which it was asked for first. */
    List<Entry> doubtful() {
        return granted.values().stream().filter(entry -> entry.doubtful).toList();
    }

    /** The callbacks for a message: each whose filter matches its topic, once. */
    List<Consumer<Message>> matching(Message message) {
        if (changed) {
            takers = currentTakers();
            changed = false;
        }
        List<Consumer<Message>> found = List.of(); // mostly there is one, or none
        for (Taker taker : takers) {
            if (taker.filter.matches(message.packet().topic()) && !found.contains(taker.callback)) {
                found = found.isEmpty() ? List.of(taker.callback) : with(found, taker.callback);
            }
        }
        return found;
    }

    private static List<Consumer<Message>> with(List<Consumer<Message>> some, Consumer<Message> another) {
        List<Consumer<Message>> more = new ArrayList<>(some);
        more.add(another);
        return more;
    }

    /** One for each filter: what was asked for last counts. */
    private List<Taker> currentTakers() {
        Map<TopicFilter, Taker> current = new LinkedHashMap<>();
        List<Entry> all = new ArrayList<>(granted.values());
        all.addAll(asked);
        for (Entry entry : all) {
            if (entry.callback().isPresent()) {
                current.put(
                        entry.filter(),
                        new Taker(entry.filter(), entry.callback().get()));
            }
        }
        return List.copyOf(current.values());
    }

    private boolean forget(Entry entry) {
        changed = true;
        return asked.remove(entry);
    }
}

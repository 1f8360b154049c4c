package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a storage hands out, to be looked at and compared: two are equal if the storages have the same. */
final class LoadedState implements Storage.Loader {
    final Map<Long, Session> sessions = new TreeMap<>();
    final Map<TopicName, Kept.Message> retained = new HashMap<>();
    private Session current;

    /** What this storage has. */
    static LoadedState of(Storage storage) {
        LoadedState state = new LoadedState();
        storage.load(state);
        return state;
    }

    /** One session with its parts, in the order in which they were told, where that matters. */
    record Session(
            Kept.Session record,
            Map<TopicFilter, Kept.Subscribed> subscriptions,
            List<Kept.Will> wills,
            List<Waiting> queue,
            List<InFlight> inFlight,
            TreeSet<Integer> received) {}

    /** A message in the queue. */
    record Waiting(long sequence, boolean counted, boolean shared, int bytes) {}

    /** A message with its packet identifier, or an identifier alone, of which the PUBREL is in flight. */
    record InFlight(int packetId, long order, Optional<Kept.Entry> entry) {}

    Session only() {
        if (sessions.size() != 1) {
            throw new AssertionError("one session expected: " + sessions);
        }
        return sessions.values().iterator().next();
    }

    @Override
    public void session(Kept.Session session) {
        current = new Session(
                session, new HashMap<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new TreeSet<>());
        if (sessions.put(session.key(), current) != null) {
            throw new AssertionError("told twice: " + session);
        }
    }

    @Override
    public void subscribed(Kept.Subscribed subscribed) {
        if (current.subscriptions.put(subscribed.subscription().filter(), subscribed) != null) {
            throw new AssertionError("told twice: " + subscribed);
        }
    }

    @Override
    public void will(Kept.Will will) {
        current.wills.add(new Kept.Will(
                will.publisher(), will.userName(), plain(will.message()), will.delaySeconds(), will.due()));
    }

    @Override
    public void queued(long sequence, boolean counted, boolean shared, int bytes) {
        current.queue.add(new Waiting(sequence, counted, shared, bytes));
    }

    @Override
    public void sent(int packetId, long order, Kept.Entry entry) {
        current.inFlight.add(new InFlight(packetId, order, Optional.of(plain(entry))));
    }

    @Override
    public void released(int packetId, long order) {
        current.inFlight.add(new InFlight(packetId, order, Optional.empty()));
    }

    @Override
    public void received(int packetId) {
        if (!current.received.add(packetId)) {
            throw new AssertionError("told twice: identifier " + packetId);
        }
    }

    @Override
    public void retained(Kept.Message message) {
        if (retained.put(message.publish().topic(), plain(message)) != null) {
            throw new AssertionError("told twice: " + message);
        }
    }

    /** Without what need not be kept. */
    static Kept.Entry plain(Kept.Entry entry) {
        return new Kept.Entry(entry.sequence(), plain(entry.message()), entry.terms());
    }

    static Kept.Message plain(Kept.Message message) {
        return new Kept.Message(message.publisher(), plain(message.publish()), message.arrived());
    }

    private static Publish plain(Publish publish) {
        return publish.with(publish.qos(), publish.qos() == QoS.AT_MOST_ONCE ? 0 : 1);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LoadedState state && sessions.equals(state.sessions) && retained.equals(state.retained);
    }

    @Override
    public int hashCode() {
        return Objects.hash(sessions, retained);
    }

    @Override
    public String toString() {
        return sessions + " retained " + retained;
    }
}

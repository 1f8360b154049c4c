package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What a {@link Storage} has after a row of changes: sessions with their parts, and retained messages, in maps. It is
 * the meaning of {@link Change}, said in code, which other storages are held against. One thread at a time.
 */
public final class KeptState {
    private final Map<Long, Parts> sessions = new TreeMap<>();
    private final Map<TopicName, Kept.Message> retained = new LinkedHashMap<>();

    /** Nothing yet. */
    public KeptState() {}

    /** A state of its own that says the same now. */
    public KeptState copy() {
        KeptState copy = new KeptState();
        sessions.forEach((key, parts) -> copy.sessions.put(key, parts.copy()));
        copy.retained.putAll(retained);
        return copy;
    }

    /** Carries out all of them, one after the other. */
    public void apply(List<Change> changes) {
        changes.forEach(this::apply);
    }

    /** The messages with these sequence numbers that the session has, in flight or not, in the order asked for. */
    public List<Kept.Entry> read(long session, long[] sequences) {
        Parts parts = sessions.get(session);
        if (parts == null) {
            return List.of();
        }
        List<Kept.Entry> found = new ArrayList<>();
        for (long sequence : sequences) {
            Kept.Entry entry = parts.messages.get(sequence);
            if (entry != null) {
                found.add(entry);
            }
        }
        return found;
    }

    /** Hands out everything: the sessions by growing key, then the retained messages. */
    public void load(Storage.Loader into) {
        sessions.values().forEach(parts -> parts.load(into));
        retained.values().forEach(into::retained);
    }

    private void apply(Change change) {
        if (change instanceof Change.SessionPut put) {
            sessions.computeIfAbsent(put.session().key(), key -> new Parts()).session = put.session();
        } else if (change instanceof Change.SessionEnded ended) {
            sessions.remove(ended.session());
        } else if (change instanceof Change.Subscribed subscribed) {
            with(subscribed.session(), parts -> parts.subscribe(subscribed.subscribed()));
        } else if (change instanceof Change.Unsubscribed gone) {
            with(gone.session(), parts -> parts.subscriptions.remove(gone.filter()));
        } else if (change instanceof Change.WillPut put) {
            with(put.session(), parts -> parts.will = Optional.of(put.will()));
        } else if (change instanceof Change.WillCleared cleared) {
            with(cleared.session(), parts -> parts.will = Optional.empty());
        } else if (change instanceof Change.RetainedPut put) {
            retained.put(put.message().publish().topic(), put.message());
        } else if (change instanceof Change.RetainedCleared cleared) {
            retained.remove(cleared.topic());
        } else {
            applyToFlows(change);
        }
    }

    private void applyToFlows(Change change) {
        if (change instanceof Change.Queued queued) {
            for (Change.Receiver to : queued.receivers()) {
                Kept.Entry entry = new Kept.Entry(to.sequence(), queued.message(), to.terms());
                with(to.session(), parts -> parts.messages.put(to.sequence(), entry));
            }
        } else if (change instanceof Change.Dequeued gone) {
            with(gone.session(), parts -> parts.forget(gone.sequence()));
        } else if (change instanceof Change.Sent sent) {
            with(sent.session(), parts -> parts.sent(sent.sequence(), sent.packetId(), sent.order()));
        } else if (change instanceof Change.Released released) {
            with(released.session(), parts -> parts.release(released));
        } else if (change instanceof Change.Completed completed) {
            with(completed.session(), parts -> parts.complete(completed));
        } else if (change instanceof Change.Received received) {
            with(received.session(), parts -> parts.received.add(received.packetId()));
        } else if (change instanceof Change.Concluded concluded) {
            with(concluded.session(), parts -> parts.received.remove(concluded.packetId()));
        } else {
            throw new IllegalArgumentException("no rule for " + change);
        }
    }

    /** Does it to the session, if there is one: what comes late is no change. */
    private void with(long session, Consumer<Parts> change) {
        Parts parts = sessions.get(session);
        if (parts != null) {
            change.accept(parts);
        }
    }

    /** Something in flight: a PUBLISH with its sequence number, or a PUBREL, which has none. */
    private record InFlight(long sequence, int packetId, long order) {}

    /** One session. */
    private static final class Parts {
        private Kept.Session session; // set when made, and again with each SessionPut
        private Optional<Kept.Will> will = Optional.empty();
        private final Map<TopicFilter, Kept.Subscribed> subscriptions = new LinkedHashMap<>();
        private final Map<Long, Kept.Entry> messages = new TreeMap<>(); // those in flight too
        private final Map<Long, InFlight> sent = new TreeMap<>(); // by sequence number
        private final Map<Integer, InFlight> released = new TreeMap<>(); // by packet identifier
        private final TreeSet<Integer> received = new TreeSet<>();

        Parts copy() {
            Parts copy = new Parts();
            copy.session = session;
            copy.will = will;
            copy.subscriptions.putAll(subscriptions);
            copy.messages.putAll(messages);
            copy.sent.putAll(sent);
            copy.released.putAll(released);
            copy.received.addAll(received);
            return copy;
        }

        void subscribe(Kept.Subscribed subscribed) {
            subscriptions.put(subscribed.subscription().filter(), subscribed);
        }

        void sent(long sequence, int packetId, long order) {
            if (messages.containsKey(sequence)) {
                sent.put(sequence, new InFlight(sequence, packetId, order));
            }
        }

        void release(Change.Released change) {
            if (forget(change.sequence())) {
                released.put(change.packetId(), new InFlight(0, change.packetId(), change.order()));
            }
        }

        void complete(Change.Completed change) {
            if (change.sequence() == 0) {
                released.remove(change.packetId());
            } else {
                forget(change.sequence());
            }
        }

        /** Lets go of a message, and tells whether it was there. */
        boolean forget(long sequence) {
            sent.remove(sequence);
            return messages.remove(sequence) != null;
        }

        void load(Storage.Loader into) {
            into.session(session);
            subscriptions.values().forEach(into::subscribed);
            will.ifPresent(into::will);
            for (Kept.Entry entry : messages.values()) {
                if (!sent.containsKey(entry.sequence())) {
                    into.queued(
                            entry.sequence(),
                            entry.terms().counted(),
                            !entry.terms().share().isEmpty(),
                            entry.message().bytes());
                }
            }
            List<InFlight> inFlight = new ArrayList<>(sent.values());
            inFlight.addAll(released.values());
            inFlight.sort(Comparator.comparingLong(InFlight::order));
            for (InFlight one : inFlight) {
                if (one.sequence() == 0) {
                    into.released(one.packetId(), one.order());
                } else {
                    into.sent(one.packetId(), one.order(), messages.get(one.sequence()));
                }
            }
            received.forEach(into::received);
        }
    }
}

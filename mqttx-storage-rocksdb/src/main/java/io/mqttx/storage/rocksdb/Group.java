package io.mqttx.storage.rocksdb;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.storage.rocksdb.Keys.Part;
import io.mqttx.storage.rocksdb.Keys.Row;
import io.mqttx.storage.rocksdb.Rows.Content;
import io.mqttx.topic.TopicName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The changes that are written together, all or none: so what came and went within the group is never written. Belongs
 * to the writer's thread.
 */
final class Group {
    /** A message for one session up to this size lies in the row of its queue: one row less to write and to delete. */
    static final int EMBEDDED = 1024;

    private final Live live;
    private final Map<Long, SessionRows> sessions = new HashMap<>();
    private final Rows<Long> messages = new Rows<>();
    private final Rows<TopicName> retained = new Rows<>();

    Group(Live live) {
        this.live = live;
    }

    /** What the group does to one session: first, perhaps, away with all its rows. */
    private static final class SessionRows {
        private final Rows<Row> rows = new Rows<>();
        private boolean wiped;
    }

    /** A row with its key. */
    private static final class Written {
        private static final Comparator<Written> AS_IN_DATABASE =
                (one, other) -> Arrays.compareUnsigned(one.key, other.key);

        private final byte[] key;
        private final Content content;

        Written(byte[] key, Content content) {
            this.key = key;
            this.content = content;
        }
    }

    /** A row of a queue that is not written yet, so that it can be read before that. */
    private record QueueRow(Kept.Entry entry, long message) implements Content {
        @Override
        public byte[] value() {
            return Values.queued(entry, message);
        }
    }

    void apply(Change change) {
        if (change instanceof Change.Queued queued) {
            queue(queued);
        } else if (change instanceof Change.Sent sent) {
            with(sent.session(), (session, rows) -> send(session, rows, sent));
        } else if (change instanceof Change.Completed done) {
            with(done.session(), (session, rows) -> complete(session, rows, done));
        } else if (change instanceof Change.Dequeued gone) {
            with(gone.session(), (session, rows) -> forget(session, rows, gone.sequence()));
        } else if (change instanceof Change.Released released) {
            with(released.session(), (session, rows) -> release(session, rows, released));
        } else if (change instanceof Change.Received received) {
            with(received.session(), (session, rows) -> receive(session, rows, received.packetId()));
        } else if (change instanceof Change.Concluded concluded) {
            with(concluded.session(), (session, rows) -> conclude(session, rows, concluded.packetId()));
        } else {
            applyToSession(change);
        }
    }

    private void applyToSession(Change change) {
        if (change instanceof Change.SessionPut put) {
            Live.Session session = live.put(put.session().key());
            Content content = () -> Values.session(put.session());
            rowsOf(put.session().key()).put(Row.of(Part.RECORD), session.stored(), content);
        } else if (change instanceof Change.SessionEnded ended) {
            live.remove(ended.session()).ifPresent(session -> end(ended.session(), session));
        } else if (change instanceof Change.Subscribed made) {
            Row row = Row.of(made.subscribed().subscription().filter());
            with(
                    made.session(),
                    (session, rows) -> rows.put(row, session.stored(), () -> Values.subscribed(made.subscribed())));
        } else if (change instanceof Change.Unsubscribed gone) {
            with(gone.session(), (session, rows) -> rows.delete(Row.of(gone.filter()), session.stored()));
        } else if (change instanceof Change.WillPut put) {
            with(
                    put.session(),
                    (session, rows) -> rows.put(Row.of(Part.WILL), session.stored(), () -> Values.will(put.will())));
        } else if (change instanceof Change.WillCleared cleared) {
            with(cleared.session(), (session, rows) -> rows.delete(Row.of(Part.WILL), session.stored()));
        } else if (change instanceof Change.RetainedPut put) {
            retained.put(put.message().publish().topic(), true, () -> Values.message(put.message()));
        } else if (change instanceof Change.RetainedCleared cleared) {
            retained.delete(cleared.topic(), true);
        } else {
            throw new IllegalArgumentException("no rule for " + change);
        }
    }

    // ---- what is sent to clients

    private void queue(Change.Queued queued) {
        Kept.Message message = queued.message();
        boolean alone = queued.receivers().size() == 1 && message.bytes() <= EMBEDDED;
        long shared = 0; // the message's own row is named after the first receiver's sequence number
        for (Change.Receiver to : queued.receivers()) {
            Live.Session session = live.session(to.session()).orElse(null);
            if (session == null) {
                continue;
            }
            if (shared == 0 && !alone) {
                shared = to.sequence();
                messages.put(shared, false, () -> Values.message(message));
            }
            if (!alone) {
                live.refer(shared);
            }
            session.add(to.sequence(), shared, false);
            Kept.Entry entry = new Kept.Entry(to.sequence(), message, to.terms());
            rowsOf(to.session()).put(Row.of(Part.QUEUED, to.sequence()), false, new QueueRow(entry, shared));
        }
    }

    private void send(Live.Session session, Rows<Row> rows, Change.Sent sent) {
        if (session.has(sent.sequence())) {
            Content content = () -> Values.sent(sent.packetId(), sent.order());
            rows.put(Row.of(Part.SENT, sent.sequence()), session.isSent(sent.sequence()), content);
            session.setSent(sent.sequence());
        }
    }

    private void release(Live.Session session, Rows<Row> rows, Change.Released released) {
        if (forget(session, rows, released.sequence())) {
            boolean isNew = session.addReleased(released.packetId());
            rows.put(Row.of(Part.RELEASED, released.packetId()), !isNew, () -> Values.released(released.order()));
        }
    }

    private void complete(Live.Session session, Rows<Row> rows, Change.Completed done) {
        if (done.sequence() != 0) {
            forget(session, rows, done.sequence());
        } else if (session.removeReleased(done.packetId())) {
            rows.delete(Row.of(Part.RELEASED, done.packetId()), true);
        }
    }

    /** Lets go of a message, and tells whether it was there. */
    private boolean forget(Live.Session session, Rows<Row> rows, long sequence) {
        if (!session.has(sequence)) {
            return false;
        }
        if (session.isSent(sequence)) {
            rows.delete(Row.of(Part.SENT, sequence), true);
        }
        rows.delete(Row.of(Part.QUEUED, sequence), true);
        dropReference(session.remove(sequence));
        return true;
    }

    private void dropReference(long message) {
        if (message != 0 && live.release(message)) {
            messages.delete(message, true);
        }
    }

    // ---- what clients send

    private static void receive(Live.Session session, Rows<Row> rows, int packetId) {
        if (session.addReceived(packetId)) {
            rows.put(Row.of(Part.RECEIVED, packetId), false, Values::present);
        }
    }

    private static void conclude(Live.Session session, Rows<Row> rows, int packetId) {
        if (session.removeReceived(packetId)) {
            rows.delete(Row.of(Part.RECEIVED, packetId), true);
        }
    }

    // ---- sessions

    private void end(long key, Live.Session session) {
        session.forEachMessageRow(this::dropReference);
        SessionRows rows = sessions.computeIfAbsent(key, any -> new SessionRows());
        rows.rows.clear();
        rows.wiped |= session.stored();
        if (!rows.wiped) {
            sessions.remove(key);
        }
    }

    private Rows<Row> rowsOf(long session) {
        return sessions.computeIfAbsent(session, any -> new SessionRows()).rows;
    }

    /** Does it to the session, if there is one: what comes late is no change. */
    private void with(long key, BiConsumer<Live.Session, Rows<Row>> change) {
        live.session(key).ifPresent(session -> change.accept(session, rowsOf(key)));
    }

    // ---- the whole group

    /**
     * What the group knows of a queued message that is there: the message itself, or nothing if it is on the disk.
     *
     * @param session one that is live and has a message with this sequence number
     */
    Optional<Kept.Entry> find(long session, long sequence) {
        return Optional.ofNullable(sessions.get(session))
                .flatMap(rows -> rows.rows.find(Row.of(Part.QUEUED, sequence)))
                .map(content -> ((QueueRow) content).entry());
    }

    /** Whether nothing is left to be written. */
    boolean isEmpty() {
        return messages.isEmpty()
                && retained.isEmpty()
                && sessions.values().stream().allMatch(rows -> rows.rows.isEmpty() && !rows.wiped);
    }

    /** Adds all of it to a batch. */
    void writeTo(WriteBatch batch, Database database) throws RocksDBException {
        List<Written> all = new ArrayList<>();
        for (Map.Entry<Long, SessionRows> session : sessions.entrySet()) {
            if (session.getValue().wiped) {
                for (byte[] key : database.keysFrom(Keys.session(session.getKey()))) {
                    batch.delete(key);
                }
            }
            gather(session.getValue().rows, row -> Keys.of(session.getKey(), row), all);
        }
        gather(messages, Keys::message, all);
        gather(retained, Keys::retained, all);
        all.sort(Written.AS_IN_DATABASE); // which finds the place of a row beside that of the one before
        for (Written row : all) {
            if (row.content == Content.NONE) {
                batch.delete(row.key);
            } else {
                batch.put(row.key, row.content.value());
            }
        }
    }

    private static <K> void gather(Rows<K> rows, Function<K, byte[]> key, List<Written> all) {
        rows.forEach((name, content) -> all.add(new Written(key.apply(name), content)));
    }

    /** It is written: what comes now is another group. */
    void written() {
        sessions.keySet().forEach(key -> live.session(key).ifPresent(Live.Session::setStored));
        sessions.clear();
        messages.clear();
        retained.clear();
    }

    /** A write of it failed, or seemed to: it may be on the disk all the same. */
    void doubt() {
        sessions.forEach((key, rows) -> {
            rows.rows.doubt();
            live.session(key).ifPresent(Live.Session::setStored);
        });
        messages.doubt();
        retained.doubt();
    }
}

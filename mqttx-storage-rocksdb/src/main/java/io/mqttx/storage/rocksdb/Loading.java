package io.mqttx.storage.rocksdb;

import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * One pass over all rows: tells a loader what is there, and notes in {@link Live} what the writer must know. What
 * nothing refers to is deleted. Needs memory for the messages in flight of one session at a time.
 */
final class Loading {
    private static final int GARBAGE = 10_000; // rows to delete at a time

    private final Database database;
    private final Live live;
    private final Storage.Loader into;
    private final Values values = new Values();
    private final List<byte[]> garbage = new ArrayList<>();

    // The session at hand.
    private long key;
    private Optional<Live.Session> session = Optional.empty(); // none: its rows are garbage
    private final Map<Long, Values.Sent> sent = new HashMap<>();
    private final List<InFlight> inFlight = new ArrayList<>();

    /** A message, or without one a PUBREL, in flight. */
    private record InFlight(int packetId, long order, Optional<Kept.Entry> entry) {}

    Loading(Database database, Live live, Storage.Loader into) {
        this.database = database;
        this.live = live;
        this.into = into;
    }

    void run() throws RocksDBException {
        database.scan(new byte[] {Keys.SESSION}, this::sessionRow);
        endSession();
        database.scan(new byte[] {Keys.MESSAGE}, (name, row) -> {
            if (!live.isReferredTo(Keys.numberIn(name))) {
                discard(name);
            }
        });
        database.scan(new byte[] {Keys.RETAINED}, (name, row) -> into.retained(values.message(row.value())));
        sweep();
    }

    private void sessionRow(byte[] name, RocksIterator row) throws RocksDBException {
        long number = Keys.numberIn(name);
        if (number != key) {
            endSession();
            key = number;
        }
        Keys.Part part = Keys.partIn(name);
        if (part == Keys.Part.RECORD) {
            into.session(Values.session(key, row.value()));
            Live.Session begun = live.put(key);
            begun.setStored();
            session = Optional.of(begun);
        } else if (session.isPresent()) {
            part(session.get(), part, name, row.value());
        } else {
            discard(name);
        }
    }

    private void part(Live.Session of, Keys.Part part, byte[] name, byte[] value) throws RocksDBException {
        switch (part) {
            case SUBSCRIPTION -> into.subscribed(Values.subscribed(Keys.filterIn(name), value));
            case WILL -> into.will(values.will(value));
            case RECEIVED -> {
                int packetId = (int) Keys.nameIn(name);
                of.addReceived(packetId);
                into.received(packetId);
            }
            case RELEASED -> {
                int packetId = (int) Keys.nameIn(name);
                of.addReleased(packetId);
                inFlight.add(new InFlight(packetId, Values.released(value), Optional.empty()));
            }
            case SENT -> sent.put(Keys.nameIn(name), Values.sent(value));
            case QUEUED -> queued(of, Keys.nameIn(name), Values.queued(value));
            case RECORD -> throw new IllegalArgumentException("a session in a session");
        }
    }

    private void queued(Live.Session of, long sequence, Values.Queued row) throws RocksDBException {
        Values.Sent out = sent.remove(sequence);
        of.add(sequence, row.id(), out != null);
        if (row.id() != 0) {
            live.refer(row.id());
        }
        if (out == null) {
            into.queued(sequence, row.counted(), row.shared(), row.bytes());
            return;
        }
        byte[] message = new byte[0];
        if (row.id() != 0) {
            message = database.get(List.of(Keys.message(row.id()))).get(0);
            if (message == null) {
                throw new IllegalArgumentException("message " + row.id() + " is missing");
            }
        }
        inFlight.add(new InFlight(out.packetId(), out.order(), Optional.of(values.entry(sequence, row, message))));
    }

    /** Tells what is in flight, now that all of it is known. */
    private void endSession() throws RocksDBException {
        inFlight.sort(Comparator.comparingLong(InFlight::order));
        for (InFlight one : inFlight) {
            if (one.entry().isPresent()) {
                into.sent(one.packetId(), one.order(), one.entry().get());
            } else {
                into.released(one.packetId(), one.order());
            }
        }
        for (long sequence : sent.keySet()) {
            discard(Keys.of(key, Keys.Row.of(Keys.Part.SENT, sequence)));
        }
        inFlight.clear();
        sent.clear();
        session = Optional.empty();
    }

    private void discard(byte[] name) throws RocksDBException {
        garbage.add(name);
        if (garbage.size() >= GARBAGE) {
            sweep();
        }
    }

    private void sweep() throws RocksDBException {
        if (garbage.isEmpty()) {
            return;
        }
        try (WriteBatch batch = new WriteBatch()) {
            for (byte[] name : garbage) {
                batch.delete(name);
            }
            database.write(batch);
        }
        garbage.clear();
    }
}

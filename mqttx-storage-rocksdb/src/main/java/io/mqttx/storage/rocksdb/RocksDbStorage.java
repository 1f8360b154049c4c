package io.mqttx.storage.rocksdb;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.BufferUnderflowException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.rocksdb.RocksDBException;

/**
 * Keeps the state of a broker in a directory, by RocksDB.
 *
 * <p>One thread writes what all connections change. While the disk is busy with one group of changes, the next gathers:
 * one sync carries all of it. What came and went within a group is never written, so a message that is delivered and
 * acknowledged quickly costs the disk little or nothing.
 *
 * <p>Takes about 50 MB of native memory, and 21 to 43 bytes of heap for each message that waits in a queue.
 */
public final class RocksDbStorage implements Storage {
    private static final Logger LOG = System.getLogger(RocksDbStorage.class.getName());

    private final RocksDbOptions options;
    private final Database database;
    private final Live live = new Live();
    private final Reading reading;
    private final Writer writer;
    private volatile boolean running; // whether the state is loaded and the writer at work
    private boolean closed; // guarded by this

    private RocksDbStorage(RocksDbOptions options, Database.Writing writing) {
        this.options = options;
        this.database = Database.open(options.directory(), options.syncsEachGroup(), writing);
        this.reading = new Reading(database, options.directory());
        this.writer = new Writer(options, database, live, reading);
    }

    /**
     * Opens the directory, or makes it.
     *
     * @throws java.io.UncheckedIOException if it cannot be used: it is no directory, may not be written to, is in use
     *     by another broker, is damaged or of an unknown format; the message is one sentence that says so
     */
    public static RocksDbStorage open(RocksDbOptions options) {
        return new RocksDbStorage(options, Database.Writing.NORMAL);
    }

    /** With faults in the place of the disk. */
    static RocksDbStorage open(RocksDbOptions options, Database.Writing writing) {
        return new RocksDbStorage(options, writing);
    }

    @Override
    public CompletionStage<Void> apply(List<Change> changes) {
        ensureRunning();
        return writer.apply(changes);
    }

    @Override
    public Optional<String> trouble() {
        return writer.trouble();
    }

    /** {@inheritDoc} Waits for a write that is under way, and not for the next. */
    @Override
    public CompletionStage<List<Kept.Entry>> read(long session, long[] sequences) {
        ensureRunning();
        return writer.read(session, sequences);
    }

    @Override
    public synchronized void load(Loader into) {
        if (running || closed) {
            throw new IllegalStateException("load comes once, before everything else");
        }
        try {
            new Loading(database, live, into).run();
        } catch (RocksDBException e) {
            throw Database.failure(Database.sentence(options.directory(), e));
        } catch (IllegalArgumentException | BufferUnderflowException | IndexOutOfBoundsException e) {
            throw Reading.damaged(options.directory(), e);
        }
        writer.start();
        running = true;
    }

    @Override
    public String description() {
        return "by RocksDB in " + options.directory()
                + (options.syncsEachGroup()
                        ? ", on the disk before it is acknowledged"
                        : ", with the operating system before it is acknowledged, on the disk every "
                                + options.syncEvery().toMillis() + " ms");
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean stopped = writer.close();
        reading.close();
        if (stopped) {
            database.close();
        } else {
            LOG.log(Level.WARNING, "{0} does not answer: it is left as it is", options.directory());
        }
    }

    /** Whoever asks for nothing that is there must have it known all the same: what belongs to it may change. */
    private void ensureRunning() {
        if (!running) {
            synchronized (this) {
                if (!running && !closed) {
                    load(new Nobody());
                }
            }
        }
    }

    /** Does not want to know. */
    private static final class Nobody implements Loader {
        @Override
        public void session(Kept.Session session) {}

        @Override
        public void subscribed(Kept.Subscribed subscribed) {}

        @Override
        public void will(Kept.Will will) {}

        @Override
        public void queued(long sequence, boolean counted, boolean shared, int bytes) {}

        @Override
        public void sent(int packetId, long order, Kept.Entry entry) {}

        @Override
        public void released(int packetId, long order) {}

        @Override
        public void received(int packetId) {}

        @Override
        public void retained(Kept.Message message) {}
    }
}

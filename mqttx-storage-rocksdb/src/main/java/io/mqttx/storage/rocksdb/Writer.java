package io.mqttx.storage.rocksdb;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The one thread that writes. While the disk has one group, the next one gathers, and under load for 2 ms at least; a
 * group that cannot be written is kept, grows, and is tried again.
 */
final class Writer implements Runnable {
    private static final Logger LOG = System.getLogger(Writer.class.getName());
    private static final long LARGEST_GROUP = 16L << 20; // bytes gathered before a write, unless the last one failed
    private static final long FIRST_PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(5);
    private static final long CLOSING = TimeUnit.SECONDS.toNanos(3); // what waits has this long to be written
    private static final int OVERHEAD = 100; // bytes in memory for each change, about
    private static final int MANY = 64; // changes that tell how fast they come
    private static final long BUSY = 4_000; // nanoseconds for each of them, or less
    private static final long GATHERING = 2_000_000; // nanoseconds between two writes while that is so

    private final RocksDbOptions options;
    private final Database database;
    private final Live live;
    private final Group group;
    private final Reading reading;
    private final Optional<String> slow;
    private final Queue<Work> queue = new ConcurrentLinkedQueue<>(); // what the writer has not looked at
    private final AtomicLong waiting = new AtomicLong(); // bytes in the queue and in the group
    private final Thread thread = new Thread(this, "mqttx-rocksdb-writer");
    private volatile boolean parked;
    private volatile boolean closing;
    private volatile boolean over; // nobody looks into the queue any more
    private volatile Optional<String> trouble = Optional.empty();

    // The writer's own.
    private final Queue<Batch> gathered = new ArrayDeque<>(); // what is in the group
    private long gatheredBytes;
    private long gatheredChanges;
    private long lastWrite;
    private boolean busy;
    private boolean failing;
    private long pause = FIRST_PAUSE;
    private long retryAt;
    private boolean unsynced;
    private long syncAt;
    private long closeBy;

    /** What waits for the writer, in the order of the calls. */
    private sealed interface Work {}

    private record Batch(List<Change> changes, long bytes, CompletableFuture<Void> done) implements Work {}

    private record Read(Reading.Page page) implements Work {}

    Writer(RocksDbOptions options, Database database, Live live, Reading reading) {
        this.options = options;
        this.database = database;
        this.live = live;
        this.reading = reading;
        this.group = new Group(live);
        this.slow = Optional.of("the disk under " + options.directory() + " is so slow that over "
                + (options.maxWaiting() >> 10) + " kB wait for it");
        thread.setDaemon(true);
    }

    // ---- for any thread

    void start() {
        thread.start();
    }

    CompletableFuture<Void> apply(List<Change> changes) {
        Batch batch = new Batch(List.copyOf(changes), bytesOf(changes), new CompletableFuture<>());
        waiting.addAndGet(batch.bytes);
        give(batch);
        return batch.done;
    }

    CompletableFuture<List<Kept.Entry>> read(long session, long[] sequences) {
        Reading.Page page = new Reading.Page(
                session, sequences.clone(), new Kept.Entry[sequences.length], new CompletableFuture<>());
        give(new Read(page));
        return page.done();
    }

    Optional<String> trouble() {
        Optional<String> fault = trouble;
        return fault.isPresent() || waiting.get() <= options.maxWaiting() ? fault : slow;
    }

    /** Has the writer write what waits, and tells whether it came to its end within a few seconds. */
    boolean close() {
        closing = true;
        if (thread.getState() == Thread.State.NEW) {
            over = true; // nothing was given, and whatever is given now is refused
            return true;
        }
        LockSupport.unpark(thread);
        try {
            thread.join(TimeUnit.NANOSECONDS.toMillis(2 * CLOSING));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    private void give(Work work) {
        queue.add(work);
        if (over) {
            refuseAll();
        } else if (parked) {
            LockSupport.unpark(thread);
        }
    }

    private static long bytesOf(List<Change> changes) {
        long bytes = OVERHEAD;
        for (Change change : changes) {
            bytes += OVERHEAD;
            if (change instanceof Change.Queued queued) {
                bytes += queued.message().bytes()
                        + (long) OVERHEAD * queued.receivers().size();
            } else if (change instanceof Change.RetainedPut put) {
                bytes += put.message().bytes();
            } else if (change instanceof Change.WillPut put) {
                bytes += put.will().message().payloadLength();
            }
        }
        return bytes;
    }

    // ---- the writer's thread

    @Override
    public void run() {
        try {
            while (!isFinished()) {
                gather();
                long now = System.nanoTime();
                if (isWorthWaiting(now)) {
                    LockSupport.parkNanos(this, GATHERING - (now - lastWrite));
                } else if (failing ? now - retryAt >= 0 : !gathered.isEmpty() || isSyncDue(now)) {
                    began(now);
                    attempt();
                } else {
                    rest(now);
                }
            }
        } finally {
            if (!closing) {
                trouble = Optional.of("the storage in " + options.directory() + " has broken down; see the log");
            }
            over = true;
            refuseAll();
        }
    }

    private boolean isFinished() {
        if (!closing) {
            return false;
        }
        if (closeBy == 0) {
            closeBy = System.nanoTime() + CLOSING;
            retryAt = System.nanoTime();
        }
        return gathered.isEmpty() && queue.isEmpty() && !unsynced || System.nanoTime() - closeBy >= 0;
    }

    /**
     * Under load a fast disk would have many small groups, each of which wakes loops and sends a few acknowledgements. In
     * a larger one more comes and goes without being written, and acknowledgements leave together.
     */
    private boolean isWorthWaiting(long now) {
        return busy && !failing && !closing && gatheredBytes < LARGEST_GROUP && now - lastWrite < GATHERING;
    }

    private void began(long now) {
        busy = gatheredChanges >= MANY && now - lastWrite < BUSY * gatheredChanges;
        lastWrite = now;
        gatheredChanges = 0;
    }

    private boolean isSyncDue(long now) {
        return unsynced && (closing || now - syncAt >= 0);
    }

    private void gather() {
        while (failing || gatheredBytes < LARGEST_GROUP) {
            Work work = queue.poll();
            if (work == null) {
                return;
            }
            if (work instanceof Batch batch) {
                batch.changes.forEach(group::apply);
                gathered.add(batch);
                gatheredBytes += batch.bytes;
                gatheredChanges += batch.changes.size();
            } else {
                answer(((Read) work).page);
            }
        }
    }

    private void answer(Reading.Page page) {
        Live.Session session = live.session(page.session()).orElse(null);
        List<Integer> onDisk = new ArrayList<>();
        for (int i = 0; session != null && i < page.sequences().length; i++) {
            long sequence = page.sequences()[i];
            if (session.has(sequence)) {
                Optional<Kept.Entry> known = group.find(page.session(), sequence);
                if (known.isPresent()) {
                    page.found()[i] = known.get();
                } else {
                    onDisk.add(i);
                }
            }
        }
        if (onDisk.isEmpty()) {
            page.complete();
        } else {
            reading.read(page, onDisk);
        }
    }

    private void attempt() {
        try {
            if (failing) {
                database.reopen();
            }
            write();
        } catch (RocksDBException | IOException | RuntimeException e) {
            failed(e);
            return;
        }
        succeeded();
    }

    private void write() throws RocksDBException {
        boolean something = !group.isEmpty();
        if (something) {
            try (WriteBatch batch = new WriteBatch()) {
                group.writeTo(batch, database);
                database.write(batch);
            }
        }
        if (options.syncsEachGroup()) {
            return;
        }
        long now = System.nanoTime();
        if (something && !unsynced) {
            unsynced = true;
            syncAt = now + options.syncEvery().toNanos();
        }
        if (isSyncDue(now)) {
            database.sync();
            unsynced = false;
        }
    }

    private void succeeded() {
        if (failing) {
            failing = false;
            pause = FIRST_PAUSE;
            trouble = Optional.empty();
            LOG.log(
                    Level.INFO,
                    "{0} can be written to again: {1} batches waited",
                    options.directory(),
                    gathered.size());
        }
        group.written();
        gatheredBytes = 0;
        for (Batch batch = gathered.poll(); batch != null; batch = gathered.poll()) {
            waiting.addAndGet(-batch.bytes);
            batch.done.complete(null);
        }
    }

    private void failed(Exception fault) {
        String sentence = Database.sentence(options.directory(), fault);
        if (!failing) {
            LOG.log(Level.WARNING, "{0}; trying again until it works", sentence);
        }
        failing = true;
        trouble = Optional.of(sentence);
        group.doubt();
        retryAt = System.nanoTime() + pause;
        pause = Math.min(2 * pause, LONGEST_PAUSE);
    }

    private void rest(long now) {
        parked = true;
        if (queue.isEmpty()) {
            if (failing) {
                LockSupport.parkNanos(this, Math.max(1, Math.min(retryAt, closing ? closeBy : retryAt) - now));
            } else if (unsynced) {
                LockSupport.parkNanos(this, Math.max(1, syncAt - now));
            } else if (!closing) {
                LockSupport.park(this);
            }
        }
        parked = false;
    }

    /** Tells all who wait that nothing comes any more. */
    private void refuseAll() {
        for (Batch batch = gathered.poll(); batch != null; batch = gathered.poll()) {
            refuse(batch);
        }
        for (Work work = queue.poll(); work != null; work = queue.poll()) {
            refuse(work);
        }
    }

    private void refuse(Work work) {
        IllegalStateException closed =
                new IllegalStateException("the storage in " + options.directory() + " was closed before this was done");
        if (work instanceof Batch batch) {
            batch.done.completeExceptionally(closed);
        } else {
            ((Read) work).page.done().completeExceptionally(closed);
        }
    }
}

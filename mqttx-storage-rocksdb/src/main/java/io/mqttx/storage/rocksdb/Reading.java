package io.mqttx.storage.rocksdb;

import io.mqttx.broker.spi.Kept;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;

/**
 * Reads messages of queues on a thread of its own, so that a cold disk does not hold up what is to be written. Rows
 * that go meanwhile are left out, as if they had gone before.
 */
final class Reading implements AutoCloseable {
    private static final int CLOSING = 5; // seconds

    private final Database database;
    private final Path directory;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "mqttx-rocksdb-reader");
        thread.setDaemon(true);
        return thread;
    });

    Reading(Database database, Path directory) {
        this.database = database;
        this.directory = directory;
    }

    /** What was asked for, and as much of it as the writer could tell at once: the rest is on the disk. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Page(long session, long[] sequences, Kept.Entry[] found, CompletableFuture<List<Kept.Entry>> done) {
        void complete() {
            done.complete(Arrays.stream(found).filter(Objects::nonNull).toList());
        }
    }

    /** @param missing indices of what is to be looked up */
    void read(Page page, List<Integer> missing) {
        reader.execute(() -> {
            try {
                lookUp(page, missing);
                page.complete();
            } catch (RocksDBException e) {
                page.done().completeExceptionally(Database.failure(Database.sentence(directory, e)));
            } catch (RuntimeException e) {
                page.done().completeExceptionally(damaged(directory, e));
            }
        });
    }

    private void lookUp(Page page, List<Integer> missing) throws RocksDBException {
        List<byte[]> keys = new ArrayList<>();
        for (int index : missing) {
            keys.add(Keys.of(page.session(), Keys.Row.of(Keys.Part.QUEUED, page.sequences()[index])));
        }
        List<byte[]> rows = database.get(keys);
        List<Values.Queued> queued = new ArrayList<>();
        List<byte[]> messageKeys = new ArrayList<>();
        for (byte[] row : rows) {
            Values.Queued one = row == null ? null : Values.queued(row);
            queued.add(one);
            if (one != null && one.id() != 0) {
                messageKeys.add(Keys.message(one.id()));
            }
        }
        var messages = (messageKeys.isEmpty() ? List.<byte[]>of() : database.get(messageKeys)).iterator();
        Values values = new Values();
        for (int i = 0; i < queued.size(); i++) {
            Values.Queued row = queued.get(i);
            byte[] message = row != null && row.id() != 0 ? messages.next() : new byte[0];
            if (row != null && message != null) {
                int index = missing.get(i);
                page.found()[index] = values.entry(page.sequences()[index], row, message);
            }
        }
    }

    static UncheckedIOException damaged(Path directory, RuntimeException fault) {
        return fault instanceof UncheckedIOException io
                ? io
                : Database.failure("the data in " + directory + " is damaged: " + fault.getMessage());
    }

    @Override
    public void close() {
        reader.shutdown();
        try {
            if (!reader.awaitTermination(CLOSING, TimeUnit.SECONDS)) {
                reader.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

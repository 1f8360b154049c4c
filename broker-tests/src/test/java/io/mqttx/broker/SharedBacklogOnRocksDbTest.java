package io.mqttx.broker;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.storage.rocksdb.RocksDbOptions;
import io.mqttx.storage.rocksdb.RocksDbStorage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

/** On a real disk. The end of the process is that of the broker alone: what the storage was given it has. */
class SharedBacklogOnRocksDbTest extends SharedBacklogContract {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    @TempDir
    Path directory;

    private Watched storage;

    @Override
    Storage begin() {
        storage = new Watched(RocksDbStorage.open(RocksDbOptions.in(directory.resolve("data"))));
        return storage;
    }

    @Override
    Storage crash() {
        loops.forgetEverything();
        storage.close();
        return begin();
    }

    @Override
    void settle() {
        long deadline = System.nanoTime() + PATIENCE;
        boolean working = true;
        while (working) {
            loops.run();
            working = storage.working.get() > 0; // who is told by the last of it is told before that
            assertTrue(System.nanoTime() < deadline, "the disk answers");
        }
        loops.run();
        if (storage.working.get() > 0) {
            settle();
        }
    }

    /** A storage of which is known whether it has something to do. */
    private static final class Watched implements Storage {
        private final Storage storage;
        private final AtomicInteger working = new AtomicInteger();

        Watched(Storage storage) {
            this.storage = storage;
        }

        private <T> CompletionStage<T> watch(CompletionStage<T> work) {
            working.incrementAndGet();
            CompletableFuture<T> told = new CompletableFuture<>();
            work.whenComplete((value, error) -> {
                if (error == null) {
                    told.complete(value);
                } else {
                    told.completeExceptionally(error);
                }
                working.decrementAndGet();
            });
            return told;
        }

        @Override
        public CompletionStage<Void> apply(List<Change> changes) {
            return watch(storage.apply(changes));
        }

        @Override
        public CompletionStage<List<Kept.Entry>> read(long session, long[] sequences) {
            return watch(storage.read(session, sequences));
        }

        @Override
        public Optional<String> trouble() {
            return storage.trouble();
        }

        @Override
        public void load(Loader into) {
            storage.load(into);
        }

        @Override
        public String description() {
            return storage.description();
        }

        @Override
        public void close() {
            storage.close();
        }
    }
}

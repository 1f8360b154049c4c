package io.mqttx.server;

import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.storage.NoStorage;
import io.mqttx.storage.rocksdb.RocksDbOptions;
import io.mqttx.storage.rocksdb.RocksDbStorage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Where {@code mqttx broker} keeps sessions and retained messages. */
final class StorageOptions {
    private static final Option DATA = Words.option(
            "data",
            "DIR",
            "Keep sessions and retained messages in this directory, so that nothing is lost that was acknowledged."
                    + " Default: in memory");
    private static final Option SYNC_EVERY = Words.option(
            "sync-every",
            "TIME",
            "With --data: bring changes to the disk this often, not before each acknowledgement. Faster; a power cut"
                    + " then loses what came since, the end of the process nothing");
    private static final Option MEMORY =
            Words.flag("memory", "Keep everything in memory, which is the default: gone at the end");

    static final List<Option> ALL = List.of(DATA, SYNC_EVERY, MEMORY);

    private final Words words;

    StorageOptions(Words words) {
        this.words = words;
    }

    /**
     * Opens the storage.
     *
     * @throws IllegalArgumentException    if the options contradict each other
     * @throws java.io.UncheckedIOException if the directory cannot be used
     */
    Storage open() {
        Optional<Path> data = words.value(DATA, Path::of);
        Optional<Duration> syncEvery = words.value(SYNC_EVERY, Quantities::duration);
        if (words.has(MEMORY) && data.isPresent()) {
            throw new IllegalArgumentException("--memory and --data contradict each other");
        }
        if (data.isEmpty()) {
            if (syncEvery.isPresent()) {
                throw new IllegalArgumentException("--sync-every goes with --data");
            }
            return new NoStorage();
        }
        RocksDbOptions options = RocksDbOptions.in(data.get());
        return RocksDbStorage.open(syncEvery.map(options::withSyncEvery).orElse(options));
    }
}

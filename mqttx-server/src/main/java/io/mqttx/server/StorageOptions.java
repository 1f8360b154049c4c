package io.mqttx.server;

import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.storage.NoStorage;
import io.mqttx.storage.rocksdb.RocksDbOptions;
import io.mqttx.storage.rocksdb.RocksDbStorage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where {@code mqttx broker} keeps sessions and retained messages. */
final class StorageOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Keep sessions and retained messages in this directory, so that nothing is lost that was"
                    + " acknowledged. Default: in memory")
    private Optional<Path> data = Optional.empty();

    @Option(
            names = "--sync-every",
            paramLabel = "TIME",
            description = "With --data: bring changes to the disk this often, not before each acknowledgement."
                    + " Faster; a power cut then loses what came since, the end of the process nothing")
    private Optional<Duration> syncEvery = Optional.empty();

    @Option(names = "--memory", description = "Keep everything in memory, which is the default: gone at the end")
    private boolean memory;

    StorageOptions() {}

    /**
     * Opens the storage.
     *
     * @throws IllegalArgumentException    if the options contradict each other
     * @throws java.io.UncheckedIOException if the directory cannot be used
     */
    Storage open() {
        if (memory && data.isPresent()) {
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

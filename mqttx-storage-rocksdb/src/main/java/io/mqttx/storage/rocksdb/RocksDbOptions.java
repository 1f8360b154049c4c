package io.mqttx.storage.rocksdb;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;

/**
 * Where and how a {@link RocksDbStorage} keeps its state.
 *
 * @param directory  made if it is not there; one storage at a time
 * @param syncEvery  {@link Duration#ZERO}: a change is told to be safe when it is on the disk, so that neither the end of
 *     the process nor a power cut loses it. Longer: it is told to be safe when the operating system has it, which is
 *     brought to the disk this often. The end of the process, kill -9 included, then still loses nothing; a power cut
 *     or a crash of the operating system loses what came since the last time, and never a part of a change alone.
 * @param maxWaiting about how many bytes may wait for the disk before {@link RocksDbStorage#trouble} says that it is
 *     too slow; above 0
 */
public record RocksDbOptions(Path directory, Duration syncEvery, long maxWaiting) {
    private static final long DEFAULT_WAITING = 64L << 20;

    /** Checks everything. */
    public RocksDbOptions {
        Objects.requireNonNull(directory, "directory");
        if (syncEvery.isNegative()) {
            throw new IllegalArgumentException("syncEvery is " + syncEvery + ", at least 0");
        }
        if (maxWaiting <= 0) {
            throw new IllegalArgumentException("maxWaiting is " + maxWaiting + ", above 0");
        }
    }

    /** Each change on the disk before it is told to be safe, and 64 MiB that may wait. */
    public static RocksDbOptions in(Path directory) {
        return new RocksDbOptions(directory, Duration.ZERO, DEFAULT_WAITING);
    }

    /** These options with another time between syncs; zero: one for each group of changes. */
    public RocksDbOptions withSyncEvery(Duration time) {
        return new RocksDbOptions(directory, time, maxWaiting);
    }

    /** These options with another number of bytes that may wait. */
    public RocksDbOptions withMaxWaiting(long bytes) {
        return new RocksDbOptions(directory, syncEvery, bytes);
    }

    boolean syncsEachGroup() {
        return syncEvery.isZero();
    }
}

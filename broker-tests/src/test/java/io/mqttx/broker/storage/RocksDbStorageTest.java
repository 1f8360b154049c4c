package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Storage;
import io.mqttx.storage.rocksdb.RocksDbOptions;
import io.mqttx.storage.rocksdb.RocksDbStorage;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** RocksDB does what the contract says, however often it syncs. */
class RocksDbStorageTest {

    @Nested
    class SyncedByGroup extends StorageContract {
        @TempDir
        Path directory;

        @Override
        Storage open() {
            return RocksDbStorage.open(RocksDbOptions.in(directory.resolve("data")));
        }
    }

    @Nested
    class SyncedByTime extends StorageContract {
        @TempDir
        Path directory;

        @Override
        Storage open() {
            return RocksDbStorage.open(
                    RocksDbOptions.in(directory.resolve("data")).withSyncEvery(Duration.ofMillis(5)));
        }
    }
}

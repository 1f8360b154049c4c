package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Storage;

/** The model does what the contract says. */
class MemoryStorageTest extends StorageContract {
    private final MemoryStorage kept = new MemoryStorage();

    @Override
    Storage open() {
        return kept;
    }
}

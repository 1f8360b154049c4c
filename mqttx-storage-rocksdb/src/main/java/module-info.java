/** The broker's state on disk. Start at {@link io.mqttx.storage.rocksdb.RocksDbStorage}. */
module io.mqttx.storage.rocksdb {
    requires transitive io.mqttx.broker;
    requires rocksdbjni;

    exports io.mqttx.storage.rocksdb;
}

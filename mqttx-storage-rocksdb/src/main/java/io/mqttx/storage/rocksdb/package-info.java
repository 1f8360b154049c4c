/**
 * A {@link io.mqttx.broker.spi.Storage} on disk. {@link io.mqttx.storage.rocksdb.RocksDbStorage} gathers what many
 * connections change into groups; {@link io.mqttx.storage.rocksdb.Group} leaves out what a group itself undoes;
 * {@link io.mqttx.storage.rocksdb.Database} is RocksDB with its settings; {@link io.mqttx.storage.rocksdb.Keys} and
 * {@link io.mqttx.storage.rocksdb.Values} are the format.
 */
package io.mqttx.storage.rocksdb;

/**
 * What the broker keeps and where. {@link io.mqttx.broker.storage.NoStorage} keeps nothing, which is the default;
 * {@link io.mqttx.broker.storage.MemoryStorage} outlives a broker, but not the process.
 */
package io.mqttx.broker.storage;

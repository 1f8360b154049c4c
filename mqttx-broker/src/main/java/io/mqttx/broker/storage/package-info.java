/** The storage that a broker has when nobody gives it another: {@link io.mqttx.broker.storage.MemoryStorage}. */
package io.mqttx.broker.storage;

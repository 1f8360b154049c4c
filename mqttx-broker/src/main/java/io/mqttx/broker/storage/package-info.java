/** What the broker keeps and where. {@link io.mqttx.broker.storage.NoStorage} keeps nothing, which is the default. */
package io.mqttx.broker.storage;

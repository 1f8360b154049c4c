/**
 * What a plug-in implements: {@link io.mqttx.broker.spi.Transport} moves bytes, {@link io.mqttx.broker.spi.Storage}
 * keeps state.
 *
 * <p>A transport knows nothing of MQTT, and a storage nothing of limits, expiry or order: all of that lives above.
 */
package io.mqttx.broker.spi;

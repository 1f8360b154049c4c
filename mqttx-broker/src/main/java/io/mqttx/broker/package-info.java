/**
 * An MQTT broker to embed: {@link io.mqttx.broker.Broker} builds it out of the rooms below, which are numbered from
 * the ground up in ARCHITECTURE.md. A room imports only rooms with lower numbers.
 */
package io.mqttx.broker;

/** The broker's counters: {@link io.mqttx.broker.metrics.BrokerMetrics} is fed by events, and read by whoever likes. */
package io.mqttx.broker.metrics;

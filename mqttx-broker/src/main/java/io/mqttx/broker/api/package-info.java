/**
 * What an application sees of the broker: a handler that decides, events that watch, options, and the connection to
 * one client.
 *
 * <p>Start reading at {@link io.mqttx.broker.api.BrokerHandler}. This package knows packets, and nothing of
 * transports, sessions or routing.
 */
package io.mqttx.broker.api;

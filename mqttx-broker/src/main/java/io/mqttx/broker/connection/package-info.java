/**
 * A client's time online: {@link io.mqttx.broker.connection.Handshake} from CONNECT to CONNACK,
 * {@link io.mqttx.broker.connection.Established} after it, and {@link io.mqttx.broker.connection.Client}, which holds
 * the link and carries out what the state machines want done.
 *
 * <p>Nothing is decided here that a lower room decides: this package reads, dispatches and writes.
 */
package io.mqttx.broker.connection;

/**
 * One MQTT connection as a state machine without I/O, for either side: who may send what when (§3, §4.8, §4.12).
 *
 * <p>The owner decodes packets and tells them to a {@link io.mqttx.protocol.ServerConnection} or a
 * {@link io.mqttx.protocol.ClientConnection}, says what it wants done and what time it is, and carries out what the
 * connection asks for through an {@link io.mqttx.protocol.action.ActionSink}. What belongs to the session
 * ({@link io.mqttx.protocol.flow.SessionFlows}) is lent to a connection and outlives it; topic aliases and keep
 * alive die with it.
 *
 * <p>Start reading at {@code ServerConnection}. This package knows no sockets, no clocks, no subscriptions and no
 * users.
 */
package io.mqttx.protocol;

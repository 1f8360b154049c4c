/**
 * Delivery of QoS 1 and 2 messages between two peers, as state machines without I/O (§4.3, §4.4, §4.9).
 *
 * <p>A flow is told what happened ({@code received}, {@code publish}, {@code resume}) and calls an
 * {@link io.mqttx.protocol.action.ActionSink} for what is to be done, in order. It never waits, never reads a
 * clock and is owned by one thread at a time, so that client and broker share it and a test can play any sequence
 * of losses and reconnections against it. What the peer must not do ends in a
 * {@link io.mqttx.protocol.flow.Violation}, which the connection turns into the end of the connection.
 *
 * <p>Start reading at {@link io.mqttx.protocol.flow.OutboundFlow};
 * {@link io.mqttx.protocol.flow.InboundFlow} is its mirror, and
 * {@link io.mqttx.protocol.flow.SessionFlows} holds both. This package knows packets and actions and nothing
 * else: not sockets, not storage, not who is client and who is server.
 */
package io.mqttx.protocol.flow;

/**
 * What the state machines want done, in the order in which it is to be done.
 *
 * <p>A state machine is called with an {@link io.mqttx.protocol.action.ActionSink} and calls it once for each
 * thing that its owner has to do: send, hand over, keep, close. {@link io.mqttx.protocol.action.Action} says the
 * same as values, for tests and for whoever wants a list. This package knows packets and nothing else.
 */
package io.mqttx.protocol.action;

/**
 * Who gets a message: the tree of subscriptions, shared subscriptions, and the way from the publisher's loop to those
 * of the subscribers.
 *
 * <p>Start reading at {@link io.mqttx.broker.routing.Router}. The tree is read by any thread without locks. This
 * package knows subscribers by an interface, and nothing of sessions, sockets or retained messages.
 */
package io.mqttx.broker.routing;

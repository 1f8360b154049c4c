/**
 * What the broker knows of a client beyond its connection (§4.1): subscriptions, messages in flight and messages that
 * wait.
 *
 * <p>A session belongs to one loop, picked by its client identifier, for as long as it lives: everything here runs on
 * that loop and needs no locks. Start reading at {@link io.mqttx.broker.session.Session}. This package reaches a
 * socket by {@link io.mqttx.broker.session.Outlet} alone.
 */
package io.mqttx.broker.session;

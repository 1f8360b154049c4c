package io.mqttx.broker.api;

/** Makes the handler of a connection when its CONNECT has come. */
@FunctionalInterface
public interface HandlerFactory {

    /** A new handler for this client; called on the connection's loop. */
    BrokerHandler create(Connecting client);
}

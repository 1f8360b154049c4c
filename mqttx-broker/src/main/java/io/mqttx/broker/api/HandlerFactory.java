package io.mqttx.broker.api;

/** Makes the handler of a connection when its CONNECT has come. */
@FunctionalInterface
public interface HandlerFactory {

    /** A new handler for this client; called on the connection's loop, or on the broker's executor. */
    BrokerHandler create(Connecting client);

    /**
     * Told when a session has ended: its expiry interval has passed, its connection was all that held it, or a clean
     * start has replaced it. That may be long after the last handler of that client is gone, so it is told here. Called
     * on the session's loop, or on the broker's executor, after {@link BrokerHandler#onDisconnect} if both are due; a
     * client that began anew may be back already.
     */
    default void onSessionExpired(String clientId) {}
}

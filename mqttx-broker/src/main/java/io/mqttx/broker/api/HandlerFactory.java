package io.mqttx.broker.api;

/** Makes the handler of a connection when its CONNECT has come. */
@FunctionalInterface
public interface HandlerFactory {

    /** A new handler for this client; called on the connection's loop, or on the broker's executor. */
    BrokerHandler create(Connecting client);

    /**
     * A handler for a client whose will is to be published after a restart of the broker: it is asked by
     * {@link BrokerHandler#onPublish}, and for nothing else. Of the CONNECT only client identifier and user name are
     * known. By default it is made like any other, but {@link BrokerHandler#onConnect} is not called: a handler that
     * cannot decide without should refuse. Called while the broker starts, or later on the loop of the client's session.
     */
    default BrokerHandler restore(Connecting client) {
        return create(client);
    }

    /**
     * Told when a session has ended: its expiry interval has passed, its connection was all that held it, or a clean
     * start has replaced it. That may be long after the last handler of that client is gone, so it is told here. Called
     * on the session's loop, or on the broker's executor, after {@link BrokerHandler#onDisconnect} if both are due; a
     * client that began anew may be back already.
     */
    default void onSessionExpired(String clientId) {}
}

package io.mqttx.broker.api;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;

/**
 * What happens in a broker, for who watches without deciding. Called on the loops, by several threads at once: return
 * at once. What a method throws is logged and changes nothing.
 */
public interface BrokerEvents {
    /** Nobody watches. */
    BrokerEvents NONE = new BrokerEvents() {};

    /** Why a message reached a client or a queue no further. */
    enum DropCause {
        /** The offline queue of its session is full. */
        QUEUE_FULL,
        /** More was waiting to be written to the client than is allowed. */
        SLOW_CLIENT,
        /** It is larger than the client takes (§3.1.2.11.4). */
        TOO_LARGE,
        /** Its expiry interval passed (§3.3.2.3.3). */
        EXPIRED
    }

    /** What there may be too much of. */
    enum Limit {
        /** Connections per interval, of a listener. */
        CONNECTION_RATE,
        /** Connections, of a listener or of the broker. */
        CONNECTIONS,
        /** PUBLISH packets per interval, of a client. */
        MESSAGE_RATE,
        /** Bytes per interval, of a client. */
        BYTE_RATE
    }

    /** Bytes arrived from a client. */
    default void received(int bytes) {}

    /** A packet of a client was decoded; what becomes of it is not said. */
    default void received(PacketType type) {}

    /** Bytes were written to a client, one packet for each call. */
    default void sent(int bytes) {}

    /** A transport connection was opened; no CONNECT yet. */
    default void opened() {}

    /** A transport connection is gone. */
    default void closed() {}

    /** A client is in. */
    default void connected(Connection connection) {}

    /** A client was refused, or broke the protocol before it was in. */
    default void connectFailed(String remoteAddress, ReasonCode reason, String detail) {}

    /** A client that was in is gone. */
    default void disconnected(String clientId, DisconnectReason reason) {}

    /** A session ended because its client stayed away for too long (§3.1.2.11.2). */
    default void sessionExpired(String clientId) {}

    /** A message came in and was accepted. */
    default void published(Message message) {}

    /** A message left for a client. */
    default void delivered(String clientId, Publish message) {}

    /** A message was dropped on its way to a client. */
    default void dropped(String clientId, Publish message, DropCause cause) {}

    /**
     * The same for a message that had waited so far behind that only its number was in memory: told with
     * {@link DropCause#QUEUE_FULL}, where a storage keeps the queues and the oldest message goes first.
     */
    default void dropped(String clientId, DropCause cause) {}

    /**
     * Somebody met a limit: a connection is refused or closed; a client is to wait, has a message refused, or is sent
     * away.
     *
     * @param who the remote address of a connection, the client identifier of a client
     */
    default void limited(Limit limit, String who) {}

    /** A client has a new or changed subscription. */
    default void subscribed(String clientId, Subscription subscription) {}

    /** A client gave up a subscription. */
    default void unsubscribed(String clientId, TopicFilter filter) {}
}

package io.mqttx.broker.api;

import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.util.List;

/**
 * What an application decides about one connection. One object per connection, made by a {@link HandlerFactory}, so
 * fields hold that device's state. Methods run one at a time and in order, on the connection's loop: return at once,
 * or return a {@code later(stage)} decision and complete it when the slow work is done. To watch without deciding, use
 * {@link BrokerEvents}. A broker that was given an executor runs them there instead, still one at a time and in order:
 * they may block then, and the client is not read meanwhile.
 *
 * <p>Whatever a method throws is logged, the client is told {@code UNSPECIFIED_ERROR}, and nothing else breaks. So it
 * is with a decision that is {@code null}: no answer is no permission.
 */
public interface BrokerHandler {

    /**
     * Asked for each step of enhanced authentication (§4.12), which a client begins that names an authentication
     * method: before {@link #onConnect}, which is asked when it has succeeded, and again whenever the client
     * re-authenticates. What it found out stays in the handler's fields. {@link BrokerOptions#connectTimeout()} covers
     * the exchange. By default no method is offered [MQTT-4.12.0-1].
     *
     * <p>A client that names no method does not come by here: {@link #onConnect} has to turn it away where
     * authentication is required.
     */
    default AuthDecision onAuth(AuthStep step) {
        return AuthDecision.refuse(ReasonCode.BAD_AUTHENTICATION_METHOD);
    }

    /** Asked once for each CONNECT, before the session is looked up (§3.1.4). The door has no default. */
    ConnectDecision onConnect(Connecting client);

    /** Told once the client is in, before its first packet: the connection stays good until {@link #onDisconnect}. */
    default void onConnected(Connection connection) {}

    /** Asked for each PUBLISH and each will, after its topic alias is resolved and before anything is stored. */
    default PublishDecision onPublish(Message message) {
        return PublishDecision.route();
    }

    /**
     * Told when this client has answered a QoS 1 or 2 message: with PUBACK, or with PUBREC, by which it owns the message
     * (§4.3.3). QoS 0 has no answer.
     *
     * @param message as it was published
     * @param reason  success, or an error code if the client refused it
     */
    default void onDelivered(Publish message, ReasonCode reason) {}

    /** Asked for each topic filter of a SUBSCRIBE; a refusal answers that filter alone (§3.9.3). */
    default SubscribeDecision onSubscribe(Subscription wanted) {
        return SubscribeDecision.grant(wanted.maximumQoS());
    }

    /** Told of each UNSUBSCRIBE, after its filters are gone. */
    default void onUnsubscribe(List<TopicFilter> filters) {}

    /** Whatever the application told this connection with {@link Connection#tell}. */
    default void onInfo(Object info) {}

    /** Told exactly once for each client that {@link #onConnect} let in, however it left. */
    default void onDisconnect(DisconnectReason reason) {}

    /**
     * A door for clients on this machine alone, by their address: from 127.0.0.0/8, ::1 or over a Unix domain socket. A
     * proxy on this machine makes everybody one of them, unless it says who they are by the PROXY protocol: then what it
     * says holds.
     */
    static BrokerHandler loopbackOnly() {
        return client -> Loopback.isSourceOf(client.remoteAddress())
                ? ConnectDecision.accept()
                : ConnectDecision.reject(ReasonCode.NOT_AUTHORIZED);
    }

    /** A door that stands open to everybody: for tests, and for networks that let nobody else in. */
    static BrokerHandler allowAll() {
        return client -> ConnectDecision.accept();
    }
}

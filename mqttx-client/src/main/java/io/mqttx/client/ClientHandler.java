package io.mqttx.client;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import java.time.Duration;

/**
 * What a client tells its application. Override what you need.
 *
 * <p>The methods of one client run one at a time and in the order in which things happened, on any thread of the client.
 * They may do what they like: call any method of the client, and wait for it; none keeps the client from reading for more
 * than about 20 ms. A slow method slows down the server, since the client stops reading when too much waits to be told.
 * What a method throws is logged, and the connection lives.
 */
public interface ClientHandler {

    /**
     * The server accepted the connection.
     *
     * @param connAck whether the session goes on, and what the server can and cannot do (§3.2)
     */
    default void onConnected(MqttClient client, ConnAck connAck) {}

    /**
     * A message came that no callback of a subscription took. At QoS 1 and 2 it is acknowledged when this method has
     * returned, also by throwing; or by {@link MqttClient#acknowledge}, where {@link ClientOptions#manualAcknowledgement()}
     * is on.
     */
    default void onMessage(MqttClient client, Message message) {}

    /**
     * The server refused a message for whose fate no future was asked for (§3.4.2.1, §3.5.2.1). Version 5 only.
     *
     * @param packetId the identifier that it was sent with
     */
    default void onPublishRefused(MqttClient client, String topic, int packetId, ReasonCode reason) {}

    /**
     * A message for whose fate no future was asked for is given up. It waited in the {@link OfflineQueue} and was not sent:
     * it is too old or had to make room, the server does not take such a message, or there will be no other connection.
     * Or it was under way at QoS 1 or 2, and its session is gone before the server has answered: the server knows nothing
     * of it after a reconnection, it ended with the connection, or the client is closed or has given up. The server may
     * have it all the same. What a {@link SessionStore} keeps for the next client is not told when this one is closed.
     */
    default void onPublishDropped(MqttClient client, Publish message, RuntimeException why) {}

    /**
     * After a reconnection the server had no session, or may have lost it in between, and refused a subscription that it
     * had granted before. It is made no more.
     *
     * @param filter as it was subscribed to
     */
    default void onSubscriptionLost(MqttClient client, String filter, ReasonCode reason) {}

    /** The connection that was told of by {@link #onConnected} is over. Told once, after everything that it brought. */
    default void onDisconnected(MqttClient client, DisconnectReason reason) {}

    /**
     * There is no connection, and there will be another attempt. Told after {@link #onDisconnected}, and after each
     * attempt that failed.
     *
     * @param reason why there is no connection
     * @param delay  until the attempt, from the end of the connection on
     */
    default void onReconnecting(MqttClient client, DisconnectReason reason, Duration delay) {}

    /**
     * There is no connection, and there will be no other attempt, because the server would say the same again: bad
     * credentials, not authorised, a client identifier that it does not take, the session taken over by another client,
     * and the like. Not told if {@link MqttClient#connect} throws, or reconnecting is off.
     */
    default void onGivenUp(MqttClient client, DisconnectReason reason) {}
}

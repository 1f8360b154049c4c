package io.mqttx.client;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.ReasonCode;

/**
 * What a client tells its application. Override what you need.
 *
 * <p>The methods of one client run one at a time and in the order in which things happened, never on the thread that
 * reads. They may do what they like: call any method of the client, and wait for it. A slow method slows down the
 * server, since the client stops reading when too much waits to be told. What a method throws is logged, and the
 * connection lives.
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
     * returned, also by throwing.
     */
    default void onMessage(MqttClient client, Message message) {}

    /**
     * The server refused a message for whose fate no future was asked for (§3.4.2.1, §3.5.2.1). Version 5 only.
     *
     * @param packetId the identifier that it was sent with
     */
    default void onPublishRefused(MqttClient client, String topic, int packetId, ReasonCode reason) {}

    /** The connection that was told of by {@link #onConnected} is over. Told once, after everything that it brought. */
    default void onDisconnected(MqttClient client, DisconnectReason reason) {}
}

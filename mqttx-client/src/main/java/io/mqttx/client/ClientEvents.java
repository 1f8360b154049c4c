package io.mqttx.client;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import java.time.Duration;
import java.util.List;

/**
 * What happens in a client, for who measures without taking part: metrics, traces, logs. Set by
 * {@link ClientOptions#events()}; costs nothing where it is not. One object may watch many clients.
 *
 * <p>Called outside of every lock, on the threads to which it happens: those of the client, those that call it, and the
 * timer that all clients of a JVM share. The events of a client come one at a time in the order in which they happened,
 * perhaps on the thread of an event before. So return at once, and do not call the client; who wants to act on what
 * happens has {@link ClientHandler}. If the listener is more than 1,000 events behind, several threads tell at once, and
 * their order is lost. What a method throws is logged and changes nothing.
 */
public interface ClientEvents {
    /** Nobody watches. */
    ClientEvents NONE = new ClientEvents() {};

    /** An attempt to connect begins. */
    default void connectStarted(MqttClient client, ServerAddress server) {}

    /**
     * The server accepted the connection.
     *
     * @param took from the beginning of the attempt until CONNACK: name lookup, TLS and all
     */
    default void connectSucceeded(MqttClient client, ServerAddress server, ConnAck connAck, Duration took) {}

    /**
     * An attempt to connect failed, or the server refused.
     *
     * @param took since the beginning of the attempt
     */
    default void connectFailed(MqttClient client, ServerAddress server, DisconnectReason reason, Duration took) {}

    /** A connection that stood is over. */
    default void disconnected(MqttClient client, DisconnectReason reason) {}

    /**
     * There will be another attempt.
     *
     * @param reason why there is no connection
     * @param delay  until then
     */
    default void reconnectScheduled(MqttClient client, DisconnectReason reason, Duration delay) {}

    /** A message is sent for the first time: it has waited for its turn before, if it had to. */
    default void publishStarted(MqttClient client, Publish message) {}

    /**
     * The server is done with a message: PUBACK, PUBCOMP, or a PUBREC that refuses it. At QoS 0 it is at once, with
     * {@link ReasonCode#SUCCESS} and no time.
     *
     * @param took since {@link #publishStarted}, over all connections that it needed
     */
    default void publishDone(MqttClient client, Publish message, ReasonCode reason, Duration took) {}

    /**
     * A message is given up, whether or not there is a future: it waited for too long or had to make room, the server
     * does not take such a message, or the session in which it was under way is gone.
     */
    default void publishDropped(MqttClient client, Publish message, RuntimeException why) {}

    /** A message came, and waits to be told to the application. */
    default void messageReceived(MqttClient client, Message message) {}

    /**
     * The server answered SUBSCRIBE.
     *
     * @param reasons the granted QoS, or why not, for each subscription in their order
     * @param took    since SUBSCRIBE
     */
    default void subscribeDone(
            MqttClient client, List<Subscription> subscriptions, List<ReasonCode> reasons, Duration took) {}
}

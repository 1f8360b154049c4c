package io.mqttx.broker.api;

import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;

/** One client that is connected. Every method may be called from any thread, and returns at once. */
public interface Connection {

    /** Who it is. */
    String clientId();

    /** The version it speaks. */
    ProtocolVersion version();

    /** Where it comes from, as text. */
    String remoteAddress();

    /** Calls {@link BrokerHandler#onInfo} on the connection's loop; nothing if the connection is gone by then. */
    void tell(Object info);

    /**
     * Sends a message to this client alone, whether it subscribed or not, as if it had with the QoS of the message.
     * Packet identifier and DUP of {@code message} do not matter; topic alias and subscription identifiers are left out.
     *
     * @throws io.mqttx.packet.ProtocolException if no packet can say it
     */
    void publish(Publish message);

    /**
     * Ends the connection; the will is published.
     *
     * @param reason a code of DISCONNECT, which version 5 is told
     * @throws IllegalArgumentException if it is none, or a client's alone
     */
    default void disconnect(ReasonCode reason) {
        disconnect(reason, Properties.EMPTY);
    }

    /** The same with a reason string, user properties, or a server reference with 0x9C or 0x9D (§4.11). */
    void disconnect(ReasonCode reason, Properties properties);
}

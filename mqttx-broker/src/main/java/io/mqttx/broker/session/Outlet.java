package io.mqttx.broker.session;

import io.mqttx.broker.api.Connection;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.protocol.action.ActionSink;
import java.util.Optional;

/** A session's way to its client, while there is a connection. On the session's loop. */
public interface Outlet extends ActionSink<Delivery> {

    /** Whether so much waits to be written that QoS 0 messages are better dropped, and others better queued. */
    boolean isCongested();

    /** The largest packet that the client takes, in bytes (§3.1.2.11.4). */
    long maximumPacketSize();

    /** What the client speaks. */
    ProtocolVersion version();

    /** How many changes were told to the storage so far, for {@link #promiseSince}. */
    long entries();

    /** If there have been changes since, what is answered now waits until those cannot be lost. */
    void promiseSince(long entries);

    /** What the application holds of it, from CONNACK on. From any thread. */
    Optional<Connection> forApplication();

    /** The application has ended the session: this connection has to go, now. */
    void sessionEnded();

    /** Something cannot be kept now, and a client of its version cannot be told: this connection has to go. */
    void cannotBeTold();

    /** The same client has connected again: this connection has to go, now [MQTT-3.1.4-3]. */
    void takenOver();
}

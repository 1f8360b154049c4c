package io.mqttx.broker.api;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A message that came to the broker.
 *
 * @param clientId who published it; empty: the application or the broker itself
 * @param origin   what made it come
 * @param packet   the message, its topic alias resolved
 */
public record Message(String clientId, Origin origin, Publish packet) {
    /** What made a message come. */
    public enum Origin {
        /** A client's PUBLISH. */
        PUBLISH,
        /** A client's will (§3.1.2.5). */
        WILL,
        /** The application, or the broker for its {@code $SYS} topics. */
        BROKER
    }

    /** Checks that all is there. */
    public Message {
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(origin, "origin");
        Objects.requireNonNull(packet, "packet");
    }

    /** Where it was published to. */
    public TopicName topic() {
        return packet.topic();
    }

    /** Its payload, as a fresh read-only view. */
    public ByteBuffer payload() {
        return packet.payload();
    }

    /** The QoS it was published with. */
    public QoS qos() {
        return packet.qos();
    }

    /** Whether it is to be retained. */
    public boolean retain() {
        return packet.retain();
    }

    /** Its properties (version 5). */
    public Properties properties() {
        return packet.properties();
    }
}

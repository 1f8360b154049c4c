package io.mqttx.packet;

import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A message on its way between two peers (§3.3).
 *
 * @param dup        whether it was sent before; never at QoS 0
 * @param qos        how surely it is to arrive
 * @param retain     to a server: keep it as the retained message of its topic; to a client: it was kept (§3.3.1.3)
 * @param topic      where to; {@link TopicName#NONE} if a topic alias says it alone (§3.3.2.3.4)
 * @param packetId   1 to 65535, or 0 at QoS 0, which has none
 * @param properties sent in version 5 only
 * @param payload    kept as a read-only view, not a copy: the caller gives the bytes away
 */
public record Publish(
        boolean dup, QoS qos, boolean retain, TopicName topic, int packetId, Properties properties, ByteBuffer payload)
        implements Packet {
    /** Checks everything. */
    public Publish {
        Objects.requireNonNull(topic, "topic");
        if (Objects.requireNonNull(qos, "qos") == QoS.AT_MOST_ONCE) {
            checkQoS0(dup, packetId);
        } else {
            Checks.packetId(packetId);
        }
        payload = Checks.bytes(payload, "payload");
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.PUBLISH);
        if (topic.isNone() && !properties.has(Property.TOPIC_ALIAS)) {
            throw ProtocolException.protocolError("PUBLISH without topic name and topic alias [MQTT-4.7.3-1]");
        }
    }

    /** A QoS 0 message without properties. */
    public Publish(TopicName topic, ByteBuffer payload) {
        this(false, QoS.AT_MOST_ONCE, false, topic, 0, Properties.EMPTY, payload);
    }

    /** A message without properties. */
    public Publish(QoS qos, boolean retain, TopicName topic, int packetId, ByteBuffer payload) {
        this(false, qos, retain, topic, packetId, Properties.EMPTY, payload);
    }

    /** A fresh view each time, so that reading it moves nobody else's position. */
    @Override
    public ByteBuffer payload() {
        return payload.duplicate();
    }

    /** How many bytes the payload has. */
    public int payloadLength() {
        return payload.remaining();
    }

    /** Writes the bytes of the payload. */
    public void encodePayloadTo(ByteBuffer out) {
        Checks.put(payload, out);
    }

    /** This message sent again: same identifier, DUP set [MQTT-3.3.1-1]. */
    public Publish again() {
        return new Publish(true, qos, retain, topic, packetId, properties, payload);
    }

    /** This message at another QoS, with the identifier that goes with it; DUP not set [MQTT-3.3.1-3]. */
    public Publish with(QoS otherQoS, int otherPacketId) {
        return new Publish(false, otherQoS, retain, topic, otherPacketId, properties, payload);
    }

    /** This message with RETAIN set or not. */
    public Publish withRetain(boolean other) {
        return retain == other ? this : new Publish(dup, qos, other, topic, packetId, properties, payload);
    }

    /** This message with another topic. */
    public Publish withTopic(TopicName other) {
        return new Publish(dup, qos, retain, other, packetId, properties, payload);
    }

    /** This message with other properties. */
    public Publish withProperties(Properties other) {
        return new Publish(dup, qos, retain, topic, packetId, other, payload);
    }

    @Override
    public PacketType type() {
        return PacketType.PUBLISH;
    }

    private static void checkQoS0(boolean dup, int packetId) {
        if (dup) {
            throw ProtocolException.malformed("QoS 0 PUBLISH is never a duplicate [MQTT-3.3.1-2]");
        }
        if (packetId != 0) {
            throw ProtocolException.malformed("QoS 0 PUBLISH carries no packet identifier [MQTT-2.2.1-2]");
        }
    }
}

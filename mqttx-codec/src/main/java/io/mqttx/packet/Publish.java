package io.mqttx.packet;

import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;

/**
 * A message on its way between two peers (§3.3).
 *
 * <p>The one packet that is no record: it keeps its payload as plain bytes, since a buffer around them would be a
 * quarter of what a small message costs. Immutable, and equal to what says the same.
 */
public final class Publish implements Packet {
    private static final byte[] NOTHING = new byte[0];
    private static final int DUP = 8;
    private static final int RETAIN = 1;

    private final byte[] bytes; // the payload stands between from and from + length
    private final int from;
    private final int length;
    private final TopicName topic;
    private final Properties properties;
    private final int packetId;
    private final byte flags; // DUP, QoS and RETAIN in one byte: eight bytes less for each message

    /**
     * Checks everything.
     *
     * @param dup        whether it was sent before; never at QoS 0
     * @param qos        how surely it is to arrive
     * @param retain     to a server: keep it as the retained message of its topic; to a client: it was kept (§3.3.1.3)
     * @param topic      where to; {@link TopicName#NONE} if a topic alias says it alone (§3.3.2.3.4)
     * @param packetId   1 to 65535, or 0 at QoS 0, which has none
     * @param properties sent in version 5 only
     * @param payload    what remains of it; not copied where it has an array, so the caller gives those bytes away
     * @throws ProtocolException if these do not go together
     */
    public Publish(
            boolean dup,
            QoS qos,
            boolean retain,
            TopicName topic,
            int packetId,
            Properties properties,
            ByteBuffer payload) {
        this(
                dup,
                qos,
                retain,
                topic,
                packetId,
                properties,
                payload.hasArray() ? payload.array() : copyOf(payload),
                payload.hasArray() ? payload.arrayOffset() + payload.position() : 0,
                payload.remaining());
    }

    private Publish(
            boolean dup,
            QoS qos,
            boolean retain,
            TopicName topic,
            int packetId,
            Properties properties,
            byte[] bytes,
            int from,
            int length) {
        if (qos == QoS.AT_MOST_ONCE) {
            checkQoS0(dup, packetId);
        } else {
            Objects.requireNonNull(qos, "qos");
            Checks.packetId(packetId);
        }
        properties.requireIn(PacketType.PUBLISH);
        if (topic.isNone() && !properties.has(Property.TOPIC_ALIAS)) {
            throw ProtocolException.protocolError("PUBLISH without topic name and topic alias [MQTT-4.7.3-1]");
        }
        this.flags = (byte) ((dup ? DUP : 0) | qos.code() << 1 | (retain ? RETAIN : 0));
        this.topic = topic;
        this.packetId = packetId;
        this.properties = properties;
        this.bytes = bytes;
        this.from = from;
        this.length = length;
    }

    /** A QoS 0 message without properties. */
    public Publish(TopicName topic, ByteBuffer payload) {
        this(false, QoS.AT_MOST_ONCE, false, topic, 0, Properties.EMPTY, payload);
    }

    /** A message without properties. */
    public Publish(QoS qos, boolean retain, TopicName topic, int packetId, ByteBuffer payload) {
        this(false, qos, retain, topic, packetId, Properties.EMPTY, payload);
    }

    /** Whether it was sent before; never at QoS 0. */
    public boolean dup() {
        return (flags & DUP) != 0;
    }

    /** How surely it is to arrive. */
    public QoS qos() {
        return QoS.of(flags >> 1 & 3);
    }

    /** To a server: keep it as the retained message of its topic; to a client: it was kept (§3.3.1.3). */
    public boolean retain() {
        return (flags & RETAIN) != 0;
    }

    /** Where to; {@link TopicName#NONE} if a topic alias says it alone (§3.3.2.3.4). */
    public TopicName topic() {
        return topic;
    }

    /** 1 to 65535, or 0 at QoS 0, which has none. */
    public int packetId() {
        return packetId;
    }

    @Override
    public Properties properties() {
        return properties;
    }

    /** A fresh read-only view each time, so that reading it moves nobody else's position. */
    public ByteBuffer payload() {
        return ByteBuffer.wrap(bytes, from, length).slice().asReadOnlyBuffer();
    }

    /** How many bytes the payload has. */
    public int payloadLength() {
        return length;
    }

    /** Writes the bytes of the payload. */
    public void encodePayloadTo(ByteBuffer out) {
        out.put(bytes, from, length);
    }

    /** This message sent again: same identifier, DUP set [MQTT-3.3.1-1]. */
    public Publish again() {
        return copy(true, qos(), retain(), topic, packetId, properties);
    }

    /** This message at another QoS, with the identifier that goes with it; DUP not set [MQTT-3.3.1-3]. */
    public Publish with(QoS otherQoS, int otherPacketId) {
        return copy(false, otherQoS, retain(), topic, otherPacketId, properties);
    }

    /** This message with RETAIN set or not. */
    public Publish withRetain(boolean other) {
        return retain() == other ? this : copy(dup(), qos(), other, topic, packetId, properties);
    }

    /** This message with another topic. */
    public Publish withTopic(TopicName other) {
        return copy(dup(), qos(), retain(), other, packetId, properties);
    }

    /** This message with other properties. */
    public Publish withProperties(Properties other) {
        return copy(dup(), qos(), retain(), topic, packetId, other);
    }

    @Override
    public PacketType type() {
        return PacketType.PUBLISH;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Publish publish
                        && flags == publish.flags
                        && packetId == publish.packetId
                        && topic.equals(publish.topic)
                        && properties.equals(publish.properties)
                        && Arrays.equals(
                                bytes, from, from + length, publish.bytes, publish.from, publish.from + publish.length);
    }

    @Override
    public int hashCode() {
        return Objects.hash(topic, packetId, flags, length);
    }

    /** Everything but the payload, of which it says the length. */
    @Override
    public String toString() {
        return "Publish[dup=" + dup() + ", qos=" + qos() + ", retain=" + retain() + ", topic=" + topic + ", packetId="
                + packetId + ", properties=" + properties + ", payload=" + length + " bytes]";
    }

    private Publish copy(
            boolean newDup, QoS newQoS, boolean newRetain, TopicName newTopic, int newId, Properties newProperties) {
        return new Publish(newDup, newQoS, newRetain, newTopic, newId, newProperties, bytes, from, length);
    }

    private static byte[] copyOf(ByteBuffer payload) {
        if (!payload.hasRemaining()) {
            return NOTHING;
        }
        byte[] copy = new byte[payload.remaining()];
        payload.get(payload.position(), copy);
        return copy;
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

package io.mqttx.packet;

import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The message that the server publishes when a client is gone without saying goodbye (§3.1.2.5).
 *
 * @param topic      where to; {@link TopicName#NONE} only in {@link #NONE}
 * @param payload    0 to 65,535 bytes, kept as a read-only view: the caller gives the bytes away
 * @param qos        how surely
 * @param retain     whether it becomes the retained message of its topic
 * @param properties delay, expiry and what the message carries along; version 5 only
 */
public record Will(TopicName topic, ByteBuffer payload, QoS qos, boolean retain, Properties properties) {
    /** No will. */
    public static final Will NONE =
            new Will(TopicName.NONE, ByteBuffer.allocate(0), QoS.AT_MOST_ONCE, false, Properties.EMPTY);

    /** Checks everything. */
    public Will {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(qos, "qos");
        payload = Checks.binary(payload, "will payload");
        Objects.requireNonNull(properties, "properties").requireInWill();
        boolean nothingElse = payload.remaining() == 0 && qos == QoS.AT_MOST_ONCE && !retain && properties.isEmpty();
        if (topic.isNone() && !nothingElse) {
            throw ProtocolException.malformed("will without a topic [MQTT-3.1.2-9]");
        }
    }

    /** Whether there is one. */
    public boolean isPresent() {
        return !topic.isNone();
    }

    /** How many bytes the payload has. */
    public int payloadLength() {
        return payload.remaining();
    }

    /** Writes the bytes of the payload, without their length. */
    public void encodePayloadTo(ByteBuffer out) {
        Checks.put(payload, out);
    }

    /** A fresh view each time, so that reading it moves nobody else's position. */
    @Override
    public ByteBuffer payload() {
        return payload.duplicate();
    }
}

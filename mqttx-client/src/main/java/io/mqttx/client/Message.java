package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * A message that came from the server. Immutable and safe for all threads.
 *
 * @param packet the PUBLISH as it came, its topic alias resolved (§3.3)
 */
public record Message(Publish packet) {
    /** Checks that it is there. */
    public Message {
        Objects.requireNonNull(packet, "packet");
    }

    /** Where it was published to. */
    public String topic() {
        return packet.topic().text();
    }

    /** The levels of the topic in their order, empty ones too: {@code "/a"} has two. A new list each time. */
    public List<String> levels() {
        return packet.topic().levels();
    }

    /** The payload as a fresh read-only view. */
    public ByteBuffer payload() {
        return packet.payload();
    }

    /** The payload in a new array. */
    public byte[] bytes() {
        byte[] bytes = new byte[packet.payloadLength()];
        packet.payload().get(bytes);
        return bytes;
    }

    /** The payload read as UTF-8; what is not UTF-8 becomes U+FFFD. */
    public String text() {
        return StandardCharsets.UTF_8.decode(packet.payload()).toString();
    }

    /** The QoS that it came with: at most what the subscription was granted. */
    public QoS qos() {
        return packet.qos();
    }

    /** Whether it was retained before the subscription was made (§3.3.1.3). */
    public boolean retain() {
        return packet.retain();
    }

    /** Its properties; empty before version 5. */
    public Properties properties() {
        return packet.properties();
    }

    /** Topic, QoS and length: a payload does not belong into a log. */
    @Override
    public String toString() {
        return topic() + " (" + qos() + ", " + packet.payloadLength() + " bytes)";
    }
}

package io.mqttx.packet;

import io.mqttx.topic.TopicFilter;
import java.util.List;
import java.util.Objects;

/**
 * A client asks for no more messages (§3.10).
 *
 * @param packetId   1 to 65535, which the UNSUBACK repeats
 * @param filters    at least one [MQTT-3.10.3-2]
 * @param properties user properties; version 5 only
 */
public record Unsubscribe(int packetId, List<TopicFilter> filters, Properties properties) implements Packet {
    /** Checks everything. */
    public Unsubscribe {
        Checks.packetId(packetId);
        filters = List.copyOf(filters);
        if (filters.isEmpty()) {
            throw ProtocolException.protocolError("UNSUBSCRIBE without a topic filter [MQTT-3.10.3-2]");
        }
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.UNSUBSCRIBE);
    }

    /** Without properties. */
    public Unsubscribe(int packetId, List<TopicFilter> filters) {
        this(packetId, filters, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.UNSUBSCRIBE;
    }
}

package io.mqttx.packet;

import java.util.List;
import java.util.Objects;

/**
 * A client asks for messages (§3.8).
 *
 * @param packetId      1 to 65535, which the SUBACK repeats
 * @param subscriptions at least one [MQTT-3.8.3-2]
 * @param properties    a subscription identifier and user properties; version 5 only
 */
public record Subscribe(int packetId, List<Subscription> subscriptions, Properties properties) implements Packet {
    /** Checks everything. */
    public Subscribe {
        Checks.packetId(packetId);
        subscriptions = List.copyOf(subscriptions);
        if (subscriptions.isEmpty()) {
            throw ProtocolException.protocolError("SUBSCRIBE without a topic filter [MQTT-3.8.3-2]");
        }
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.SUBSCRIBE);
    }

    /** Without properties. */
    public Subscribe(int packetId, List<Subscription> subscriptions) {
        this(packetId, subscriptions, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.SUBSCRIBE;
    }
}

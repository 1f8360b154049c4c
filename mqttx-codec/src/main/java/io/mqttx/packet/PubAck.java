package io.mqttx.packet;

import java.util.Objects;

/**
 * The answer to a QoS 1 PUBLISH (§3.4).
 *
 * @param packetId   1 to 65535, of the PUBLISH that this is about
 * @param reason     how it went; sent in version 5 only
 * @param properties reason string and user properties; sent in version 5 only
 */
public record PubAck(int packetId, ReasonCode reason, Properties properties) implements Packet {
    /** Checks everything. */
    public PubAck {
        Checks.packetId(packetId);
        Objects.requireNonNull(reason, "reason").requireIn(PacketType.PUBACK);
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.PUBACK);
    }

    /** With this reason and no properties. */
    public PubAck(int packetId, ReasonCode reason) {
        this(packetId, reason, Properties.EMPTY);
    }

    /** Success, without properties. */
    public PubAck(int packetId) {
        this(packetId, ReasonCode.SUCCESS, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.PUBACK;
    }
}

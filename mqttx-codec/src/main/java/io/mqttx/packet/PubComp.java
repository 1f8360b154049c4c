package io.mqttx.packet;

import java.util.Objects;

/**
 * The answer to PUBREL, which ends a QoS 2 exchange (§3.7).
 *
 * @param packetId   1 to 65535, of the PUBLISH that this is about
 * @param reason     how it went; sent in version 5 only
 * @param properties reason string and user properties; sent in version 5 only
 */
public record PubComp(int packetId, ReasonCode reason, Properties properties) implements Packet {
    /** Checks everything. */
    public PubComp {
        Checks.packetId(packetId);
        Objects.requireNonNull(reason, "reason").requireIn(PacketType.PUBCOMP);
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.PUBCOMP);
    }

    /** With this reason and no properties. */
    public PubComp(int packetId, ReasonCode reason) {
        this(packetId, reason, Properties.EMPTY);
    }

    /** Success, without properties. */
    public PubComp(int packetId) {
        this(packetId, ReasonCode.SUCCESS, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.PUBCOMP;
    }
}

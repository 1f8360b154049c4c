package io.mqttx.packet;

import java.util.Objects;

/**
 * The answer to PUBREC: the message may be forgotten (§3.6).
 *
 * @param packetId   1 to 65535, of the PUBLISH that this is about
 * @param reason     how it went; sent in version 5 only
 * @param properties reason string and user properties; sent in version 5 only
 */
public record PubRel(int packetId, ReasonCode reason, Properties properties) implements Packet {
    /** Checks everything. */
    public PubRel {
        Checks.packetId(packetId);
        Objects.requireNonNull(reason, "reason").requireIn(PacketType.PUBREL);
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.PUBREL);
    }

    /** With this reason and no properties. */
    public PubRel(int packetId, ReasonCode reason) {
        this(packetId, reason, Properties.EMPTY);
    }

    /** Success, without properties. */
    public PubRel(int packetId) {
        this(packetId, ReasonCode.SUCCESS, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.PUBREL;
    }
}

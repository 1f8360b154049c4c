package io.mqttx.packet;

import java.util.Objects;

/**
 * The first answer to a QoS 2 PUBLISH: received, or refused with an error code (§3.5).
 *
 * @param packetId   1 to 65535, of the PUBLISH that this is about
 * @param reason     how it went; sent in version 5 only
 * @param properties reason string and user properties; sent in version 5 only
 */
public record PubRec(int packetId, ReasonCode reason, Properties properties) implements Packet {
    /** Checks everything. */
    public PubRec {
        Checks.packetId(packetId);
        Objects.requireNonNull(reason, "reason").requireIn(PacketType.PUBREC);
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.PUBREC);
    }

    /** With this reason and no properties. */
    public PubRec(int packetId, ReasonCode reason) {
        this(packetId, reason, Properties.EMPTY);
    }

    /** Success, without properties. */
    public PubRec(int packetId) {
        this(packetId, ReasonCode.SUCCESS, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.PUBREC;
    }
}

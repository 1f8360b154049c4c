package io.mqttx.packet;

import java.util.Objects;

/**
 * The last packet of a connection (§3.14); before version 5 only clients send it, and without a reason.
 *
 * @param reason     why
 * @param properties session expiry, reason string, server reference, user properties; version 5 only
 */
public record Disconnect(ReasonCode reason, Properties properties) implements Packet {
    /** Checks everything. */
    public Disconnect {
        Objects.requireNonNull(reason, "reason").requireIn(PacketType.DISCONNECT);
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.DISCONNECT);
    }

    /** Without properties. */
    public Disconnect(ReasonCode reason) {
        this(reason, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.DISCONNECT;
    }
}

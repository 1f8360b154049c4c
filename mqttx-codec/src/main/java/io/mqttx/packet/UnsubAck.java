package io.mqttx.packet;

import java.util.List;
import java.util.Objects;

/**
 * The server's answer to UNSUBSCRIBE (§3.11).
 *
 * @param packetId   that of the UNSUBSCRIBE
 * @param reasons    one for each topic filter, in their order [MQTT-3.11.3-1]; before version 5 there are none
 * @param properties version 5 only
 */
public record UnsubAck(int packetId, List<ReasonCode> reasons, Properties properties) implements Packet {
    /** Checks everything. */
    public UnsubAck {
        Checks.packetId(packetId);
        reasons = List.copyOf(reasons);
        reasons.forEach(reason -> reason.requireIn(PacketType.UNSUBACK));
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.UNSUBACK);
    }

    /** Without properties. */
    public UnsubAck(int packetId, List<ReasonCode> reasons) {
        this(packetId, reasons, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.UNSUBACK;
    }
}

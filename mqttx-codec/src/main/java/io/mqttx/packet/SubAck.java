package io.mqttx.packet;

import java.util.List;
import java.util.Objects;

/**
 * The server's answer to SUBSCRIBE (§3.9).
 *
 * @param packetId   that of the SUBSCRIBE
 * @param reasons    one for each topic filter, in their order [MQTT-3.9.3-1]; before version 5 any error is 0x80
 * @param properties version 5 only
 */
public record SubAck(int packetId, List<ReasonCode> reasons, Properties properties) implements Packet {
    /** Checks everything. */
    public SubAck {
        Checks.packetId(packetId);
        reasons = List.copyOf(reasons);
        if (reasons.isEmpty()) {
            throw ProtocolException.protocolError("SUBACK without a reason code [MQTT-3.9.3-1]");
        }
        reasons.forEach(reason -> reason.requireIn(PacketType.SUBACK));
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.SUBACK);
    }

    /** Without properties. */
    public SubAck(int packetId, List<ReasonCode> reasons) {
        this(packetId, reasons, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.SUBACK;
    }
}

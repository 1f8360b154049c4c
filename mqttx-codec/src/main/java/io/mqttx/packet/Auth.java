package io.mqttx.packet;

import java.util.Objects;

/**
 * A step of enhanced authentication (§3.15); version 5 only.
 *
 * @param reason     success, go on, or once more
 * @param properties the method, which may be missing only where nothing else is said either (§3.15.2.1), and its data
 */
public record Auth(ReasonCode reason, Properties properties) implements Packet {
    /** Checks everything. */
    public Auth {
        Objects.requireNonNull(reason, "reason").requireIn(PacketType.AUTH);
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.AUTH);
        boolean saysMore = reason != ReasonCode.SUCCESS || !properties.isEmpty();
        if (saysMore && !properties.has(Property.AUTHENTICATION_METHOD)) {
            throw ProtocolException.protocolError("AUTH without an authentication method (§3.15.2.2.2)");
        }
    }

    @Override
    public PacketType type() {
        return PacketType.AUTH;
    }
}

package io.mqttx.packet;

import java.util.Objects;

/**
 * The server's answer to CONNECT (§3.2).
 *
 * @param sessionPresent whether the session goes on where it was; never with an error [MQTT-3.2.2-6]
 * @param reason         success, or why not; before version 5 one of the six return codes
 * @param properties     what the server can and cannot do; version 5 only
 */
public record ConnAck(boolean sessionPresent, ReasonCode reason, Properties properties) implements Packet {
    /** Checks everything. */
    public ConnAck {
        Objects.requireNonNull(reason, "reason").requireIn(PacketType.CONNACK);
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.CONNACK);
        if (sessionPresent && reason.isError()) {
            throw ProtocolException.protocolError("refused, yet session present [MQTT-3.2.2-6]");
        }
    }

    /** Without properties. */
    public ConnAck(boolean sessionPresent, ReasonCode reason) {
        this(sessionPresent, reason, Properties.EMPTY);
    }

    @Override
    public PacketType type() {
        return PacketType.CONNACK;
    }
}

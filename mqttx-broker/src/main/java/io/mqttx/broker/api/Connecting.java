package io.mqttx.broker.api;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.ProtocolVersion;
import java.util.Objects;

/**
 * Somebody at the door.
 *
 * @param connect       the whole CONNECT
 * @param clientId      the client identifier, chosen by the broker if the client sent none
 * @param remoteAddress where it comes from, as text for logs and rules, such as {@code 192.0.2.1:50000}
 */
public record Connecting(Connect connect, String clientId, String remoteAddress) {
    /** Checks that all is there. */
    public Connecting {
        Objects.requireNonNull(connect, "connect");
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(remoteAddress, "remoteAddress");
    }

    /** User name and password, each there or not. */
    public Credentials credentials() {
        return connect.credentials();
    }

    /** The version it speaks. */
    public ProtocolVersion version() {
        return connect.version();
    }
}

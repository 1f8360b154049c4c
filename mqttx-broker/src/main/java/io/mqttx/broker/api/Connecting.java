package io.mqttx.broker.api;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.ProtocolVersion;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;

/**
 * Somebody at the door.
 *
 * @param connect       the whole CONNECT
 * @param clientId      the client identifier, chosen by the broker if the client sent none
 * @param remoteAddress where it comes from, as text for logs and rules, such as {@code 192.0.2.1:50000},
 *                      {@code [2001:db8::1]:50000} or {@code unix socket}
 * @param certificates  the certificate that it showed and those that lead to its authority, checked; often none
 */
public record Connecting(Connect connect, String clientId, String remoteAddress, List<X509Certificate> certificates) {
    /** Checks that all is there. */
    public Connecting {
        Objects.requireNonNull(connect, "connect");
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(remoteAddress, "remoteAddress");
        certificates = List.copyOf(certificates);
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

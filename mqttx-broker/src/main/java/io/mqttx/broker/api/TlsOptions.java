package io.mqttx.broker.api;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * How a listener speaks TLS: 1.3 and 1.2, with a certificate that is read again when its files change.
 *
 * @param certificates  the server's certificate and those that lead to its authority, a PEM file
 * @param privateKey    the key of the first of them, a PEM file (PKCS #8, not encrypted)
 * @param clientAuth    whether clients have to show a certificate. Default {@link ClientAuth#NONE}
 * @param clientCa      the authorities of client certificates, a PEM file; needed unless {@code clientAuth} is
 *                      {@link ClientAuth#NONE}
 */
public record TlsOptions(Path certificates, Path privateKey, ClientAuth clientAuth, Optional<Path> clientCa) {
    /** Whether clients show a certificate. */
    public enum ClientAuth {
        /** They are not asked. */
        NONE,
        /** They are asked, and may come in without; one that is shown has to be good. */
        OPTIONAL,
        /** Without a good one nobody comes in. */
        REQUIRED
    }

    /** Checks that an authority is named where it is needed. */
    public TlsOptions {
        Objects.requireNonNull(certificates, "certificates");
        Objects.requireNonNull(privateKey, "privateKey");
        Objects.requireNonNull(clientAuth, "clientAuth");
        if (clientAuth != ClientAuth.NONE && clientCa.isEmpty()) {
            throw new IllegalArgumentException("client certificates need clientCa, which says whose are good");
        }
    }

    /** A server certificate, and no client certificates. */
    public static TlsOptions of(Path certificates, Path privateKey) {
        return new TlsOptions(certificates, privateKey, ClientAuth.NONE, Optional.empty());
    }

    /** The same with client certificates by these authorities. */
    public TlsOptions withClientCertificates(ClientAuth auth, Path authorities) {
        return new TlsOptions(certificates, privateKey, auth, Optional.of(authorities));
    }
}

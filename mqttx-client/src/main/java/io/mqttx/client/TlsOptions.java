package io.mqttx.client;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;

/**
 * TLS 1.2 or 1.3 to the server. By default the certificate of the server must be by an authority that the JDK trusts,
 * and be for the host that the client connects to, whose name it is also told (SNI). Sessions are resumed as the JDK
 * does it.
 *
 * <p>Files are read when the client is made, and again before it connects if one of them has another time since: renewed
 * certificates need no new client. Files that cannot be used then are told of in a warning, and what was read before
 * stays in use.
 *
 * @param authorities  PEM files with the certificates of the authorities to trust instead of those of the JDK. Default
 *                     none
 * @param identity     the certificate that the client shows, with its key. Default none
 * @param fingerprints of which the server must have one as well: SHA-256, 64 hexadecimal digits, of its certificate or
 *                     of its public key (SubjectPublicKeyInfo). Default none: any
 * @param protocols    for ALPN (RFC 7301), the one to be preferred first. Default none
 * @param context      where trust and keys come from instead of {@code authorities} and {@code identity}, which are
 *                     empty then. Default none
 * @param verified     whether authority, dates and host name are checked. Without, only {@code fingerprints} are; if
 *                     there are none either, anybody can pose as the server, and a warning is logged with each
 *                     connection. Default yes
 */
public record TlsOptions(
        List<Path> authorities,
        Optional<Identity> identity,
        List<String> fingerprints,
        List<String> protocols,
        Optional<SSLContext> context,
        boolean verified) {
    private static final Pattern FINGERPRINT = Pattern.compile("[0-9a-f]{64}");

    /** A certificate that a client shows, and its private key. */
    public sealed interface Identity {
        /**
         * In PEM files.
         *
         * @param chain    the certificate, and behind it those between it and its authority
         * @param key      in PKCS #8 or, for RSA, PKCS #1 that is not encrypted
         * @param password of a key that is encrypted; else empty. Never shown in text
         */
        record Pem(Path chain, Path key, String password) implements Identity {
            /** Checks that all are there. */
            public Pem {
                Objects.requireNonNull(chain, "chain");
                Objects.requireNonNull(key, "key");
                Objects.requireNonNull(password, "password");
            }

            /** Shows no secrets. */
            @Override
            public String toString() {
                return "Pem[" + chain + ", " + key + "]";
            }
        }

        /**
         * In a PKCS #12 file.
         *
         * @param file     with one key and its chain
         * @param password of file and key; never shown in text
         */
        record Pkcs12(Path file, String password) implements Identity {
            /** Checks that both are there. */
            public Pkcs12 {
                Objects.requireNonNull(file, "file");
                Objects.requireNonNull(password, "password");
            }

            /** Shows no secrets. */
            @Override
            public String toString() {
                return "Pkcs12[" + file + "]";
            }
        }
    }

    /** Checks what can be checked without reading files. Fingerprints may have colons and large letters. */
    public TlsOptions {
        authorities = List.copyOf(authorities);
        Objects.requireNonNull(identity, "identity");
        fingerprints = fingerprints.stream()
                .map(text -> text.replace(":", "").toLowerCase(Locale.ROOT))
                .toList();
        protocols = List.copyOf(protocols);
        if (!fingerprints.stream().allMatch(text -> FINGERPRINT.matcher(text).matches())) {
            throw new IllegalArgumentException("a fingerprint is a SHA-256: 64 hexadecimal digits");
        }
        if (protocols.stream().anyMatch(name -> name.isEmpty() || name.length() > 255)) {
            throw new IllegalArgumentException("a protocol for ALPN has 1 to 255 characters (RFC 7301 §3.1)");
        }
        if (context.isPresent() && !(authorities.isEmpty() && identity.isEmpty() && verified)) {
            throw new IllegalArgumentException("an SSLContext brings its own trust and keys");
        }
        if (!verified && !authorities.isEmpty()) {
            throw new IllegalArgumentException("authorities are there to verify the server, which is switched off");
        }
    }

    /** The defaults above. */
    public static TlsOptions defaults() {
        return new TlsOptions(List.of(), Optional.empty(), List.of(), List.of(), Optional.empty(), true);
    }

    /** The same with one more file of authorities. */
    public TlsOptions withAuthorities(Path pem) {
        return new TlsOptions(with(authorities, pem), identity, fingerprints, protocols, context, verified);
    }

    /** The same with a client certificate in PEM. See {@link Identity.Pem}. */
    public TlsOptions withIdentity(Path chain, Path key) {
        return withIdentity(new Identity.Pem(chain, key, ""));
    }

    /** The same with a client certificate in PEM, whose key is encrypted. See {@link Identity.Pem}. */
    public TlsOptions withIdentity(Path chain, Path key, String password) {
        return withIdentity(new Identity.Pem(chain, key, password));
    }

    /** The same with this client certificate. */
    public TlsOptions withIdentity(Identity value) {
        return new TlsOptions(authorities, Optional.of(value), fingerprints, protocols, context, verified);
    }

    /** The same with one more fingerprint that the server may have. */
    public TlsOptions withFingerprint(String sha256) {
        return new TlsOptions(authorities, identity, with(fingerprints, sha256), protocols, context, verified);
    }

    /** The same with one more protocol for ALPN. */
    public TlsOptions withProtocol(String name) {
        return new TlsOptions(authorities, identity, fingerprints, with(protocols, name), context, verified);
    }

    /** The same with trust and keys from this context. The host name is checked all the same. */
    public TlsOptions withContext(SSLContext value) {
        return new TlsOptions(authorities, identity, fingerprints, protocols, Optional.of(value), verified);
    }

    /** The same without the checks: dangerous unless there are fingerprints. See {@link #verified()}. */
    public TlsOptions withoutVerification() {
        return new TlsOptions(authorities, identity, fingerprints, protocols, context, false);
    }

    private static <T> List<T> with(List<T> before, T one) {
        List<T> more = new ArrayList<>(before);
        more.add(one);
        return more;
    }
}

package io.mqttx.client;

import io.mqttx.client.link.LinkException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** What {@link TlsOptions} say, as the JDK wants it. One for all connections of a client, which resume its sessions. */
final class TlsContext {
    private static final System.Logger LOG = System.getLogger(TlsContext.class.getName());
    private static final List<String> VERSIONS = List.of("TLSv1.3", "TLSv1.2");

    private final TlsOptions options;
    private final List<Long> times;
    private final SSLContext context;

    private TlsContext(TlsOptions options) {
        this.options = options;
        this.times = times(options); // before they are read: a change in between is seen the next time
        this.context = options.context().orElseGet(() -> context(options));
    }

    /**
     * Reads the files that the options name.
     *
     * @throws IllegalArgumentException with a sentence that names the file, if one cannot be used
     */
    static TlsContext of(TlsOptions options) {
        return new TlsContext(options);
    }

    /** This one, or another if files have changed that can be used. */
    TlsContext upToDate() {
        try {
            return times.equals(times(options)) ? this : new TlsContext(options);
        } catch (IllegalArgumentException e) {
            LOG.log(Level.WARNING, "TLS goes on with the files as they were: {0}", e.getMessage());
            return this;
        }
    }

    /** An engine for one connection. */
    SSLEngine engine(String host, int port) {
        if (!options.verified() && options.fingerprints().isEmpty()) {
            LOG.log(Level.WARNING, "TLS to {0} without verification: anybody can pose as the server", host);
        }
        SSLEngine engine = context.createSSLEngine(host, port); // the name goes into SNI, if it is one
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        if (options.verified()) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
        }
        if (options.context().isEmpty()) {
            Set<String> known = Set.of(engine.getSupportedProtocols());
            parameters.setProtocols(VERSIONS.stream().filter(known::contains).toArray(String[]::new));
        }
        if (!options.protocols().isEmpty()) {
            parameters.setApplicationProtocols(options.protocols().toArray(String[]::new));
        }
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Whether the server has one of the fingerprints, if there are any. */
    void checkFingerprint(SSLSession session) throws IOException {
        if (options.fingerprints().isEmpty()) {
            return;
        }
        try {
            Certificate certificate = session.getPeerCertificates()[0];
            String whole = sha256(certificate.getEncoded());
            String key = sha256(certificate.getPublicKey().getEncoded());
            if (!options.fingerprints().contains(whole)
                    && !options.fingerprints().contains(key)) {
                throw new LinkException("the certificate of the server is not one that is pinned: its fingerprint is "
                        + whole + ", that of its public key " + key);
            }
        } catch (GeneralSecurityException e) {
            throw new LinkException("the certificate of the server has no fingerprint", e);
        }
    }

    /** When the files were written, 0 for one that is not there. */
    private static List<Long> times(TlsOptions options) {
        Stream<Path> own = options.identity().stream()
                .flatMap(identity -> identity instanceof TlsOptions.Identity.Pem pem
                        ? Stream.of(pem.chain(), pem.key())
                        : Stream.of(((TlsOptions.Identity.Pkcs12) identity).file()));
        return Stream.concat(options.authorities().stream(), own)
                .map(path -> path.toFile().lastModified())
                .toList();
    }

    private static SSLContext context(TlsOptions options) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys(options), trust(options), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("these TLS options cannot be used: " + e.getMessage(), e);
        }
    }

    /** Null, the JDK's defaults, does not cross this file. */
    private static TrustManager[] trust(TlsOptions options) throws GeneralSecurityException {
        if (!options.verified()) {
            return new TrustManager[] {new TrustsAnybody()};
        }
        if (options.authorities().isEmpty()) {
            return null;
        }
        KeyStore trusted = Pem.emptyStore();
        int count = 0;
        for (Path file : options.authorities()) {
            for (Certificate authority : Pem.certificates(file)) {
                trusted.setCertificateEntry("authority-" + count++, authority);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory.getTrustManagers();
    }

    private static KeyManager[] keys(TlsOptions options) throws GeneralSecurityException {
        if (options.identity().isEmpty()) {
            return null;
        }
        KeyStore store;
        char[] password;
        if (options.identity().get() instanceof TlsOptions.Identity.Pkcs12 pkcs12) {
            password = pkcs12.password().toCharArray();
            store = load(pkcs12.file(), password);
        } else {
            TlsOptions.Identity.Pem pem =
                    (TlsOptions.Identity.Pem) options.identity().get();
            password = new char[0];
            store = Pem.emptyStore();
            Certificate[] chain = Pem.certificates(pem.chain()).toArray(Certificate[]::new);
            store.setKeyEntry(
                    "client", Pem.privateKey(pem.key(), pem.password(), chain[0].getPublicKey()), password, chain);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private static KeyStore load(Path file, char[] password) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, password);
            return store;
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read the PKCS #12 file " + file + ": " + e.getMessage(), e);
        }
    }

    private static String sha256(byte[] bytes) throws GeneralSecurityException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** For who has switched verification off. It is an extended one because the JDK would add checks to another. */
    private static final class TrustsAnybody extends X509ExtendedTrustManager {
        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

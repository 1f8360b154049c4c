package io.mqttx.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority and what it signed, made for one test by the JDK's own keytool, with the files that servers want. */
final class Certificates {
    static final String PASSWORD = "password"; // of stores and keys

    private final Path folder;

    private Certificates(Path folder) {
        this.folder = folder;
    }

    /** A new authority, in {@code folder}. */
    static Certificates in(Path folder) throws IOException, GeneralSecurityException {
        Certificates made = new Certificates(folder);
        made.keytool(
                "-genkeypair", "-alias", "ca", "-dname", "CN=Test CA", "-ext", "bc:c", "-keystore", made.store("ca"));
        made.pem("CERTIFICATE", made.load("ca").getCertificate("ca").getEncoded(), made.ca());
        return made;
    }

    Path ca() {
        return folder.resolve("ca.pem");
    }

    Path certificate(String name) {
        return folder.resolve(name + ".pem");
    }

    Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /** Key and certificate in PKCS #12. */
    Path keyStore(String name) {
        return Path.of(store(name));
    }

    /** A certificate for this machine's loopback address under this name, in files of that name. */
    Certificates issue(String name) throws IOException, GeneralSecurityException {
        String request = folder.resolve(name + ".csr").toString();
        String signed = folder.resolve(name + ".crt").toString();
        Files.deleteIfExists(Path.of(store(name)));
        keytool("-genkeypair", "-alias", "key", "-dname", "CN=" + name, "-keystore", store(name));
        keytool("-certreq", "-alias", "key", "-keystore", store(name), "-file", request);
        keytool(
                "-gencert",
                "-alias",
                "ca",
                "-keystore",
                store("ca"),
                "-infile",
                request,
                "-outfile",
                signed,
                "-ext",
                "san=dns:localhost,ip:127.0.0.1");
        keytool("-importcert", "-noprompt", "-alias", "ca", "-keystore", store(name), "-file", ca().toString());
        keytool("-importcert", "-noprompt", "-alias", "key", "-keystore", store(name), "-file", signed);
        KeyStore keys = load(name);
        pem("CERTIFICATE", keys.getCertificate("key").getEncoded(), certificate(name));
        pem("PRIVATE KEY", keys.getKey("key", PASSWORD.toCharArray()).getEncoded(), key(name));
        return this;
    }

    /** What a client needs that trusts this authority. */
    SSLContext trusting() throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust().getTrustManagers(), null);
        return context;
    }

    /** The same for a client that shows the certificate of this name. */
    SSLContext trustingAs(String name) throws IOException, GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(load(name), PASSWORD.toCharArray());
        context.init(keys.getKeyManagers(), trust().getTrustManagers(), null);
        return context;
    }

    TrustManagerFactory trust() throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        Certificate authority = load("ca").getCertificate("ca");
        trusted.setCertificateEntry("ca", authority);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory;
    }

    private String store(String name) {
        return folder.resolve(name + ".p12").toString();
    }

    private KeyStore load(String name) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(Path.of(store(name)))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private void keytool(String... words) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(words));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        if (List.of(words).contains("-genkeypair")) {
            command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
        }
        try (RunningCommand run = RunningCommand.start(command)) {
            if (run.awaitEnd() != 0) {
                throw new IllegalStateException(command + ": " + run.lines());
            }
        }
    }

    private void pem(String type, byte[] bytes, Path file) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Path next = Files.createTempFile(folder, "pem", "");
        Files.writeString(next, "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }
}

package io.mqttx.client.link;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** An authority and what it signed, made for one test by the JDK's own keytool. */
public final class TestKeys {
    /** Of all stores and keys. */
    public static final String PASSWORD = "password";

    private final Path folder;

    private TestKeys(Path folder) {
        this.folder = folder;
    }

    /** A new authority, in {@code folder}. */
    public static TestKeys in(Path folder) throws IOException, GeneralSecurityException {
        TestKeys made = new TestKeys(folder);
        made.keytool("-alias", "ca", "-dname", "CN=Test CA", "-ext", "bc:c", "-keyalg", "EC", "-validity", "2");
        Files.writeString(
                made.pem("ca"), pem("CERTIFICATE", made.certificate("ca").getEncoded()));
        return made;
    }

    /** A certificate for localhost and 127.0.0.1, valid now. */
    public TestKeys issue(String name) throws IOException, GeneralSecurityException {
        return issue(name, "EC", "dns:localhost,ip:127.0.0.1", "-1d");
    }

    /** A certificate that is valid for two days from {@code start} on. */
    public TestKeys issue(String name, String algorithm, String names, String start)
            throws IOException, GeneralSecurityException {
        keytool(
                "-alias",
                name,
                "-signer",
                "ca",
                "-dname",
                "CN=" + name,
                "-ext",
                "san=" + names,
                "-keyalg",
                algorithm,
                "-startdate",
                start,
                "-validity",
                "2");
        Files.writeString(pem(name), pem("CERTIFICATE", certificate(name).getEncoded()));
        Files.writeString(key(name), pem("PRIVATE KEY", privateKey(name).getEncoded()));
        return this;
    }

    /** The certificate in PEM. */
    public Path pem(String name) {
        return folder.resolve(name + ".pem");
    }

    /** The key in PEM. */
    public Path key(String name) {
        return folder.resolve(name + ".key");
    }

    public Certificate certificate(String name) throws IOException, GeneralSecurityException {
        return all().getCertificate(name);
    }

    public Key privateKey(String name) throws IOException, GeneralSecurityException {
        return all().getKey(name, PASSWORD.toCharArray());
    }

    /** A PKCS #12 file with this key alone. */
    public Path pkcs12(String name) throws IOException, GeneralSecurityException {
        Path file = folder.resolve(name + "-alone.p12");
        try (var out = Files.newOutputStream(file)) {
            alone(name).store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    /** Shows this certificate, and trusts the authority. */
    public SSLContext context(String name) throws IOException, GeneralSecurityException {
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(alone(name), PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust().getTrustManagers(), null);
        return context;
    }

    /** A PKCS #8 key encrypted with the password, as {@code openssl pkcs8 -topk8} does it. */
    public static byte[] encrypted(byte[] pkcs8) throws IOException, GeneralSecurityException {
        String how = "PBEWithHmacSHA256AndAES_256";
        Cipher cipher = Cipher.getInstance(how);
        PBEKeySpec password = new PBEKeySpec(PASSWORD.toCharArray());
        cipher.init(Cipher.ENCRYPT_MODE, SecretKeyFactory.getInstance(how).generateSecret(password));
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("PBES2"); // the same by a name that has an OID
        parameters.init(cipher.getParameters().getEncoded());
        return new EncryptedPrivateKeyInfo(parameters, cipher.doFinal(pkcs8)).getEncoded();
    }

    public static String pem(String type, byte[] bytes) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n";
    }

    private TrustManagerFactory trust() throws IOException, GeneralSecurityException {
        KeyStore trusted = empty();
        trusted.setCertificateEntry("ca", certificate("ca"));
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        return factory;
    }

    private KeyStore alone(String name) throws IOException, GeneralSecurityException {
        KeyStore keys = empty();
        keys.setKeyEntry(name, privateKey(name), PASSWORD.toCharArray(), all().getCertificateChain(name));
        return keys;
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        return keys;
    }

    private KeyStore all() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve("all.p12"))) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private void keytool(String... words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.add("-genkeypair");
        command.addAll(List.of(words));
        command.addAll(List.of("-storetype", "PKCS12", "-storepass", PASSWORD));
        command.addAll(List.of("-keystore", folder.resolve("all.p12").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(command + ": " + output);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.link.Link;
import io.mqttx.client.link.LinkException;
import io.mqttx.client.link.TcpLink;
import io.mqttx.client.link.TestKeys;
import io.mqttx.client.link.TlsLink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the TLS options mean, against the JDK's own server. */
@Timeout(120)
class TlsContextTest {
    @TempDir
    static Path folder;

    private static TestKeys keys;

    private SSLServerSocket listener;
    private volatile String protocol = "";
    private volatile String clientName = "";
    private volatile long sessionsCreated;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = TestKeys.in(folder)
                .issue("server")
                .issue("client", "RSA", "dns:client", "-1d")
                .issue("other", "EC", "dns:other.example", "-1d")
                .issue("old", "EC", "dns:localhost", "-10d")
                .issue("early", "EC", "dns:localhost", "+10d");
        byte[] pkcs8 = keys.privateKey("client").getEncoded();
        byte[] pkcs1 = Arrays.copyOfRange(pkcs8, 26, pkcs8.length); // behind header, version and algorithm
        Files.writeString(folder.resolve("pkcs1.key"), "text\n" + TestKeys.pem("RSA PRIVATE KEY", pkcs1));
        Files.writeString(
                folder.resolve("encrypted.key"), TestKeys.pem("ENCRYPTED PRIVATE KEY", TestKeys.encrypted(pkcs8)));
    }

    @AfterEach
    void stop() throws IOException {
        if (listener != null) {
            listener.close();
        }
    }

    @Test
    void aServerOfAPrivateAuthorityIsTrustedByNameAndByAddress() throws Exception {
        serve("server", false);

        assertEquals('!', greeting(trusting(), "localhost"));
        assertEquals('!', greeting(trusting(), "127.0.0.1"));
    }

    @ParameterizedTest
    @CsvSource({
        "other, the certificate of the server is for another name: No subject alternative DNS name matching localhost found.",
        "old, the certificate of the server has expired: NotAfter: .*",
        "early, the certificate of the server is not valid yet: NotBefore: .*",
    })
    void aServerThatIsNotTheRightOneIsRefused(String name, String sentence) throws Exception {
        serve(name, false);

        LinkException failed = assertThrows(LinkException.class, () -> greeting(trusting(), "localhost"));

        assertTrue(failed.getMessage().matches(sentence), failed.getMessage());
    }

    @Test
    void withoutOptionsOnlyTheAuthoritiesOfTheJdkAreTrusted() throws Exception {
        serve("server", false);

        LinkException failed = assertThrows(LinkException.class, () -> greeting(TlsOptions.defaults(), "localhost"));

        assertEquals("the certificate of the server is by no authority that is trusted here", failed.getMessage());
    }

    @Test
    void whoConnectsIsToldInAnExceptionOfTheClient() throws Exception {
        serve("server", false);
        ClientOptions options = ClientOptions.builder()
                .host("localhost")
                .port(listener.getLocalPort())
                .tls(TlsOptions.defaults())
                .build();

        ConnectFailedException failed = assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options));

        assertTrue(
                failed.getMessage().endsWith("the certificate of the server is by no authority that is trusted here"),
                failed.getMessage());
    }

    @Test
    void aUsersContextIsCheckedForTheNameAsWell() throws Exception {
        serve("other", false);
        TlsOptions options = TlsOptions.defaults().withContext(keys.context("client"));

        LinkException failed = assertThrows(LinkException.class, () -> greeting(options, "localhost"));

        assertTrue(failed.getMessage().contains("for another name"), failed.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pem", "pkcs1", "encrypted", "pkcs12", "context"})
    void theCertificateOfTheClientIsShown(String how) throws Exception {
        serve("server", true);
        TlsOptions options = switch (how) {
            case "pem" -> trusting().withIdentity(keys.pem("client"), keys.key("client"));
            case "pkcs1" -> trusting().withIdentity(keys.pem("client"), folder.resolve("pkcs1.key"));
            case "encrypted" ->
                trusting().withIdentity(keys.pem("client"), folder.resolve("encrypted.key"), TestKeys.PASSWORD);
            case "pkcs12" ->
                trusting().withIdentity(new TlsOptions.Identity.Pkcs12(keys.pkcs12("client"), TestKeys.PASSWORD));
            default -> TlsOptions.defaults().withContext(keys.context("client"));
        };

        assertEquals('!', greeting(options, "localhost"));
        assertEquals("CN=client", clientName);
    }

    @Test
    void aRenewedCertificateIsShownByTheNextConnection() throws Exception {
        serve("server", true);
        Path chain = Files.copy(keys.pem("client"), folder.resolve("renewed.pem"));
        Path key = Files.copy(keys.key("client"), folder.resolve("renewed.key"));
        Links links = links(trusting().withIdentity(chain, key));
        assertEquals('!', greeting(links));
        assertEquals("CN=client", clientName);

        replace(chain, keys.pem("server"));
        replace(key, keys.key("server"));

        assertEquals('!', greeting(links));
        assertEquals("CN=server", clientName);
    }

    @Test
    void filesThatCannotBeUsedAnyMoreAreLeftAsideWithAWarning() throws Exception {
        serve("server", true);
        Path chain = Files.copy(keys.pem("client"), folder.resolve("half.pem"));
        Links links = links(trusting().withIdentity(chain, keys.key("client")));
        Warnings warnings = new Warnings("TLS goes on with the files as they were");

        try (warnings) {
            Files.delete(chain);
            assertEquals('!', greeting(links));
            Files.writeString(chain, "half a file");
            assertEquals('!', greeting(links));
        }

        assertEquals(2, warnings.count);
        assertEquals("CN=client", clientName);
    }

    @Test
    void filesThatHaveNotChangedAreNotReadAgain() {
        TlsContext context = TlsContext.of(trusting());

        assertSame(context, context.upToDate());
    }

    @Test
    void secretsOfAnIdentityAreNotShown() {
        TlsOptions options = trusting().withIdentity(keys.pem("client"), folder.resolve("encrypted.key"), "hushhush");

        assertFalse(options.toString().contains("hushhush"));
        assertTrue(options.toString().contains("encrypted.key"));
    }

    @Test
    void aCertificateThatIsMissedIsSaid() throws Exception {
        serve("server", true);

        IOException failed = assertThrows(IOException.class, () -> greeting(trusting(), "localhost"));

        assertTrue(
                failed instanceof SocketException // a reset that overtakes the alert
                        || failed.getMessage()
                                .startsWith("the server does not accept the certificate of this client, or misses"),
                failed.getMessage());
    }

    @Test
    void theServerIsToldItsNameAndTheProtocol() throws Exception {
        serve("server", false);
        TlsContext context =
                TlsContext.of(trusting().withProtocol("x-amzn-mqtt-ca").withProtocol("mqtt"));

        SSLEngine engine = context.engine("broker.example", 8883);

        assertEquals("broker.example", engine.getPeerHost()); // from which the JDK takes the name for SNI
        assertEquals('!', greeting(context, "localhost"));
        assertEquals("mqtt", protocol);
    }

    @Test
    void onlyTls12And13AreSpoken() {
        SSLEngine engine = TlsContext.of(TlsOptions.defaults()).engine("a", 1);

        assertEquals(List.of("TLSv1.3", "TLSv1.2"), List.of(engine.getEnabledProtocols()));
        assertEquals("HTTPS", engine.getSSLParameters().getEndpointIdentificationAlgorithm());
    }

    @Test
    void theNextLinkResumesTheSession() throws Exception {
        serve("server", false);
        TlsContext context = TlsContext.of(trusting());

        assertEquals('!', greeting(context, "localhost"));
        long first = sessionsCreated;
        assertEquals('!', greeting(context, "localhost"));

        assertEquals(first, sessionsCreated);
    }

    @Test
    void aFingerprintIsAskedForAsWell() throws Exception {
        serve("server", false);
        X509Certificate server = (X509Certificate) keys.certificate("server");
        String whole = sha256(server.getEncoded());
        String key = sha256(server.getPublicKey().getEncoded());
        String colons = key.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?!$)", "$1:");

        assertEquals('!', greeting(trusting().withFingerprint("00".repeat(32)).withFingerprint(whole), "localhost"));
        assertEquals('!', greeting(trusting().withFingerprint(colons), "localhost"));
        assertEquals('!', greeting(TlsOptions.defaults().withoutVerification().withFingerprint(key), "localhost"));
        LinkException failed = assertThrows(
                LinkException.class,
                () -> greeting(
                        TlsOptions.defaults().withoutVerification().withFingerprint("00".repeat(32)), "localhost"));
        assertTrue(failed.getMessage().contains("not one that is pinned: its fingerprint is " + whole));
        assertThrows(LinkException.class, () -> greeting(TlsOptions.defaults().withFingerprint(whole), "localhost"));
    }

    @Test
    void withoutVerificationEachConnectionLogsAWarning() throws Exception {
        serve("old", false);
        TlsContext context = TlsContext.of(TlsOptions.defaults().withoutVerification());
        Warnings warnings = new Warnings("without verification");

        try (warnings) {
            assertEquals('!', greeting(context, "127.0.0.1"));
            assertEquals('!', greeting(context, "127.0.0.1"));
        }

        assertEquals(2, warnings.count);
    }

    @Test
    void aFileThatCannotBeUsedIsNamed() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing\n");
        Path encrypted = folder.resolve("encrypted.key");
        Path damaged =
                Files.writeString(folder.resolve("damaged.key"), TestKeys.pem("ENCRYPTED PRIVATE KEY", new byte[] {1}));
        Path old = Files.writeString(folder.resolve("old.key"), """
                -----BEGIN RSA PRIVATE KEY-----
                Proc-Type: 4,ENCRYPTED
                DEK-Info: AES-256-CBC,00

                AAAA
                -----END RSA PRIVATE KEY-----
                """);

        assertNamed(TlsOptions.defaults().withAuthorities(folder.resolve("missing.pem")), "missing.pem");
        assertNamed(TlsOptions.defaults().withAuthorities(empty), "empty.pem");
        assertNamed(TlsOptions.defaults().withIdentity(keys.pem("client"), empty), "empty.pem");
        assertNamed(TlsOptions.defaults().withIdentity(keys.pem("client"), encrypted), "encrypted.key");
        assertNamed(
                TlsOptions.defaults().withIdentity(keys.pem("client"), encrypted, "wrong"),
                "encrypted.key: java.io.IOException: the password is wrong");
        assertNamed(TlsOptions.defaults().withIdentity(keys.pem("client"), damaged, "any"), "damaged.key");
        assertNamed(TlsOptions.defaults().withIdentity(keys.pem("client"), old, "any"), "openssl pkcs8 -topk8");
        assertNamed(TlsOptions.defaults().withIdentity(keys.pem("client"), keys.key("server")), "server.key");
        assertNamed(
                TlsOptions.defaults().withIdentity(new TlsOptions.Identity.Pkcs12(keys.pkcs12("client"), "wrong")),
                "client-alone.p12");
    }

    private static void assertNamed(TlsOptions options, String file) {
        ClientOptions client = ClientOptions.builder().tls(options).build();
        IllegalArgumentException failed =
                assertThrows(IllegalArgumentException.class, () -> MqttClient.connect(client));
        assertTrue(failed.getMessage().contains(file), failed.getMessage());
    }

    private TlsOptions trusting() {
        return TlsOptions.defaults().withAuthorities(keys.pem("ca"));
    }

    private char greeting(TlsOptions options, String host) throws Exception {
        return greeting(TlsContext.of(options), host);
    }

    private char greeting(TlsContext context, String host) throws Exception {
        int port = listener.getLocalPort();
        Link tcp = new TcpLink(host, port, 20_000_000_000L, () -> false);
        return greeting(new TlsLink(tcp, context.engine(host, port), context::checkFingerprint, Runnable::run));
    }

    private Links links(TlsOptions tls) {
        return Links.of(ClientOptions.builder().tls(tls).build());
    }

    private char greeting(Links links) throws Exception {
        return greeting(links.to(new ServerAddress("localhost", listener.getLocalPort())));
    }

    /** With another time than the file before, however coarse the clock of the files is. */
    private static void replace(Path file, Path by) throws IOException {
        FileTime before = Files.getLastModifiedTime(file);
        Files.copy(by, file, StandardCopyOption.REPLACE_EXISTING);
        Files.setLastModifiedTime(file, FileTime.fromMillis(before.toMillis() + 2_000));
    }

    /** Connects, and reads what the server says. */
    private static char greeting(Link link) throws Exception {
        try {
            link.open();
            byte[] one = new byte[1];
            assertEquals(1, link.read(one));
            return (char) one[0];
        } finally {
            link.close();
        }
    }

    private void serve(String name, boolean asksForCertificate) throws Exception {
        listener = (SSLServerSocket)
                keys.context(name).getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
        listener.setNeedClientAuth(asksForCertificate);
        Thread thread = new Thread(this::accept, "tls-server");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try (SSLSocket socket = (SSLSocket) listener.accept()) {
                socket.setHandshakeApplicationProtocolSelector((it, offered) -> offered.contains("mqtt") ? "mqtt" : "");
                socket.startHandshake();
                protocol = socket.getApplicationProtocol();
                sessionsCreated = socket.getSession().getCreationTime();
                if (listener.getNeedClientAuth()) {
                    clientName = ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                            .getSubjectX500Principal()
                            .getName();
                }
                socket.getOutputStream().write('!');
                int ignored = socket.getInputStream().read(); // until the client has read it and gone
            } catch (SSLException e) {
                // The client did not like what it saw, and the next one may.
            } catch (IOException e) {
                // Likewise, or the test is over.
            }
        }
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /** Counts what the context logs. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger(TlsContext.class.getName());
        private final String text;
        private volatile int count;

        Warnings(String text) {
            this.text = text;
            logger.addHandler(this);
        }

        @Override
        public synchronized void publish(LogRecord record) {
            if (record.getMessage().contains(text)) {
                count++;
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }
}

package io.mqttx.client.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both ends are links of ours here; how other people's servers are met stands in the end-to-end tests. */
@Timeout(120)
class TlsLinkTest {
    private static final byte[] LARGE = new byte[100_000];

    @TempDir
    static Path folder;

    private static SSLContext context;

    private PipeLink wire; // what the server's end writes to
    private TlsLink client;
    private TlsLink server;
    private SSLEngine serverEngine;

    @BeforeAll
    static void makeKeys() throws Exception {
        context = TestKeys.in(folder).issue("server").context("server");
        new Random(1).nextBytes(LARGE);
    }

    private void wire(int fragment, int room, String version) {
        PipeLink[] ends = PipeLink.pair(fragment, room);
        wire = ends[1];
        client = new TlsLink(ends[0], engine(true, version), session -> {}, Background.THREADS);
        serverEngine = engine(false, version);
        server = new TlsLink(wire, serverEngine, session -> {}, Background.THREADS);
    }

    private void open(int fragment, int room, String version) throws Exception {
        wire(fragment, room, version);
        CompletableFuture<Void> accepted = Background.start(server::open);
        Background.await(Background.start(client::open));
        Background.await(accepted);
    }

    @Test
    void whoIsWokenInTheMiddleOfARecordReadsItToItsEnd() throws Exception {
        open(PipeLink.ROOMY, PipeLink.ROOMY, "TLSv1.2");
        ByteBuffer record = ByteBuffer.allocate(serverEngine.getSession().getPacketBufferSize());
        serverEngine.wrap(ByteBuffer.wrap(new byte[] {1, 2, 3}), record);
        byte[] bytes = Arrays.copyOf(record.array(), record.position());
        CompletableFuture<Integer> woken = Background.call(() -> client.read(new byte[10]));
        wire.write(Arrays.copyOf(bytes, 7));
        Background.until(() -> !wire.isOtherEndBehind());

        assertTrue(client.wakeUp());
        assertEquals(Link.WOKEN, Background.await(woken));

        byte[] read = new byte[10];
        wire.write(Arrays.copyOfRange(bytes, 7, bytes.length));
        assertEquals(3, Background.await(Background.call(() -> client.read(read))));
        assertEquals(3, read[2]);
    }

    @ParameterizedTest
    @CsvSource({"1, TLSv1.3", "1, TLSv1.2", "7, TLSv1.3", "1000, TLSv1.2", "100000, TLSv1.3", "100000, TLSv1.2"})
    void bytesGoBothWaysHoweverTheyAreCut(int fragment, String version) throws Exception {
        open(fragment, PipeLink.ROOMY, version);

        CompletableFuture<Void> there = Background.start(() -> client.write(ByteBuffer.wrap(LARGE)));
        CompletableFuture<Void> back = Background.start(() -> {
            for (int i = 0; i < LARGE.length; i += 100) { // small records, many of them at once
                server.write(ByteBuffer.wrap(LARGE, i, 100));
            }
        });
        CompletableFuture<byte[]> gotThere = Background.call(() -> read(server, LARGE.length, 4096));

        assertArrayEquals(LARGE, Background.await(Background.call(() -> read(client, LARGE.length, 70_000))));
        assertArrayEquals(LARGE, Background.await(gotThere));
        Background.await(there);
        Background.await(back);
    }

    @Test
    void whoReadsOneByteAtATimeGetsThemAll() throws Exception {
        open(1000, PipeLink.ROOMY, "TLSv1.3");

        server.write(ByteBuffer.wrap(LARGE, 0, 20_000));

        assertArrayEquals(Arrays.copyOf(LARGE, 20_000), read(client, 20_000, 1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whatTheServerStillSendsAfterFinishIsRead(String version) throws Exception {
        open(1000, PipeLink.ROOMY, version);
        client.write(ByteBuffer.wrap(new byte[] {1}));
        server.write(ByteBuffer.wrap(new byte[] {2}));

        client.finish();

        assertEquals(1, read(server, 1, 10)[0]);
        assertEquals(-1, server.read(new byte[10]));
        assertEquals(2, read(client, 1, 10)[0]);
        server.finish();
        assertEquals(-1, client.read(new byte[10]));
        assertThrows(LinkException.class, () -> client.write(ByteBuffer.wrap(new byte[] {1})));
    }

    @Test
    void newKeysAreAnsweredAlthoughTheClientOnlyReads() throws Exception {
        open(1000, PipeLink.ROOMY, "TLSv1.3");

        for (int i = 0; i < 5; i++) {
            serverEngine.beginHandshake(); // asks for new keys (RFC 8446 §4.6.3)
            server.write(ByteBuffer.wrap(new byte[] {(byte) i}));
            assertEquals(i, read(client, 1, 10)[0]);
            Background.until(wire::hasArrived);
        }

        client.write(ByteBuffer.wrap(new byte[] {9}));
        assertEquals(9, read(server, 1, 10)[0]);
    }

    @Test
    void anEndBetweenTwoRecordsIsTheEnd() throws Exception {
        open(1000, PipeLink.ROOMY, "TLSv1.3");
        server.write(ByteBuffer.wrap(new byte[] {1}));

        wire.finish();

        assertEquals(1, read(client, 1, 10)[0]);
        assertEquals(-1, client.read(new byte[10]));
    }

    @Test
    void anEndInTheMiddleOfARecordIsAnError() throws Exception {
        open(1000, PipeLink.ROOMY, "TLSv1.3");

        wire.writeHex("17 0303 0100 0102");
        wire.finish();

        LinkException failed = assertThrows(LinkException.class, () -> client.read(new byte[10]));
        assertEquals("the server closed the connection in the middle of a TLS record", failed.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "'', the server closed the connection in the middle of the TLS handshake",
        "16 0303 0040 02, the server closed the connection in the middle of the TLS handshake",
        "15 0303 0002 0228, the server refused TLS: handshake_failure",
        "15 0303 0002 0274, 'the server does not accept the certificate of this client, or misses one: certificate_required'",
        "485454502f312e3120343030204261642052657175657374, the server does not speak TLS at this port",
        "20 02 00 05 00, the server does not speak TLS at this port",
    })
    void aServerThatIsRudeInTheHandshakeIsAnError(String hex, String sentence) throws Exception {
        wire(1000, PipeLink.ROOMY, "TLSv1.3");

        CompletableFuture<Void> opened = Background.start(client::open);
        wire.writeHex(hex);
        wire.finish();

        LinkException failed = assertThrows(LinkException.class, () -> Background.await(opened));
        assertEquals(sentence, failed.getMessage());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "17 0303 ffff 00",
                "17 0303 0020 0102030405060708091011121314151617181920212223242526272829303132",
                "ff ffff ffff ffff"
            })
    void whatCannotBeDecryptedIsAnError(String hex) throws Exception {
        open(1000, PipeLink.ROOMY, "TLSv1.3");

        wire.writeHex(hex);
        wire.finish();

        assertThrows(LinkException.class, () -> client.read(new byte[10]));
    }

    @Test
    void theServerLearnsWhyTheHandshakeFailed() throws Exception {
        wire(1000, PipeLink.ROOMY, "TLSv1.3");
        PipeLink[] ends = PipeLink.pair(1000, PipeLink.ROOMY);
        SSLContext ofTheJdk = SSLContext.getInstance("TLS");
        ofTheJdk.init(null, null, null);
        SSLEngine engine = ofTheJdk.createSSLEngine("localhost", 8883);
        engine.setUseClientMode(true);
        TlsLink stranger = new TlsLink(ends[0], engine, session -> {}, Background.THREADS);
        TlsLink asked = new TlsLink(ends[1], serverEngine, session -> {}, Background.THREADS);
        CompletableFuture<Void> accepted = Background.start(asked::open);

        LinkException failed = assertThrows(LinkException.class, stranger::open);

        assertEquals("the certificate of the server is by no authority that is trusted here", failed.getMessage());
        LinkException told = assertThrows(LinkException.class, () -> Background.await(accepted));
        assertTrue(told.getMessage().endsWith("certificate_unknown"), told.getMessage());
    }

    @Test
    void closingEndsAWriteThatIsStuckAndAReadThatWaits() throws Exception {
        open(1000, 2000, "TLSv1.3");
        CompletableFuture<Void> writer = Background.start(() -> client.write(ByteBuffer.wrap(LARGE)));
        CompletableFuture<Integer> reader = Background.call(() -> client.read(new byte[10]));
        Background.until(wire::isOtherEndStuck);

        Background.await(Background.start(client::close));

        assertThrows(IOException.class, () -> Background.await(writer));
        assertThrows(IOException.class, () -> Background.await(reader));
    }

    @Test
    void closingEndsAHandshake() {
        wire(1000, PipeLink.ROOMY, "TLSv1.3");
        CompletableFuture<Void> opened = Background.start(client::open);

        client.close();

        assertThrows(IOException.class, () -> Background.await(opened));
    }

    private static SSLEngine engine(boolean isClient, String version) {
        SSLEngine engine = context.createSSLEngine("localhost", 8883);
        engine.setUseClientMode(isClient);
        engine.setEnabledProtocols(new String[] {version});
        return engine;
    }

    private static byte[] read(Link link, int count, int buffer) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = new byte[buffer];
        while (all.size() < count) {
            int length = link.read(some);
            if (length < 0) {
                throw new IOException("the end, after " + all.size() + " bytes");
            }
            all.write(some, 0, length);
        }
        return all.toByteArray();
    }
}

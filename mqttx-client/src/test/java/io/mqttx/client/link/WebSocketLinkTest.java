package io.mqttx.client.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WebSocketLinkTest {
    private static final Pattern KEY = Pattern.compile("Sec-WebSocket-Key: (\\S+)\r\n");

    private PipeLink server;
    private WebSocketLink link;

    private void wire(int fragment, int room) {
        PipeLink[] ends = PipeLink.pair(fragment, room);
        server = ends[1];
        link = new WebSocketLink(
                ends[0], "broker:8083", "/mqtt?a=b", Map.of("X-Own", "yes"), new Random(7), Background.THREADS);
    }

    /** Opens the link, and answers with what this makes of the right answer. */
    private CompletableFuture<Void> open(String from, String to) throws Exception {
        CompletableFuture<Void> opened = Background.start(link::open);
        Matcher key = KEY.matcher(server.readHead());
        assertTrue(key.find());
        server.writeText(
                ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
                                + "Sec-WebSocket-Accept: " + accept(key.group(1))
                                + "\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n")
                        .replaceFirst(from, to));
        return opened;
    }

    private void opened(int fragment) throws Exception {
        wire(fragment, PipeLink.ROOMY);
        Background.await(open("x", "x"));
    }

    @Test
    @Statement("MQTT-6.0.0-3")
    void theRequestSaysWhatIsWanted() throws Exception {
        wire(1000, PipeLink.ROOMY);
        CompletableFuture<Void> opened = Background.start(link::open);

        String head = server.readHead();
        server.close();

        assertTrue(head.startsWith("GET /mqtt?a=b HTTP/1.1\r\nHost: broker:8083\r\n"), head);
        for (String field : new String[] {
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: mqtt",
            "X-Own: yes"
        }) {
            assertTrue(head.contains("\r\n" + field + "\r\n"), head);
        }
        Matcher key = KEY.matcher(head);
        assertTrue(key.find());
        assertEquals(16, Base64.getDecoder().decode(key.group(1)).length);
        assertThrows(IOException.class, () -> Background.await(opened));
    }

    @Test
    void theAcceptKeyOfTheRfcIsTheOneThatTheseTestsGive() throws Exception {
        assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept("dGhlIHNhbXBsZSBub25jZQ=="));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "101 Switching Protocols|403 Forbidden|the server does not open a WebSocket: 403 Forbidden",
                "101 Switching Protocols|301 Moved|the server does not open a WebSocket: 301 Moved",
                "101 Switching Protocols|407|the server does not open a WebSocket: 407",
                "101 Switching Protocols|200 OK|the server does not open a WebSocket: 200 OK",
                "Upgrade: WebSocket|Upgrade: h2c|the server breaks the WebSocket handshake: it does not confirm the upgrade",
                "keep-alive, Upgrade|close|the server breaks the WebSocket handshake: it does not confirm the upgrade",
                "Accept: |Accept: x|the server breaks the WebSocket handshake: its accept key is not the answer to ours",
                "Accept|Except|the server breaks the WebSocket handshake: its accept key is not the answer to ours",
                "Protocol: mqtt|Protocol: mqttv3.1|the server breaks the WebSocket handshake: it does not pick the subprotocol mqtt [MQTT-6.0.0-4]",
                "Sec-WebSocket-Protocol|X|the server breaks the WebSocket handshake: it does not pick the subprotocol mqtt [MQTT-6.0.0-4]",
                "Upgrade: WebSocket|Sec-WebSocket-Extensions: permessage-deflate#Upgrade: WebSocket|the server breaks the WebSocket handshake: it uses an extension that nobody asked for",
                "HTTP/1.1 101|\u00ff\u0003\u0003|the server does not speak HTTP: it sends ?",
            })
    void anAnswerThatIsNotTheRightOneIsRefused(String from, String to, String sentence) throws Exception {
        wire(5, PipeLink.ROOMY);

        CompletableFuture<Void> opened = open(from, to.replace("#", "\r\n"));

        LinkException failed = assertThrows(LinkException.class, () -> Background.await(opened));
        assertEquals(sentence, failed.getMessage());
    }

    @Test
    void headersWithoutEndEnd() throws Exception {
        wire(1000, PipeLink.ROOMY);
        CompletableFuture<Void> opened = open("\r\n\r\n", "\r\n" + "A: b\r\n".repeat(5000));

        LinkException failed = assertThrows(LinkException.class, () -> Background.await(opened));
        assertEquals("the head of the answer of the server has over 16384 bytes", failed.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000, 100_000})
    @Statement("MQTT-6.0.0-2")
    void bytesComeOutOfFramesHoweverTheyAreCut(int fragment) throws Exception {
        // given
        opened(fragment);
        byte[] medium = bytes(300);
        byte[] large = bytes(70_000);

        // when
        server.writeHex("02 03 616263"); // begins a message
        server.writeHex("89 02 0102"); // a ping inside of it
        server.writeHex("00 00"); // nothing
        server.writeHex("80 02 6465"); // ends it
        server.writeHex("8a 00"); // a pong that nobody asked for
        server.writeHex("82 7e 012c");
        server.write(medium);
        server.writeHex("82 7f 0000000000011170");
        server.write(large);
        server.finish();

        // then
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes("abcde".getBytes(StandardCharsets.US_ASCII));
        expected.writeBytes(medium);
        expected.writeBytes(large);
        assertArrayEquals(expected.toByteArray(), readAll(fragment));
        assertArrayEquals(new byte[] {1, 2}, readFrame(0x8A));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "81 01 61|the server sent text, and MQTT goes in binary frames [MQTT-6.0.0-1]",
                "82 81 01020304 60|the server breaks WebSocket: a frame of the server is masked (RFC 6455 §5.1)",
                "c2 01 61|the server breaks WebSocket: reserved bits are set (RFC 6455 §5.2)",
                "83 01 61|the server breaks WebSocket: opcode 3 means nothing (RFC 6455 §5.2)",
                "8b 00|the server breaks WebSocket: opcode 11 means nothing (RFC 6455 §5.2)",
                "80 01 61|the server breaks WebSocket: there is nothing to go on with (RFC 6455 §5.4)",
                "02 00 82 00|the server breaks WebSocket: a message begins inside of another (RFC 6455 §5.4)",
                "09 00|the server breaks WebSocket: a control frame is too large or in parts (RFC 6455 §5.5)",
                "89 7e 007e|the server breaks WebSocket: a control frame is too large or in parts (RFC 6455 §5.5)",
                "88 01 03|the server breaks WebSocket: the status of a close frame has two bytes (RFC 6455 §5.5.1)",
                "82 7e 0001 61|the server breaks WebSocket: a length is not in its shortest form, or over 63 bits (RFC 6455 §5.2)",
                "82 7f 0000000000000001|the server breaks WebSocket: a length is not in its shortest form, or over 63 bits (RFC 6455 §5.2)",
                "82 7f 8000000000000000|the server breaks WebSocket: a length is not in its shortest form, or over 63 bits (RFC 6455 §5.2)",
                "82 7f 0000000040000001|the server breaks WebSocket: a frame of 1073741825 bytes is more than MQTT could fill (RFC 6455 §10.4)",
                "82|the server closed the connection in the middle of an answer",
                "82 02 61|the server closed the connection in the middle of an answer",
                "02 01 61|the server closed the connection in the middle of an answer",
                "88 04 03f0 6e6f|the server closed the WebSocket with status 1008: no",
            })
    @Statement("MQTT-6.0.0-1")
    void whatBreaksTheRfcEndsTheConnection(String hex, String sentence) throws Exception {
        opened(1);

        server.writeHex(hex);
        server.finish();

        LinkException failed = assertThrows(LinkException.class, () -> readAll(10));
        assertEquals(sentence, failed.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 8, 125, 126, 127, 5000, 65_528, 65_529, 200_000})
    void whatIsWrittenGoesMaskedWithAKeyOfItsOwn(int size) throws Exception {
        // given
        opened(1000);
        byte[] sent = bytes(size);

        // when
        CompletableFuture<Void> written = Background.start(() -> {
            link.write(ByteBuffer.wrap(sent));
            link.write(ByteBuffer.wrap(sent));
        });

        // then
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        for (int copy = 1; copy <= 2; copy++) {
            do {
                got.writeBytes(readFrame(0x82));
            } while (got.size() < copy * size);
        }
        Background.await(written);
        assertArrayEquals(sent, Arrays.copyOf(got.toByteArray(), size));
        assertArrayEquals(sent, Arrays.copyOfRange(got.toByteArray(), size, 2 * size));
    }

    @Test
    void noMaskComesTwice() throws Exception {
        opened(1000);

        link.write(ByteBuffer.wrap(new byte[4]));
        link.write(ByteBuffer.wrap(new byte[4]));

        assertEquals("8284", server.readHex(2));
        String first = server.readHex(4);
        assertEquals(first, server.readHex(4)); // zeros, masked, are the mask
        assertEquals("8284", server.readHex(2));
        assertNotEquals(first, server.readHex(4));
    }

    @Test
    void finishSaysGoodbyeAndWhatTheServerStillSendsIsRead() throws Exception {
        opened(1000);

        link.finish();

        assertArrayEquals(new byte[] {3, (byte) 0xE8}, readFrame(0x88));
        server.writeHex("82 01 61 88 02 03e8");
        assertEquals("61", HexFormat.of().formatHex(readAll(10)));
        assertThrows(LinkException.class, () -> link.write(ByteBuffer.wrap(new byte[] {1})));
        assertEquals(-1, link.read(new byte[1]));
    }

    @Test
    void theGoodbyeOfTheServerIsAnswered() throws Exception {
        opened(1000);

        server.writeHex("88 00");

        assertEquals(-1, link.read(new byte[10]));
        assertArrayEquals(new byte[] {3, (byte) 0xE8}, readFrame(0x88));
    }

    @Test
    void aPingIsNoReasonToStopReadingWhileAWriterIsStuck() throws Exception {
        // given a server that reads nothing
        wire(1000, 1000);
        Background.await(open("x", "x"));
        CompletableFuture<Void> writer = Background.start(() -> link.write(ByteBuffer.wrap(bytes(5000))));
        Background.until(server::isOtherEndStuck);

        // when
        for (int i = 0; i < 100; i++) {
            server.writeHex("89 01 0" + i % 10); // answered once, if ever
        }
        server.writeHex("82 01 61");

        // then
        byte[] into = new byte[10];
        assertEquals(1, Background.await(Background.call(() -> link.read(into))));
        link.close();
        assertThrows(IOException.class, () -> Background.await(writer));
        assertThrows(IOException.class, () -> link.read(into));
    }

    @Test
    void theGoodbyeOfAServerThatReadsNothingIsNotWaitedForLong() throws Exception {
        wire(1000, 1000);
        Background.await(open("x", "x"));
        CompletableFuture<Void> writer = Background.start(() -> link.write(ByteBuffer.wrap(bytes(5000))));
        Background.until(server::isOtherEndStuck);

        server.writeHex("88 00");

        assertEquals(-1, Background.await(Background.call(() -> link.read(new byte[10]))));
        link.close();
        assertThrows(IOException.class, () -> Background.await(writer));
    }

    /** The payload of a masked frame that begins with this byte. */
    private byte[] readFrame(int first) throws IOException {
        assertEquals(HexFormat.of().toHexDigits((byte) first), server.readHex(1));
        int length = server.read(1)[0] & 0xFF;
        assertTrue(length >= 0x80, "masked");
        length -= 0x80;
        assertTrue(length < 127, "two bytes of length do");
        if (length == 126) {
            length = ByteBuffer.wrap(server.read(2)).getShort() & 0xFFFF;
            assertTrue(length > 125, "the shortest form");
        }
        byte[] key = server.read(4);
        byte[] payload = server.read(length);
        for (int i = 0; i < length; i++) {
            payload[i] ^= key[i % 4];
        }
        return payload;
    }

    private byte[] readAll(int buffer) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = new byte[buffer];
        for (int length = link.read(some); length >= 0; length = link.read(some)) {
            all.write(some, 0, length);
        }
        return all.toByteArray();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static String accept(String key) throws Exception {
        return Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-1")
                        .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII)));
    }
}

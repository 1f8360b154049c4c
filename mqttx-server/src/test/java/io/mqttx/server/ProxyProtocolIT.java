package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.TlsOptions;
import io.mqttx.transport.netty.IoMethod;
import io.mqttx.transport.netty.NettyTransport;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy in front of the broker says where each client is. */
class ProxyProtocolIT {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final byte[] CONNECT = HEX.parseHex("100C00044D5154540402003C0000");
    private static final String CONNACK = "20020000";
    private static final String V2 = "0D0A0D0A000D0A515549540A"; // the signature of version 2
    private static final byte[] V1 = ascii("PROXY TCP4 192.0.2.1 198.51.100.1 56324 1883\r\n");
    private static final int PATIENCE_MILLIS = 20_000;

    private static final BlockingQueue<String> ADDRESSES = new LinkedBlockingQueue<>();

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static Broker broker;

    @BeforeAll
    static void startBroker() throws Exception {
        certificates = Certificates.in(folder).issue("server");
        Listener listener = Listener.tcp("127.0.0.1", 0).withProxyProtocol();
        TlsOptions tls = TlsOptions.of(certificates.certificate("server"), certificates.key("server"));
        broker = Broker.builder()
                .transport(new NettyTransport(2, IoMethod.AUTO))
                .handler(ProxyProtocolIT::noting)
                .listen(listener)
                .listen(listener.withTls(tls))
                .listen(listener.withWebSocket("/mqtt"))
                .start();
    }

    @AfterAll
    static void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void version1TellsTheAddressOfTheClient() throws Exception {
        assertEquals("192.0.2.1:56324", addressAfter(V1));
        assertEquals(
                "[2001:db8:0:0:0:0:0:1]:56324",
                addressAfter(ascii("PROXY TCP6 2001:db8::1 2001:db8::2 56324 1883\r\n")));
    }

    @Test
    void version2TellsTheAddressOfTheClientAndItsFurtherFieldsAreSkipped() throws Exception {
        String four = "C0000201" + "C6336401" + "DC04" + "075B";
        assertEquals("192.0.2.1:56324", addressAfter(HEX.parseHex(V2 + "2111000C" + four)));
        assertEquals("192.0.2.1:56324", addressAfter(HEX.parseHex(V2 + "21110012" + four + "040003" + "616263")));
        String six = "20010DB8000000000000000000000001" + "20010DB8000000000000000000000002" + "DC04" + "075B";
        assertEquals("[2001:db8:0:0:0:0:0:1]:56324", addressAfter(HEX.parseHex(V2 + "21210024" + six)));
    }

    @Test
    void aConnectionOfTheProxysOwnKeepsItsAddress() throws Exception {
        assertTrue(addressAfter(ascii("PROXY UNKNOWN\r\n")).startsWith("127.0.0.1:"));
        assertTrue(addressAfter(HEX.parseHex(V2 + "20000000")).startsWith("127.0.0.1:"));
    }

    @Test
    void theHeaderMayComeByteByByte() throws Exception {
        try (Socket socket = socket(0)) {
            socket.setTcpNoDelay(true);
            for (byte one : V1) {
                socket.getOutputStream().write(one);
            }
            socket.getOutputStream().write(CONNECT);

            assertEquals(CONNACK, read(socket, 4));
            assertEquals("192.0.2.1:56324", told());
        }
    }

    @Test
    void theHeaderStandsInFrontOfTls() throws Exception {
        try (Socket plain = socket(1)) {
            plain.getOutputStream().write(V1);
            try (SSLSocket secure = (SSLSocket) certificates
                    .trusting()
                    .getSocketFactory()
                    .createSocket(plain, "localhost", plain.getPort(), true)) {
                secure.getOutputStream().write(CONNECT);

                assertEquals(CONNACK, read(secure, 4));
                assertEquals("192.0.2.1:56324", told());
            }
        }
    }

    @Test
    void theHeaderStandsInFrontOfWebSocket() throws Exception {
        try (Socket socket = socket(2)) {
            socket.getOutputStream().write(V1);
            List<String> request = List.of(
                    "GET /mqtt HTTP/1.1",
                    "Host: localhost",
                    "Upgrade: websocket",
                    "Connection: Upgrade",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
                    "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Protocol: mqtt");
            socket.getOutputStream().write(ascii(String.join("\r\n", request) + "\r\n\r\n"));
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("\r\n\r\n") < 0) {
                answer.append(Character.toChars(socket.getInputStream().read()));
            }
            assertTrue(answer.toString().startsWith("HTTP/1.1 101"), answer.toString());
            socket.getOutputStream()
                    .write(HEX.parseHex("828E00000000")); // binary, 14 bytes, a mask that changes nothing
            socket.getOutputStream().write(CONNECT);

            assertEquals("8204" + CONNACK, read(socket, 6));
            assertEquals("192.0.2.1:56324", told());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "100C00044D5154540402003C0000", // a CONNECT at once
                "50524F5859204A554E4B4A554E4B0D0A", // PROXY JUNKJUNK
                "50524F585920544350342061206220632064200D0A", // PROXY TCP4 a b c d
                "0D0A0D0A000D0A515549540A3111000CC0000201C6336401DC04075B", // version 3
                "0D0A0D0A000D0A515549540A2111FFFFC0000201C6336401DC04075B", // 65,535 bytes of fields
            })
    void withoutAGoodHeaderAConnectionIsClosed(String bytes) throws Exception {
        try (Socket socket = socket(0)) {
            socket.getOutputStream().write(HEX.parseHex(bytes));
            assertIsClosed(socket);
        }
    }

    @Test
    void aHeaderThatDoesNotEndIsCutOff() throws Exception {
        try (Socket socket = socket(0)) {
            socket.getOutputStream().write(ascii("PROXY TCP4 " + "1".repeat(200)));
            assertIsClosed(socket);
        }
    }

    @Test
    void whoSendsNothingIsClosed() throws Exception {
        try (Socket socket = socket(0)) {
            assertIsClosed(socket);
        }
    }

    private static void assertIsClosed(Socket socket) throws IOException {
        try {
            assertEquals(-1, socket.getInputStream().read());
        } catch (SocketException reset) {
            assertTrue(reset.getMessage().contains("reset"), reset.getMessage());
        }
    }

    private static String addressAfter(byte[] header) throws Exception {
        try (Socket socket = socket(0)) {
            socket.getOutputStream().write(header);
            socket.getOutputStream().write(CONNECT);
            assertEquals(CONNACK, read(socket, 4));
            return told();
        }
    }

    private static BrokerHandler noting(Connecting client) {
        ADDRESSES.add(client.remoteAddress());
        return BrokerHandler.allowAll();
    }

    private static String told() throws InterruptedException {
        String address = ADDRESSES.poll(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        return address == null ? "nothing" : address;
    }

    private static Socket socket(int listener) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), broker.ports().get(listener));
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static String read(Socket socket, int length) throws IOException {
        byte[] answer = new byte[length];
        new DataInputStream(socket.getInputStream()).readFully(answer);
        return HEX.formatHex(answer);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

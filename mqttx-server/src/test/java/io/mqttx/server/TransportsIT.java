package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.MqttWebSocketConfig;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.io.DataInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS, WebSocket and Unix sockets, with clients of other people. */
class TransportsIT {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final byte[] CONNECT = HEX.parseHex("100C00044D5154540402003C0000");
    private static final String CONNACK = "20020000";

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() throws Exception {
        certificates = Certificates.in(folder).issue("server").issue("client");
        broker = BrokerProcess.start(
                "--tls-port",
                "0",
                "--ws-port",
                "0",
                "--wss-port",
                "0",
                "--unix",
                folder.resolve("mqtt.sock").toString(),
                "--cert",
                certificates.certificate("server").toString(),
                "--key",
                certificates.key("server").toString());
    }

    @AfterAll
    static void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void messagesGoThroughTls() throws Exception {
        assertGoesThrough(client("tls", broker.port("TLS")).sslConfig(trusting()));
    }

    @Test
    void messagesGoThroughWebSocket() throws Exception {
        assertGoesThrough(client("ws", broker.port("WebSocket")).webSocketConfig(mqttPath()));
    }

    @Test
    void messagesGoThroughSecureWebSocket() throws Exception {
        assertGoesThrough(client("wss", broker.port("secure WebSocket"))
                .sslConfig(trusting())
                .webSocketConfig(mqttPath()));
    }

    @Test
    void aUnixSocketIsServedAndRemovedInTheEnd() throws IOException {
        Path path = folder.resolve("own.sock");
        try (BrokerProcess own = BrokerProcess.start("--unix", path.toString())) {
            own.awaitLine("Listening for MQTT at .*own.sock \\(Unix socket.*");
            try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                socket.connect(UnixDomainSocketAddress.of(path));
                socket.write(ByteBuffer.wrap(CONNECT));
                ByteBuffer answer = ByteBuffer.allocate(4);
                while (answer.hasRemaining() && socket.read(answer) >= 0) {
                    // until the CONNACK is whole
                }
                assertEquals(CONNACK, HEX.formatHex(answer.array()));
            }
            own.stop();
            assertFalse(Files.exists(path));
        }
    }

    @Test
    void withoutTheCertificateThatIsAskedForNobodyComesIn() throws Exception {
        try (BrokerProcess strict = BrokerProcess.start(
                "--tls-port", "0",
                "--cert", certificates.certificate("server").toString(),
                "--key", certificates.key("server").toString(),
                "--client-ca", certificates.ca().toString())) {
            int port = strict.port("TLS");
            try (SSLSocket stranger = socket(certificates.trusting(), port)) {
                assertThrows(
                        IOException.class,
                        () -> { // an alert, or a reset where that overtakes it
                            stranger.getOutputStream().write(CONNECT); // TLS 1.3 tells the client with its first read
                            connAckFrom(stranger);
                        });
            }
            try (SSLSocket known = socket(certificates.trustingAs("client"), port)) {
                known.getOutputStream().write(CONNECT);
                assertEquals(CONNACK, connAckFrom(known));
            }
        }
    }

    @Test
    void aNewCertificateIsUsedWithoutRestart() throws Exception {
        Path own = Files.createDirectory(folder.resolve("renewed"));
        Certificates renewed = Certificates.in(own).issue("server");
        try (BrokerProcess tls = BrokerProcess.start(
                "--tls-port", "0",
                "--cert", renewed.certificate("server").toString(),
                "--key", renewed.key("server").toString())) {
            BigInteger before = serialNumber(renewed, tls.port("TLS"));

            renewed.issue("server");

            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            BigInteger now = serialNumber(renewed, tls.port("TLS"));
            while (now.equals(before) && System.nanoTime() < deadline) {
                now = serialNumber(renewed, tls.port("TLS"));
            }
            assertFalse(now.equals(before));
        }
    }

    @Test
    void httpThatIsNoWebSocketRequestForOurPathIsAnsweredAndClosed() throws IOException {
        assertEquals("HTTP/1.1 404 Not Found", firstLineOfAnswerTo("GET /other"));
        assertTrue(firstLineOfAnswerTo("GET /mqtt").startsWith("HTTP/1.1 4"));
        assertTrue(firstLineOfAnswerTo("POST /mqtt").startsWith("HTTP/1.1 4"));
    }

    private static String firstLineOfAnswerTo(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port("WebSocket"))) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write((request + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            return answer.lines().findFirst().orElse("closed without a word");
        }
    }

    @Test
    @Statement("MQTT-6.0.0-1")
    @Statement(value = "MQTT-6.0.0-1", version = Version.V3_1_1)
    void aTextFrameClosesTheConnection() {
        Frames frames = new Frames();
        WebSocket socket = open(frames);

        socket.sendText("hello", true).join();

        assertEquals(1003, frames.closed.orTimeout(20, TimeUnit.SECONDS).join());
    }

    @Test
    @Statement("MQTT-6.0.0-2")
    @Statement("MQTT-6.0.0-3")
    @Statement("MQTT-6.0.0-4")
    @Statement(value = "MQTT-6.0.0-2", version = Version.V3_1_1)
    @Statement(value = "MQTT-6.0.0-3", version = Version.V3_1_1)
    @Statement(value = "MQTT-6.0.0-4", version = Version.V3_1_1)
    void packetsSpanFramesAndShareThem() {
        Frames frames = new Frames();
        WebSocket socket = open(frames);
        assertEquals("mqtt", socket.getSubprotocol());

        byte[] pingReq = {(byte) 0xC0, 0};
        socket.sendBinary(ByteBuffer.wrap(CONNECT, 0, 5), true).join();
        ByteBuffer rest = ByteBuffer.allocate(CONNECT.length - 5 + 2);
        socket.sendBinary(rest.put(CONNECT, 5, CONNECT.length - 5).put(pingReq).flip(), true)
                .join();

        assertEquals(CONNACK + "D000", frames.await(6));
    }

    private static void assertGoesThrough(Mqtt5ClientBuilder builder) throws InterruptedException {
        Mqtt5BlockingClient client = builder.buildBlocking();
        byte[] payload = new byte[100_000];
        payload[99_999] = 42;
        try (Mqtt5BlockingClient.Mqtt5Publishes messages = client.publishes(MqttGlobalPublishFilter.ALL)) {
            client.connect();
            client.subscribeWith()
                    .topicFilter("through/#")
                    .qos(MqttQos.EXACTLY_ONCE)
                    .send();
            for (MqttQos qos : MqttQos.values()) {
                client.publishWith()
                        .topic("through/" + qos)
                        .qos(qos)
                        .payload(payload)
                        .send();
                Mqtt5Publish message = messages.receive(20, TimeUnit.SECONDS).orElseThrow();
                assertEquals(qos, message.getQos());
                assertEquals(42, message.getPayloadAsBytes()[99_999]);
            }
        } finally {
            client.disconnect();
        }
    }

    private static Mqtt5ClientBuilder client(String id, int port) {
        return Mqtt5Client.builder().identifier(id).serverHost("localhost").serverPort(port);
    }

    private static MqttClientSslConfig trusting() throws Exception {
        return MqttClientSslConfig.builder()
                .trustManagerFactory(certificates.trust())
                .build();
    }

    private static MqttWebSocketConfig mqttPath() {
        return MqttWebSocketConfig.builder().serverPath("mqtt").build();
    }

    private static SSLSocket socket(SSLContext context, int port) throws IOException {
        return (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    }

    private static String connAckFrom(SSLSocket socket) throws IOException {
        byte[] answer = new byte[4];
        new DataInputStream(socket.getInputStream()).readFully(answer);
        return HEX.formatHex(answer);
    }

    private static BigInteger serialNumber(Certificates trusted, int port) throws Exception {
        try (SSLSocket socket = socket(trusted.trusting(), port)) {
            X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return shown.getSerialNumber();
        }
    }

    private static WebSocket open(Frames frames) {
        try {
            return HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .subprotocols("mqtt")
                    .buildAsync(URI.create("ws://127.0.0.1:" + broker.port("WebSocket") + "/mqtt"), frames)
                    .join();
        } catch (CompletionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** What a WebSocket got. */
    private static final class Frames implements WebSocket.Listener {
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final Inbox inbox = new Inbox();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            while (data.hasRemaining()) {
                inbox.add(new PeerClient.Received("", new byte[] {data.get()}, 0, false));
            }
            socket.request(1);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed.complete(status);
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            closed.completeExceptionally(error);
        }

        String await(int bytes) {
            StringBuilder hex = new StringBuilder();
            try {
                inbox.await(bytes).forEach(one -> hex.append(HEX.formatHex(one.payload())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
            return hex.toString();
        }
    }
}

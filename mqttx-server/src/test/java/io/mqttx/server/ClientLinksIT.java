package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mqttx.client.ClientOptions;
import io.mqttx.client.ConnectFailedException;
import io.mqttx.client.Message;
import io.mqttx.client.MqttClient;
import io.mqttx.client.ProxyOptions;
import io.mqttx.client.TlsOptions;
import io.mqttx.packet.QoS;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client over every combination of its layers, to our broker and to Mosquitto. */
@Timeout(120)
class ClientLinksIT {
    private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");

    @TempDir
    static Path folder;

    private static Certificates certificates;
    private static BrokerProcess broker;
    private static RelayingProxy proxy;

    @BeforeAll
    static void start() throws Exception {
        certificates = Certificates.in(folder).issue("server").issue("client");
        broker = BrokerProcess.start(
                "--tls-port", "0",
                "--ws-port", "0",
                "--wss-port", "0",
                "--cert", certificates.certificate("server").toString(),
                "--key", certificates.key("server").toString());
        proxy = new RelayingProxy();
    }

    @AfterAll
    static void stop() throws IOException {
        if (broker != null) {
            broker.close();
        }
        if (proxy != null) {
            proxy.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "none, mqtt, MQTT", "none, mqtts, TLS", "none, ws, WebSocket", "none, wss, secure WebSocket",
        "http, mqtt, MQTT", "http, mqtts, TLS", "http, ws, WebSocket", "http, wss, secure WebSocket",
        "socks, mqtt, MQTT", "socks, mqtts, TLS", "socks, ws, WebSocket", "socks, wss, secure WebSocket",
    })
    void messagesGoThroughEveryCombination(String way, String scheme, String kind) throws Exception {
        int port = kind.equals("MQTT") ? broker.port() : broker.port(kind);
        ClientOptions.Builder options = options(scheme, port);
        if (way.equals("http")) {
            options.proxy(
                    ProxyOptions.http("127.0.0.1", proxy.port()).withLogin(RelayingProxy.USER, RelayingProxy.PASSWORD));
        } else if (way.equals("socks")) {
            options.proxy(ProxyOptions.socks5("127.0.0.1", proxy.port())
                    .withLogin(RelayingProxy.USER, RelayingProxy.PASSWORD));
        }

        assertGoesThrough(options.build(), 300_000);

        assertEquals(!way.equals("none"), proxy.targets().contains("localhost:" + port), proxy.targets()::toString);
        proxy.targets().clear();
    }

    @Test
    void aProxyThatWantsALoginIsSaidSo() {
        ClientOptions http = options("mqtts", broker.port("TLS"))
                .proxy(ProxyOptions.http("127.0.0.1", proxy.port()))
                .build();
        ClientOptions socks = options("mqtts", broker.port("TLS"))
                .proxy(ProxyOptions.socks5("127.0.0.1", proxy.port()).withLogin("me", "wrong"))
                .build();

        assertSays("the proxy wants credentials: 407 Proxy Authentication Required", http);
        assertSays("the proxy does not take these credentials", socks);
    }

    @Test
    void theCertificateOfTheClientOpensTheDoor() throws Exception {
        try (BrokerProcess strict = BrokerProcess.start(
                "--tls-port", "0",
                "--cert", certificates.certificate("server").toString(),
                "--key", certificates.key("server").toString(),
                "--client-ca", certificates.ca().toString())) {
            ClientOptions stranger = options("mqtts", strict.port("TLS")).build();
            ClientOptions known = stranger.toBuilder()
                    .tls(trusting().withIdentity(certificates.certificate("client"), certificates.key("client")))
                    .build();

            assertThrows(ConnectFailedException.class, () -> MqttClient.connect(stranger));
            assertGoesThrough(known, 1000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqtts", "ws", "wss"})
    void messagesGoThroughMosquitto(String scheme) throws Exception {
        boolean installed = Files.isExecutable(MOSQUITTO);
        if (!"true".equals(System.getenv("CI")) && !"true".equals(System.getenv("MQTTX_REQUIRE_TOOLS"))) {
            assumeTrue(installed, MOSQUITTO + " is not installed (Debian: mosquitto)");
        }
        assertTrue(installed, MOSQUITTO + " is needed here and not installed (Debian: mosquitto)");
        int port = freePort();
        List<String> lines = new ArrayList<>(List.of("user root", "allow_anonymous true"));
        lines.add("listener " + freePort() + " 127.0.0.1"); // Mosquitto 2.0.11 does not run with WebSocket alone
        lines.add("listener " + port + " 127.0.0.1");
        if (scheme.startsWith("ws")) {
            lines.add("protocol websockets");
        }
        if (hasTls(scheme)) {
            lines.add("certfile " + certificates.certificate("server"));
            lines.add("keyfile " + certificates.key("server"));
        }
        Path config = Files.write(folder.resolve(scheme + ".conf"), lines);

        try (RunningCommand mosquitto = RunningCommand.start(List.of(MOSQUITTO.toString(), "-c", config.toString()))) {
            mosquitto.awaitLine(".*mosquitto version .* running");
            assertGoesThrough(options(scheme, port).build(), 20_000); // it reads 4 KiB of a WebSocket each 100 ms
        }
    }

    private static ClientOptions.Builder options(String scheme, int port) {
        ClientOptions.Builder options = ClientOptions.builder();
        if (hasTls(scheme)) {
            options.tls(trusting());
        }
        return options.server(scheme + "://localhost:" + port);
    }

    private static boolean hasTls(String scheme) {
        return scheme.equals("mqtts") || scheme.equals("wss");
    }

    private static TlsOptions trusting() {
        return TlsOptions.defaults().withAuthorities(certificates.ca());
    }

    private static void assertSays(String sentence, ClientOptions options) {
        ConnectFailedException failed = assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options));
        assertTrue(failed.getMessage().endsWith(sentence), failed.getMessage());
    }

    private static void assertGoesThrough(ClientOptions options, int size) throws Exception {
        LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        byte[] large = new byte[size];
        new Random(1).nextBytes(large);
        try (MqttClient client = MqttClient.connect(options)) {
            client.subscribe("through/#", QoS.EXACTLY_ONCE, messages::add);
            for (QoS qos : QoS.values()) {
                client.publish("through/" + qos, large, qos);
                client.publish("through/" + qos, new byte[0], qos);
                assertArrayEquals(large, payload(messages.poll(20, TimeUnit.SECONDS)));
                assertArrayEquals(new byte[0], payload(messages.poll(20, TimeUnit.SECONDS)));
            }
        }
        try (MqttClient again = MqttClient.connect(options)) {
            assertTrue(again.isConnected());
        }
    }

    private static byte[] payload(Message message) {
        byte[] bytes = new byte[message.payload().remaining()];
        message.payload().get(bytes);
        return bytes;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.TlsOptions;
import io.mqttx.conformance.Repository;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import io.mqttx.transport.netty.NettyTransport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A server that runs beside the test, with a port for each transport, and lets everybody in but the user
 * {@link #STRANGER}. Where its version can tell so, it wants a keep alive of at most {@link #MAX_KEEP_ALIVE}.
 */
final class PeerServer implements AutoCloseable {
    static final String STRANGER = "stranger";
    static final Duration MAX_KEEP_ALIVE = Duration.ofSeconds(30);

    private static final Duration START = Duration.ofSeconds(90); // of a JVM with a large server on a busy machine
    private static final List<String> SCHEMES = List.of("mqtt", "mqtts", "ws", "wss");
    private static final Path MOSQUITTO = Path.of("/usr/sbin/mosquitto");

    /** Which server. */
    enum Kind {
        MQTTX("MqttX", true),
        MOSQUITTO("Mosquitto 2.0", true),
        HIVEMQ("HiveMQ CE 2025.5", true),
        MOQUETTE("Moquette 0.17", false);

        final String title;
        private final boolean version5;

        Kind(String title, boolean version5) {
            this.title = title;
            this.version5 = version5;
        }

        /** Whether it answers the same way each time. */
        boolean isSteady() {
            return this == MQTTX || this == MOSQUITTO;
        }

        /** Whether it speaks it. */
        boolean speaks(ProtocolVersion version) {
            return version5 || !version.hasProperties();
        }
    }

    private final Kind kind;
    private final Path authority;
    private final Map<String, Integer> ports;
    private final Runnable end;

    private PeerServer(Kind kind, Certificates certificates, Map<String, Integer> ports, Runnable end) {
        this.kind = kind;
        this.authority = certificates.ca();
        this.ports = ports;
        this.end = end;
    }

    /**
     * Starts one.
     *
     * @param folder where its files may go
     */
    static PeerServer start(Kind kind, Path folder, Certificates certificates) throws Exception {
        return switch (kind) {
            case MQTTX -> mqttx(certificates);
            case MOSQUITTO -> mosquitto(folder, certificates);
            case HIVEMQ -> hivemq(folder, certificates);
            case MOQUETTE -> moquette(folder, certificates);
        };
    }

    /** Where it listens for {@code mqtt}, {@code mqtts}, {@code ws} or {@code wss}. */
    int port(String scheme) {
        return ports.get(scheme);
    }

    /** Who has signed its certificate. */
    Path authority() {
        return authority;
    }

    /** Bytes of a large message: Mosquitto 2.0.11 reads 4 KiB of a WebSocket each 100 ms. */
    int largeOverWebSocket() {
        return kind == Kind.MOSQUITTO ? 20_000 : 200_000;
    }

    @Override
    public void close() {
        end.run();
    }

    private static PeerServer mqttx(Certificates certificates) {
        TlsOptions tls = TlsOptions.of(certificates.certificate("server"), certificates.key("server"));
        Listener tcp = Listener.tcp("127.0.0.1", 0);
        Broker broker = Broker.builder()
                .transport(new NettyTransport(2))
                .handler(client -> new Door())
                .options(BrokerOptions.builder().maxKeepAlive(MAX_KEEP_ALIVE).build())
                .listen(tcp)
                .listen(tcp.withTls(tls))
                .listen(tcp.withWebSocket("/mqtt"))
                .listen(tcp.withTls(tls).withWebSocket("/mqtt"))
                .start();
        Map<String, Integer> ports = new TreeMap<>();
        for (int i = 0; i < SCHEMES.size(); i++) {
            ports.put(SCHEMES.get(i), broker.ports().get(i));
        }
        return new PeerServer(Kind.MQTTX, certificates, ports, broker::close);
    }

    private static final class Door implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            return client.credentials().userName().equals(Optional.of(STRANGER))
                    ? ConnectDecision.reject(ReasonCode.BAD_USER_NAME_OR_PASSWORD)
                    : ConnectDecision.accept();
        }
    }

    private static PeerServer mosquitto(Path folder, Certificates certificates) throws IOException {
        boolean installed = Files.isExecutable(MOSQUITTO);
        if (!"true".equals(System.getenv("CI")) && !"true".equals(System.getenv("MQTTX_REQUIRE_TOOLS"))) {
            assumeTrue(installed, MOSQUITTO + " is not installed (Debian: mosquitto)");
        }
        assertTrue(installed, MOSQUITTO + " is needed here and not installed (Debian: mosquitto)");
        Map<String, Integer> ports = freePorts();
        Path passwords = folder.resolve("passwords");
        try (RunningCommand made = RunningCommand.start(
                List.of("mosquitto_passwd", "-b", "-c", passwords.toString(), "friend", "password"))) {
            made.awaitEnd();
        }
        List<String> lines = new ArrayList<>(List.of(
                "user root",
                "allow_anonymous true",
                "password_file " + passwords,
                "max_inflight_messages 100", // beyond it drops QoS 0
                "max_keepalive " + MAX_KEEP_ALIVE.toSeconds()));
        ports.forEach((scheme, port) -> {
            lines.add("listener " + port + " 127.0.0.1");
            if (scheme.startsWith("ws")) {
                lines.add("protocol websockets");
            }
            if (hasTls(scheme)) {
                lines.add("certfile " + certificates.certificate("server"));
                lines.add("keyfile " + certificates.key("server"));
            }
        });
        Path config = Files.write(folder.resolve("mosquitto.conf"), lines);
        RunningCommand command = RunningCommand.start(List.of(MOSQUITTO.toString(), "-c", config.toString()));
        command.awaitLine(".*mosquitto version .* running");
        return new PeerServer(Kind.MOSQUITTO, certificates, ports, command::close);
    }

    private static PeerServer hivemq(Path folder, Certificates certificates) throws IOException {
        Map<String, Integer> ports = freePorts();
        Files.createDirectories(folder.resolve("data"));
        Files.createDirectories(folder.resolve("extensions"));
        StringBuilder listeners = new StringBuilder();
        ports.forEach((scheme, port) -> {
            String element =
                    (hasTls(scheme) ? "tls-" : "") + (scheme.startsWith("ws") ? "websocket" : "tcp") + "-listener";
            listeners.append("<%s><port>%d</port><bind-address>127.0.0.1</bind-address>".formatted(element, port));
            if (scheme.startsWith("ws")) {
                listeners.append("<path>/mqtt</path><name>" + scheme + "</name>"
                        + "<subprotocols><subprotocol>mqtt</subprotocol></subprotocols>");
            }
            if (hasTls(scheme)) {
                listeners.append("<tls><keystore><path>%s</path><password>%s</password>"
                        .formatted(certificates.keyStore("server"), Certificates.PASSWORD));
                listeners.append("<private-key-password>%s</private-key-password></keystore></tls>"
                        .formatted(Certificates.PASSWORD));
            }
            listeners.append("</" + element + ">");
        });
        Files.writeString(folder.resolve("config.xml"), """
                <?xml version="1.0"?>
                <hivemq>
                <listeners>%s</listeners>
                <mqtt><keep-alive><max-keep-alive>%d</max-keep-alive></keep-alive></mqtt>
                <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
                </hivemq>
                """.formatted(listeners, MAX_KEEP_ALIVE.toSeconds()));
        RunningCommand command = java(
                "peer-hivemq",
                Repository.root().resolve("peer-hivemq/target/test-classes") + ":",
                List.of(),
                "io.mqttx.peer.HiveMq",
                folder.toString());
        command.awaitLine("the peer runs", START);
        return new PeerServer(Kind.HIVEMQ, certificates, ports, command::close);
    }

    private static PeerServer moquette(Path folder, Certificates certificates) throws IOException {
        Map<String, Integer> ports = freePorts();
        Path config = Files.createDirectories(folder.resolve("config"));
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(config.resolve("passwords.conf"), "friend:" + "0".repeat(64) + "\n");
        Files.write(
                config.resolve("moquette.conf"),
                List.of(
                        "host 127.0.0.1",
                        "port " + ports.get("mqtt"),
                        "ssl_port " + ports.get("mqtts"),
                        "websocket_port " + ports.get("ws"),
                        "secure_websocket_port " + ports.get("wss"),
                        "websocket_path /mqtt",
                        "jks_path " + certificates.keyStore("server"),
                        "key_store_type pkcs12",
                        "key_store_password " + Certificates.PASSWORD,
                        "key_manager_password " + Certificates.PASSWORD,
                        "allow_anonymous true",
                        "allow_zero_byte_client_id true",
                        "password_file passwords.conf",
                        "persistence_enabled false",
                        "data_path " + folder.resolve("data"),
                        "netty.mqtt.message_size 1048576",
                        "telemetry_enabled false"));
        RunningCommand command =
                java("peer-moquette", "", List.of("-Dmoquette.path=" + folder), "io.moquette.broker.Server");
        command.awaitLine("Server started.*", START);
        return new PeerServer(Kind.MOQUETTE, certificates, ports, command::close);
    }

    /** A JVM of its own, with the libraries of that module alone. */
    private static RunningCommand java(String module, String first, List<String> options, String... program)
            throws IOException {
        Path classPath = Repository.root().resolve(module).resolve("target/classpath.txt");
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("-Xmx512m");
        words.addAll(options);
        words.addAll(List.of("-cp", first + Files.readString(classPath)));
        words.addAll(List.of(program));
        return RunningCommand.start(words);
    }

    static boolean hasTls(String scheme) {
        return scheme.equals("mqtts") || scheme.equals("wss");
    }

    private static Map<String, Integer> freePorts() throws IOException {
        Map<String, Integer> ports = new TreeMap<>();
        List<ServerSocket> held = new ArrayList<>();
        for (String scheme : SCHEMES) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            held.add(socket);
            ports.put(scheme, socket.getLocalPort());
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        return ports;
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.link.TestKeys;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens to a client, threads, sockets and memory come back; and one that is idle takes none. */
@Timeout(180)
class LeakTest {
    private static final int TIMES = 200;
    private static final int MANY = 1000;
    private static final int PATIENCE = 20; // seconds

    /** How a connection ends. */
    enum Ending {
        CLOSED {
            @Override
            void happen(ScriptedServer server, ClientHandler handler) {
                try (MqttClient client = MqttClient.connect(server.options().build(), handler)) {
                    client.subscribe("a", QoS.AT_LEAST_ONCE);
                    client.publishAsync("a", new byte[100], QoS.EXACTLY_ONCE).join();
                }
            }
        },
        REFUSED {
            @Override
            void happen(ScriptedServer server, ClientHandler handler) {
                server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.BANNED));
                ClientOptions options = server.options().build();
                assertThrows(ConnectRefusedException.class, () -> MqttClient.connect(options, handler));
            }
        },
        /** And nobody calls close(). */
        SERVER_VANISHED {
            @Override
            void happen(ScriptedServer server, ClientHandler handler) throws Exception {
                MqttClient client = MqttClient.connect(server.options().build(), handler);
                client.publish("a", new byte[100], QoS.AT_LEAST_ONCE);
                server.hangUp();
                awaitThat(() -> !client.isConnected());
            }
        },
        /** The server takes the connection, and says nothing. */
        CONNECT_TIMEOUT {
            @Override
            void happen(ScriptedServer server, ClientHandler handler) {
                server.on(PacketType.CONNECT);
                ClientOptions options =
                        server.options().connectTimeout(Duration.ofMillis(20)).build();
                assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options, handler));
            }
        },
        /** The server does not speak TLS. */
        TLS_FAILURE {
            @Override
            void happen(ScriptedServer server, ClientHandler handler) {
                ClientOptions options =
                        server.options().tls(TlsOptions.defaults()).build();
                assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options, handler));
            }
        },
        NOBODY_THERE {
            @Override
            void happen(ScriptedServer server, ClientHandler handler) throws Exception {
                server.close();
                ClientOptions options = server.options().build();
                assertThrows(ConnectFailedException.class, () -> MqttClient.connect(options, handler));
            }
        },
        /** While it tries again and again. */
        CLOSED_BETWEEN_ATTEMPTS {
            @Override
            void happen(ScriptedServer server, ClientHandler handler) throws Exception {
                server.close();
                ReconnectOptions soon = ReconnectOptions.builder()
                        .firstDelay(Duration.ofMillis(1))
                        .build();
                MqttClient.start(server.options().reconnect(soon).build(), handler)
                        .close();
            }
        };

        abstract void happen(ScriptedServer server, ClientHandler handler) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsLeftBehind(Ending ending) throws Exception {
        List<WeakReference<Object>> handlers = new ArrayList<>();
        once(ending); // the JDK keeps a socket of its own from the first one on
        awaitThat(() -> threads().isEmpty());
        int sockets = sockets();

        for (int i = 0; i < TIMES; i++) {
            handlers.add(new WeakReference<>(once(ending)));
        }

        awaitThat(() -> threads().isEmpty());
        awaitThat(() -> sockets() <= sockets);
        awaitThat(() -> {
            System.gc();
            return handlers.stream().allMatch(handler -> handler.refersTo(null));
        });
    }

    /** The client knows its handler: as long as one is reachable, the other is. */
    private static Object once(Ending ending) throws Exception {
        ClientHandler handler = new RecordingHandler();
        try (ScriptedServer server = new ScriptedServer()) {
            ending.happen(server, handler);
        }
        return handler;
    }

    @Test
    void anIdleClientTakesNoThreadAndAThousandShareTwo() throws Exception {
        List<MqttClient> clients = new ArrayList<>();
        try (SilentServer server = new SilentServer(new ServerSocket(0, MANY, InetAddress.getLoopbackAddress()))) {
            ClientOptions options =
                    server.options().keepAlive(Duration.ofMinutes(10)).build();
            for (int i = 0; i < MANY; i++) {
                clients.add(
                        MqttClient.connect(options.toBuilder().clientId("c" + i).build()));
                clients.get(i).publish("a", "x");
            }

            awaitThat(() -> threads().size() == 2);

            assertTrue(clients.stream().allMatch(MqttClient::isConnected));
            assertEquals(Set.of("mqttx-timer", "mqttx-watch"), Set.copyOf(threads()));
        } finally {
            clients.forEach(MqttClient::close);
        }
        awaitThat(() -> threads().isEmpty());
    }

    @Test
    void anIdleClientTakesNoThreadWithTlsEither(@TempDir Path folder) throws Exception {
        TestKeys keys = TestKeys.in(folder).issue("server");
        ServerSocket listener = keys.context("server")
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
        try (SilentServer server = new SilentServer(listener);
                MqttClient client = MqttClient.connect(server.options()
                        .tls(TlsOptions.defaults().withAuthorities(keys.pem("ca")))
                        .build())) {
            client.publish("a", "x");

            awaitThat(() -> threads().size() == 2);
            assertTrue(client.isConnected());
            assertEquals(Set.of("mqttx-timer", "mqttx-watch"), Set.copyOf(threads()));
        }
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("mqttx-"))
                .toList();
    }

    /** How many sockets this process has open, where the system tells. */
    private static int sockets() {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(descriptors)) {
            return (int) all.filter(LeakTest::isSocket).count();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }

    private static void awaitThat(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> threads().size() + " threads, " + sockets() + " sockets are still there");
            Thread.onSpinWait();
        }
    }

    /** Accepts every client, and leaves it alone. */
    private static final class SilentServer implements AutoCloseable {
        private final ServerSocket listener;
        private final List<Socket> accepted = new CopyOnWriteArrayList<>();

        SilentServer(ServerSocket listener) {
            this.listener = listener;
            Thread thread = new Thread(this::serve, "silent-server");
            thread.setDaemon(true);
            thread.start();
        }

        ClientOptions.Builder options() {
            return ClientOptions.builder()
                    .host(listener.getInetAddress().getHostAddress())
                    .port(listener.getLocalPort())
                    .clientId("silent")
                    .reconnect(ReconnectOptions.never());
        }

        private void serve() {
            try {
                while (true) {
                    Socket socket = listener.accept();
                    accepted.add(socket);
                    InputStream in = socket.getInputStream();
                    in.skipNBytes(1);
                    in.skipNBytes(in.read());
                    socket.getOutputStream().write(new byte[] {0x20, 3, 0, 0, 0});
                }
            } catch (IOException e) {
                // The test is over.
            }
        }

        @Override
        public void close() throws IOException {
            listener.close();
            for (Socket socket : accepted) {
                socket.close();
            }
        }
    }
}

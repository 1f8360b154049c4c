package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client takes, and gives back. */
@Timeout(60)
class ResourcesTest {

    @Test
    void closeReleasesThreadsAndSockets() throws Exception {
        // given
        List<ScriptedServer> servers = new ArrayList<>();
        List<MqttClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            servers.add(new ScriptedServer());
            clients.add(MqttClient.connect(
                    servers.get(i).options().clientId("leak" + i).build()));
            clients.get(i).publish("a", new byte[10], QoS.AT_LEAST_ONCE);
            clients.get(i).subscribe("a", QoS.AT_MOST_ONCE);
        }

        // when
        clients.forEach(MqttClient::close);

        // then
        for (ScriptedServer server : servers) {
            server.awaitEnd();
            server.close();
        }
        awaitThat(() -> threads("mqttx-").isEmpty());
    }

    @Test
    void oneTimerServesAllClients() throws Exception {
        try (ScriptedServer one = new ScriptedServer();
                ScriptedServer two = new ScriptedServer();
                MqttClient first = MqttClient.connect(one.options().build());
                MqttClient second = MqttClient.connect(two.options().build())) {
            assertTrue(first.isConnected() && second.isConnected());
            assertEquals(1, threads("mqttx-timer").size());
        }
    }

    @Test
    void aThreadThatIsInterruptedWhileItPublishesDoesNotBreakTheConnection() throws Exception {
        try (ScriptedServer server = new ScriptedServer();
                MqttClient client = MqttClient.connect(server.options().build())) {
            for (int i = 0; i < 3; i++) {
                Thread.currentThread().interrupt();

                client.publish("a", "x"); // the line is quiet, so this thread writes

                assertTrue(Thread.interrupted(), "still said to who called");
                assertEquals("a", server.next(Publish.class).topic().text());
            }
            assertTrue(client.isConnected());
        }
    }

    @Test
    void aRefusedConnectionLeavesNothingBehind() throws Exception {
        try (ScriptedServer server = new ScriptedServer()) {
            server.on(PacketType.CONNECT, new io.mqttx.packet.ConnAck(false, ReasonCode.SERVER_BUSY));
            ClientOptions options = server.options().build();

            assertThrows(ConnectRefusedException.class, () -> MqttClient.connect(options));

            server.awaitEnd();
            awaitThat(() -> threads("mqttx-").isEmpty());
        }
    }

    @Test
    void aServerThatDoesNotReadStopsPublishersAndCloseStillReturns() throws Exception {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // given a server that reads CONNECT and nothing more
            CompletableFuture<Socket> accepted = CompletableFuture.supplyAsync(() -> acceptAndFallSilent(listener));
            ClientOptions options = ClientOptions.builder()
                    .host(listener.getInetAddress().getHostAddress())
                    .port(listener.getLocalPort())
                    .clientId("full")
                    .requestTimeout(Duration.ofMillis(300))
                    .build();
            MqttClient client = MqttClient.connect(options);
            client.publish("a", new byte[1], QoS.AT_MOST_ONCE);

            // when two threads publish until they cannot: one may write itself, and so waits for the server
            CompletableFuture<RuntimeException> one = publishUntilItFails(client);
            CompletableFuture<RuntimeException> two = publishUntilItFails(client);

            // then
            assertInstanceOf(
                    RequestTimeoutException.class,
                    CompletableFuture.anyOf(one, two).get());
            assertInstanceOf(
                    FlowControlException.class,
                    assertThrows(CompletionException.class, () -> publishAsyncForEver(client))
                            .getCause());
            client.close();
            one.get();
            two.get();
            awaitThat(() -> threads("mqttx-").isEmpty());
            accepted.get().close();
        }
    }

    private static CompletableFuture<RuntimeException> publishUntilItFails(MqttClient client) {
        CompletableFuture<RuntimeException> failed = new CompletableFuture<>();
        Thread publisher = new Thread(() -> {
            try {
                while (true) {
                    client.publish("a", new byte[100_000], QoS.AT_MOST_ONCE);
                }
            } catch (RuntimeException e) {
                failed.complete(e);
            }
        });
        publisher.setDaemon(true);
        publisher.start();
        return failed;
    }

    /** The sockets may find room after a publisher has given up, so one message would not do. */
    private static void publishAsyncForEver(MqttClient client) {
        while (true) {
            client.publishAsync("a", new byte[100_000], QoS.AT_MOST_ONCE).join();
        }
    }

    private static Socket acceptAndFallSilent(ServerSocket listener) {
        try {
            Socket socket = listener.accept();
            InputStream in = socket.getInputStream();
            in.skipNBytes(1);
            in.skipNBytes(in.read());
            socket.getOutputStream().write(new byte[] {0x20, 3, 0, 0, 0});
            return socket;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }

    private static void awaitThat(BooleanSupplier condition) {
        long deadline = System.nanoTime() + ScriptedServer.PATIENCE_SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "still there: " + threads("mqttx-"));
            Thread.onSpinWait();
        }
    }
}

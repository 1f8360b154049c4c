package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A whole client with its threads, on a network that breaks again and again where a seed says: at any byte, in either
 * direction. In the end all has arrived, as its QoS says, in order; and everybody who waited was told the truth, once.
 *
 * <p>A seed says what is done and where the network breaks. It does not say how the threads of the client take turns:
 * the same seed mostly, and not always, finds the same fault again.
 */
class ClientSimulationTest {
    private static final int RUNS = Math.max(600, Integer.getInteger("mqttx.simulation.runs", 0) / 50);
    private static final long SEED = Long.getLong("mqttx.seed", 20_261_122);
    private static final int MESSAGES = 30; // each way

    @Test
    @Timeout(value = 8, unit = TimeUnit.HOURS) // of the nightly run; each session has its own deadline
    @Statement({"MQTT-4.3.3-1", "MQTT-4.4.0-1", "MQTT-4.6.0-1"})
    void whateverBreaksEverythingArrivesAsItsQosSays() throws Exception {
        int runs = Long.getLong("mqttx.seed") == null ? RUNS : 1;
        for (long seed = SEED; seed < SEED + runs; seed++) {
            try {
                play(seed);
            } catch (AssertionError | Exception e) {
                throw new AssertionError("play it again with -Dmqttx.seed=" + seed, e);
            }
        }
    }

    private static void play(long seed) throws Exception {
        Random random = new Random(seed);
        ProtocolVersion version = random.nextBoolean() ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
        UnreliableServer server = new UnreliableServer(new Random(random.nextLong()), version, random.nextInt(12));
        List<Message> told = new CopyOnWriteArrayList<>();
        List<CompletableFuture<ReasonCode>> answers = new ArrayList<>();
        List<String> answered = new CopyOnWriteArrayList<>();
        List<String> lies = new CopyOnWriteArrayList<>();
        ClientOptions options = options(random, version);

        MqttClient client = MqttClient.start(options, new ClientHandler() {}, address -> server.link());
        try {
            subscribe(client, told);
            for (int i = 0; i < MESSAGES; i++) {
                QoS qos = QoS.of(1 + random.nextInt(2));
                server.publish(ScriptedServer.message("down", i + ":" + qos.code(), qos, 1));
                qos = QoS.of(1 + random.nextInt(2));
                String text = i + ":" + qos.code();
                CompletableFuture<ReasonCode> answer =
                        client.publishAsync("up", text.getBytes(StandardCharsets.UTF_8), qos);
                answers.add(answer);
                CompletableFuture<?> ignored = answer.whenComplete((reason, error) -> {
                    answered.add(text);
                    if (!server.taken().contains(text)) {
                        lies.add(text);
                    }
                });
            }
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
            await(server::isDone);
        } finally {
            client.close();
        }
        assertEquals(List.of(), server.faults());
        await(() -> answered.size() == MESSAGES);
        assertEquals(List.of(), lies);
        assertArrived(server.taken());
        assertArrived(told.stream().map(Message::text).toList());
        int before = told.size();
        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("mqttx-sim-")));
        assertEquals(before, told.size());
    }

    private static ClientOptions options(Random random, ProtocolVersion version) {
        return ClientOptions.builder()
                .clientId("sim")
                .version(version)
                .cleanStart(false)
                .sessionStore(SessionStore.inMemory())
                .properties(
                        version.hasProperties()
                                ? Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L)
                                : Properties.EMPTY)
                .maxInflight(1 + random.nextInt(10))
                .offlineQueue(OfflineQueue.of(1000))
                .reconnect(ReconnectOptions.builder()
                        .firstDelay(Duration.ofNanos(1))
                        .maxDelay(Duration.ofMillis(1))
                        .build())
                .build();
    }

    /** Again and again: the answer may get lost. */
    private static void subscribe(MqttClient client, List<Message> told) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                client.subscribe("down", QoS.EXACTLY_ONCE, told::add);
                return;
            } catch (NotConnectedException e) {
                assertTrue(System.nanoTime() < deadline, "there is a connection at last");
                TimeUnit.MICROSECONDS.sleep(100); // until the next attempt
            }
        }
    }

    /** QoS 2 once, QoS 1 at least once, and for the first time in order (§4.6). */
    private static void assertArrived(List<String> texts) {
        assertEquals(
                IntStream.range(0, MESSAGES).mapToObj(String::valueOf).sorted().toList(),
                texts.stream()
                        .map(text -> text.split(":", -1)[0])
                        .distinct()
                        .sorted()
                        .toList());
        List<String> twos = texts.stream().filter(text -> text.endsWith(":2")).toList();
        assertEquals(inOrder(twos), twos);
        List<String> ones = List.copyOf(new LinkedHashSet<>(
                texts.stream().filter(text -> text.endsWith(":1")).toList()));
        assertEquals(inOrder(ones), ones);
    }

    private static List<String> inOrder(List<String> texts) {
        return texts.stream()
                .distinct()
                .sorted((a, b) -> Integer.compare(number(a), number(b)))
                .toList();
    }

    private static int number(String text) {
        return Integer.parseInt(text.split(":", -1)[0]);
    }

    private static void await(java.util.function.BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it comes true at last");
            TimeUnit.MICROSECONDS.sleep(200);
        }
    }
}

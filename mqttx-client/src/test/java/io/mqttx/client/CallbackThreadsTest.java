package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which thread calls the application: the one that has read, as long as that keeps nobody waiting. */
@Timeout(60)
class CallbackThreadsTest {
    private static final String READER = "mqttx-test-reader";
    private static final String CALLBACKS = "mqttx-test-callbacks";
    private static final String WRITER = "mqttx-test-writer";

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    /** A machine on which no time passes: a thread that the system keeps waiting has not taken long. */
    static class Timeless extends Machine {
        @Override
        Optional<Future<?>> schedule(Runnable task, long nanos) {
            return Optional.of(new CompletableFuture<>());
        }
    }

    @Test
    void aQuickCallbackRunsOnTheThreadThatHasRead() throws Exception {
        BlockingQueue<String> threads = new LinkedBlockingQueue<>();
        try (MqttClient client = timeless()) {
            client.subscribe("a", QoS.AT_LEAST_ONCE, message -> threads.add(threadName()));

            for (int i = 1; i <= 10; i++) {
                server.send(ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, i));

                assertEquals(READER, next(threads));
                assertEquals(i, server.next(PubAck.class).packetId());
            }
            assertFalse(isThread(CALLBACKS));
        }
    }

    @Test
    void theAnswerToAMessageIsWrittenByTheThreadThatHasReadIt() throws Exception {
        CountDownLatch told = new CountDownLatch(100);
        try (MqttClient client = timeless()) {
            client.subscribe("a", QoS.AT_LEAST_ONCE, message -> told.countDown());
            awaitNoThread(WRITER); // that of SUBSCRIBE

            for (int i = 1; i <= 100; i++) {
                server.send(ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, i));
                assertEquals(i, server.next(PubAck.class).packetId());
            }

            assertFalse(isThread(WRITER));
            assertEquals(0, told.getCount());
        }
    }

    @Test
    void aCallbackThatWaitsForTheServerLetsAnotherThreadRead() throws Exception {
        BlockingQueue<String> threads = new LinkedBlockingQueue<>();
        try (MqttClient client = timeless()) {
            client.subscribe("wait", QoS.AT_MOST_ONCE, message -> {
                client.subscribe("more", QoS.AT_MOST_ONCE);
                threads.add(threadName());
            });
            client.subscribe("a", QoS.AT_MOST_ONCE, message -> threads.add(threadName()));

            server.send(ScriptedServer.message("wait", "x", QoS.AT_MOST_ONCE, 0));

            assertEquals(READER, next(threads));
            server.send(ScriptedServer.message("a", "x", QoS.AT_MOST_ONCE, 0));
            assertEquals(READER, next(threads)); // it was not the fault of the callback
        }
    }

    @Test
    void aCallbackThatTakesLongKeepsNobodyFromReading() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        BlockingQueue<String> threads = new LinkedBlockingQueue<>();
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            client.subscribe("a", QoS.AT_MOST_ONCE, message -> {
                threads.add(threadName());
                await(go);
            });
            server.send(ScriptedServer.message("a", "x", QoS.AT_MOST_ONCE, 0));
            assertEquals(READER, next(threads));

            assertEquals(QoS.AT_LEAST_ONCE, client.subscribe("more", QoS.AT_LEAST_ONCE)); // its answer is read

            server.send(ScriptedServer.message("a", "y", QoS.AT_MOST_ONCE, 0));
            go.countDown();
            next(threads);
        }
    }

    @Test
    void afterACallbackThatTookLongTheNextHaveAThreadOfTheirOwn() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        BlockingQueue<String> threads = new LinkedBlockingQueue<>();
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            client.subscribe("a", QoS.AT_LEAST_ONCE, message -> {
                threads.add(threadName());
                await(go);
            });
            server.send(ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, 1));
            next(threads);
            client.subscribe("more", QoS.AT_LEAST_ONCE); // another reads now
            go.countDown();
            server.next(PubAck.class);

            for (int i = 2; i <= 10; i++) {
                server.send(ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, i));
                server.next(PubAck.class);
            }

            assertTrue(threads.contains(CALLBACKS));
            assertEquals(
                    CALLBACKS, threads.stream().reduce((first, last) -> last).orElseThrow());
        }
    }

    @Test
    void aCallbackMayWaitForAFutureOfTheClient() throws Exception {
        CompletableFuture<Object> answer = new CompletableFuture<>();
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            client.subscribe(
                    "a",
                    QoS.AT_MOST_ONCE,
                    message -> answer.complete(client.publishAsync("b", new byte[1], QoS.EXACTLY_ONCE)
                            .join()));

            server.send(ScriptedServer.message("a", "x", QoS.AT_MOST_ONCE, 0));

            answer.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatHangsOnAFutureRunsOnTheThreadThatHasReadTheAnswer() throws Exception {
        CompletableFuture<String> thread = new CompletableFuture<>();
        server.on(PacketType.PUBLISH);
        try (MqttClient client = timeless()) {
            CompletableFuture<Void> ignored = client.publishAsync("a", new byte[1], QoS.AT_LEAST_ONCE)
                    .thenRun(() -> thread.complete(threadName()));

            server.send(new PubAck(server.next(Publish.class).packetId()));

            assertEquals(READER, thread.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void whatHangsOnAFutureMayWaitForTheCallbackOfWhatCameWithTheAnswer() throws Exception {
        CountDownLatch told = new CountDownLatch(1);
        server.on(PacketType.PUBLISH);
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            client.subscribe("a", QoS.AT_MOST_ONCE, message -> told.countDown());
            CompletableFuture<Void> waited =
                    client.publishAsync("b", new byte[1], QoS.AT_LEAST_ONCE).thenRun(() -> await(told));
            int packetId = server.next(Publish.class).packetId();

            server.sendHex("4002 %04x  3005 0001 61 00 78".formatted(packetId));

            waited.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void whatHangsOnAFutureMayWaitForTheServer() throws Exception {
        CompletableFuture<QoS> granted = new CompletableFuture<>();
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            CompletableFuture<Void> ignored = client.publishAsync("b", new byte[1], QoS.AT_LEAST_ONCE)
                    .thenRun(() -> granted.complete(client.subscribe("a", QoS.EXACTLY_ONCE)));

            assertEquals(QoS.EXACTLY_ONCE, granted.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    @Test
    void withoutAThreadToWriteTheConnectionEndsOnceAndNothingIsForgotten() throws Exception {
        NoWriter machine = new NoWriter();
        RecordingHandler handler = new RecordingHandler();
        server.on(PacketType.PUBLISH);
        ReconnectOptions seldom =
                ReconnectOptions.builder().firstDelay(Duration.ofMinutes(1)).build();
        ClientOptions options = server.options().reconnect(seldom).build();
        try (MqttClient client = MqttClient.start(options, handler, Links.of(options)::to, machine)) {
            assertEquals("connected", handler.next());
            CompletableFuture<?> one = client.publishAsync("a", new byte[1], QoS.AT_LEAST_ONCE);
            CompletableFuture<?> two = client.publishAsync("a", new byte[1], QoS.EXACTLY_ONCE);
            int first = server.next(Publish.class).packetId();
            int second = server.next(Publish.class).packetId();
            machine.forbid();

            // PUBACK, PUBREC, which wants PUBREL, and a message
            server.sendHex("4002 %04x  5002 %04x  3005 0001 62 00 63".formatted(first, second));

            one.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertEquals("b=c", handler.next());
            assertEquals("disconnected IO_ERROR", handler.next());
            assertThrows(ExecutionException.class, () -> two.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
            assertTrue(handler.isQuiet());
        }
    }

    /** A machine that has no thread for a writer any more, when those that there are have gone. */
    private static final class NoWriter extends Timeless {
        private final Semaphore writers = new Semaphore(1);

        @Override
        void start(String name, Runnable work) {
            if (!name.equals(WRITER)) {
                super.start(name, work);
                return;
            }
            if (!writers.tryAcquire()) {
                throw new OutOfMemoryError("thrown on purpose");
            }
            super.start(name, () -> {
                try {
                    work.run();
                } finally {
                    writers.release();
                }
            });
        }

        void forbid() throws InterruptedException {
            assertTrue(writers.tryAcquire(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    private MqttClient timeless() throws InterruptedException {
        ClientOptions options =
                server.options().reconnect(ReconnectOptions.defaults()).build();
        RecordingHandler handler = new RecordingHandler();
        MqttClient client = MqttClient.start(options, handler, Links.of(options)::to, new Timeless());
        assertEquals("connected", handler.next());
        return client;
    }

    private static String next(BlockingQueue<String> threads) throws InterruptedException {
        String name = threads.poll(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(name != null, "the callback runs");
        return name;
    }

    private static String threadName() {
        return Thread.currentThread().getName();
    }

    private static void awaitNoThread(String name) {
        until(() -> !isThread(name));
    }

    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(ScriptedServer.PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it does not come to that");
            Thread.onSpinWait();
        }
    }

    /** Platform threads only; where there are virtual ones, nothing is found. */
    private static boolean isThread(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals(name));
    }

    static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

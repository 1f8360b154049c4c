package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.client.link.Link;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who writes what is published while nothing else is to be written. */
@Timeout(60)
class QuietLineTest {
    private static final long STILL = 500_000; // nanoseconds
    private static final long LOAN = 10_000_000; // nanoseconds

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    private final RecordingHandler handler = new RecordingHandler();
    private volatile String writer = "";
    private volatile CountDownLatch room = new CountDownLatch(0);

    private MqttClient connect(BooleanSupplier isWoken, Machine machine) throws InterruptedException {
        ClientOptions options =
                server.options().reconnect(ReconnectOptions.defaults()).build();
        Function<ServerAddress, Link> links = there -> new ForwardingLink(options) {
            @Override
            public boolean wakeUp() {
                return isWoken.getAsBoolean() && super.wakeUp();
            }

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                writer = Thread.currentThread().getName();
                if (hasReaderWritten()) {
                    CallbackThreadsTest.await(room);
                }
                super.write(bytes);
            }
        };
        MqttClient client = MqttClient.start(options, handler, links, machine);
        assertEquals("connected", handler.next());
        writer = ""; // it has written CONNECT
        return client;
    }

    private void publishOne(MqttClient client) throws InterruptedException {
        awaitStillness();
        writer = "";
        client.publish("a", "x");
        server.next(Publish.class);
    }

    private boolean hasReaderWritten() {
        return writer.equals("mqttx-test-reader");
    }

    /** Until the time is over in which another write would be too many for the reader. */
    private static void awaitStillness() {
        long start = System.nanoTime();
        CallbackThreadsTest.until(() -> System.nanoTime() - start > 2 * STILL);
    }

    @Test
    void whoWaitsForTheServerWritesWhatIsPublishedMeanwhile() throws Exception {
        try (MqttClient client = connect(() -> true, new CallbackThreadsTest.Timeless())) {
            for (int i = 0; i < 100; i += hasReaderWritten() ? 1 : 0) { // it need not wait already, or any more
                publishOne(client);
            }
        }
    }

    @Test
    void theCallerWritesWhereNobodyCanBeWoken() throws Exception {
        try (MqttClient client = connect(() -> false, Machine.REAL)) {
            publishOne(client);

            assertEquals(Thread.currentThread().getName(), writer);
        }
    }

    @Test
    void aServerThatTakesNothingIsStillHeard() throws Exception {
        CountDownLatch taken = new CountDownLatch(1);
        ByHand machine = new ByHand();
        try (MqttClient client = connect(() -> true, machine)) {
            room = taken;
            do {
                awaitStillness();
                client.publish("a", "x");
            } while (!hasReaderWritten());

            machine.letTimePass();
            server.send(ScriptedServer.message("b", "c", QoS.AT_MOST_ONCE, 0));

            assertEquals("b=c", handler.next());
            taken.countDown();
            assertEquals(QoS.AT_MOST_ONCE, client.subscribe("a", QoS.AT_MOST_ONCE)); // and it goes on as ever
        }
    }

    /** A machine on which the reader has been away for as long as the test says. */
    private static final class ByHand extends CallbackThreadsTest.Timeless {
        private final AtomicReference<Runnable> look = new AtomicReference<>();

        @Override
        Optional<Future<?>> schedule(Runnable task, long nanos) {
            if (nanos == LOAN) {
                look.set(task);
            }
            return super.schedule(task, nanos);
        }

        void letTimePass() {
            look.get().run(); // a loan was new
            look.get().run(); // and now it is old
        }
    }
}

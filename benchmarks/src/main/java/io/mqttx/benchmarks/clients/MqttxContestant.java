package io.mqttx.benchmarks.clients;

import io.mqttx.client.ClientHandler;
import io.mqttx.client.ClientOptions;
import io.mqttx.client.FlowControlException;
import io.mqttx.client.MqttClient;
import io.mqttx.packet.QoS;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** This project's client; its blocking methods wait for room, so nothing else has to. */
class MqttxContestant implements Contestant {
    private final MqttClient client;

    private MqttxContestant(MqttClient client) {
        this.client = client;
    }

    static CompletableFuture<Contestant> connect(String clientId, int port) {
        return connected(clientId, port).thenApply(MqttxContestant::new);
    }

    /** The same with a future for each message. */
    static CompletableFuture<Contestant> connectAsync(String clientId, int port) {
        return connected(clientId, port).thenApply(Async::new);
    }

    private static CompletableFuture<MqttClient> connected(String clientId, int port) {
        ClientOptions options = ClientOptions.builder()
                .host("127.0.0.1")
                .port(port)
                .clientId(clientId)
                .maxInflight(IN_FLIGHT)
                .build();
        return MqttClient.connectAsync(options, new ClientHandler() {});
    }

    @Override
    public void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) throws Exception {
        QoS known = QoS.of(qos);
        for (int i = 0; more.getAsBoolean(); i++) {
            client.publish(topics[i % topics.length], payload, known);
        }
        publishLast(topics[0], payload);
    }

    final void publishLast(String topic, byte[] payload) throws Exception {
        client.publishAsync(topic, payload, QoS.AT_LEAST_ONCE).get();
    }

    @Override
    public void publishOne(String topic, byte[] payload, int qos) {
        client.publish(topic, payload, QoS.of(qos));
    }

    @Override
    public void subscribe(String filter, int qos, Consumer<ByteBuffer> onPayload) {
        client.subscribe(filter, QoS.of(qos), message -> onPayload.accept(message.payload()));
    }

    @Override
    public void unsubscribe(String filter) {
        client.unsubscribe(filter);
    }

    @Override
    public void close() {
        client.close();
    }

    private static final class Async extends MqttxContestant {
        private static final long PAUSE = 50_000; // nanoseconds

        private final MqttClient client;
        private final AtomicInteger refused = new AtomicInteger();

        Async(MqttClient client) {
            super(client);
            this.client = client;
        }

        @Override
        public void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) throws Exception {
            QoS known = QoS.of(qos);
            Window window = new Window(qos == 0 ? UNSENT : IN_FLIGHT);
            for (int i = 0; more.getAsBoolean(); i++) {
                publish(topics[i % topics.length], payload, known, window);
                publishRefused(topics[0], payload, known, window);
            }
            window.awaitAll();
            while (refused.get() > 0) {
                publishRefused(topics[0], payload, known, window);
                window.awaitAll();
            }
            publishLast(topics[0], payload);
        }

        /** At QoS 0 a future tells that a message waits for the socket; when too many do, the next are refused. */
        private void publishRefused(String topic, byte[] payload, QoS qos, Window window) throws InterruptedException {
            for (int again = refused.getAndSet(0); again > 0; again--) {
                LockSupport.parkNanos(PAUSE);
                publish(topic, payload, qos, window);
            }
        }

        private void publish(String topic, byte[] payload, QoS qos, Window window) throws InterruptedException {
            window.enter();
            CompletableFuture<?> ignored = client.publishAsync(topic, payload, qos)
                    .whenComplete((answer, error) -> {
                        boolean wasRefused = error instanceof FlowControlException;
                        if (wasRefused) {
                            refused.incrementAndGet();
                        }
                        window.left(wasRefused ? null : error);
                    });
        }
    }
}

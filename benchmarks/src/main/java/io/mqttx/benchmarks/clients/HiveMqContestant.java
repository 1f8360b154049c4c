package io.mqttx.benchmarks.clients;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.reactivex.Emitter;
import io.reactivex.Flowable;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** The HiveMQ MQTT client through its asynchronous interface. */
class HiveMqContestant implements Contestant {
    private final Mqtt5AsyncClient client;

    private HiveMqContestant(Mqtt5AsyncClient client) {
        this.client = client;
    }

    static CompletableFuture<Contestant> connect(String clientId, int port) {
        return connected(clientId, port).thenApply(HiveMqContestant::new);
    }

    /** The same, but publishes a stream of messages through its reactive interface. */
    static CompletableFuture<Contestant> connectRx(String clientId, int port) {
        return connected(clientId, port).thenApply(Rx::new);
    }

    private static CompletableFuture<Mqtt5AsyncClient> connected(String clientId, int port) {
        Mqtt5AsyncClient client = Mqtt5Client.builder()
                .identifier(clientId)
                .serverHost("127.0.0.1")
                .serverPort(port)
                .buildAsync();
        return client.connectWith()
                .restrictions()
                .sendMaximum(IN_FLIGHT)
                .applyRestrictions()
                .send()
                .thenApply(ack -> client);
    }

    @Override
    public void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) throws Exception {
        Window window = new Window(qos == 0 ? UNSENT : IN_FLIGHT);
        for (int i = 0; more.getAsBoolean(); i++) {
            window.enter();
            CompletableFuture<?> ignored = client.publish(message(topics[i % topics.length], payload, qos))
                    .whenComplete((result, error) -> window.left(
                            error != null ? error : result.getError().orElse(null)));
        }
        window.awaitAll();
        publishLast(topics[0], payload);
    }

    @Override
    public void publishOne(String topic, byte[] payload, int qos) {
        CompletableFuture<?> ignored = client.publish(message(topic, payload, qos));
    }

    @Override
    public void subscribe(String filter, int qos, Consumer<ByteBuffer> onPayload) throws Exception {
        client.subscribeWith()
                .topicFilter(filter)
                .qos(qos(qos))
                .callback(publish -> onPayload.accept(publish.getPayload().orElseThrow()))
                .send()
                .get();
    }

    @Override
    public void unsubscribe(String filter) throws Exception {
        client.unsubscribeWith().topicFilter(filter).send().get();
    }

    @Override
    public void close() throws Exception {
        client.disconnect().get();
    }

    final void publishLast(String topic, byte[] payload) throws Exception {
        client.publish(message(topic, payload, 1)).get();
    }

    private static Mqtt5Publish message(String topic, byte[] payload, int qos) {
        return Mqtt5Publish.builder()
                .topic(topic)
                .qos(qos(qos))
                .payload(payload)
                .build();
    }

    private static MqttQos qos(int code) {
        return Objects.requireNonNull(MqttQos.fromCode(code));
    }

    private static final class Rx extends HiveMqContestant {
        private final Mqtt5AsyncClient client;

        Rx(Mqtt5AsyncClient client) {
            super(client);
            this.client = client;
        }

        @Override
        public void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) throws Exception {
            Flowable<Mqtt5Publish> messages = Flowable.generate(() -> 0, (Integer i, Emitter<Mqtt5Publish> emitter) -> {
                if (more.getAsBoolean()) {
                    emitter.onNext(message(topics[i % topics.length], payload, qos));
                } else {
                    emitter.onComplete();
                }
                return i + 1;
            });
            client.toRx()
                    .publish(messages)
                    .blockingForEach(result -> result.getError().ifPresent(error -> {
                        throw new IllegalStateException("a message failed", error);
                    }));
            publishLast(topics[0], payload);
        }
    }
}

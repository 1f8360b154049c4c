package io.mqttx.benchmarks.clients;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** The asynchronous client of Paho for version 5. How many messages are in flight, the server says to it. */
final class PahoContestant implements Contestant {
    private final MqttAsyncClient client;
    private final Map<String, Consumer<ByteBuffer>> takers = new ConcurrentHashMap<>(); // by the start of the topic

    private PahoContestant(MqttAsyncClient client) {
        this.client = client;
    }

    static CompletableFuture<Contestant> connect(String clientId, int port) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient("tcp://127.0.0.1:" + port, clientId, new MemoryPersistence());
        PahoContestant contestant = new PahoContestant(client);
        client.setCallback(contestant.new Incoming());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(true);
        options.setAutomaticReconnect(false);
        CompletableFuture<Contestant> connected = new CompletableFuture<>();
        client.connect(options, null, new Done(error -> {
            if (error == null) {
                connected.complete(contestant);
            } else {
                connected.completeExceptionally(error);
            }
        }));
        return connected;
    }

    @Override
    public void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) throws Exception {
        Window window = new Window(IN_FLIGHT); // at QoS 0 too: it refuses more than the server takes
        Done done = new Done(window::left);
        for (int i = 0; more.getAsBoolean(); i++) {
            window.enter();
            send(topics[i % topics.length], payload, qos, done);
        }
        window.awaitAll();
        client.publish(topics[0], payload, 1, false).waitForCompletion();
    }

    /** A token may be told before its place is free again. */
    private void send(String topic, byte[] payload, int qos, Done done) throws MqttException {
        while (true) {
            try {
                client.publish(topic, payload, qos, false, null, done);
                return;
            } catch (MqttException e) {
                if (e.getReasonCode() != MqttClientException.REASON_CODE_MAX_INFLIGHT) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    @Override
    public void publishOne(String topic, byte[] payload, int qos) throws Exception {
        client.publish(topic, payload, qos, false);
    }

    @Override
    public void subscribe(String filter, int qos, Consumer<ByteBuffer> onPayload) throws Exception {
        takers.put(filter.replace("/#", ""), onPayload);
        client.subscribe(filter, qos).waitForCompletion();
    }

    @Override
    public void unsubscribe(String filter) throws Exception {
        client.unsubscribe(filter).waitForCompletion();
    }

    @Override
    public void close() throws Exception {
        client.disconnect().waitForCompletion();
        client.close();
    }

    private final class Incoming implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            for (Map.Entry<String, Consumer<ByteBuffer>> taker : takers.entrySet()) {
                if (topic.startsWith(taker.getKey())) {
                    taker.getValue().accept(ByteBuffer.wrap(message.getPayload()));
                }
            }
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {}

        @Override
        public void mqttErrorOccurred(MqttException e) {}

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean again, String server) {}

        @Override
        public void authPacketArrived(int reason, MqttProperties properties) {}
    }

    /** Tells how it ended: with nothing, or with an error. */
    private record Done(Consumer<Throwable> then) implements MqttActionListener {
        @Override
        public void onSuccess(IMqttToken token) {
            then.accept(null);
        }

        @Override
        public void onFailure(IMqttToken token, Throwable error) {
            then.accept(error);
        }
    }
}

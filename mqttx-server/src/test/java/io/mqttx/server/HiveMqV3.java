package io.mqttx.server;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt3.Mqtt3BlockingClient;
import com.hivemq.client.mqtt.mqtt3.Mqtt3Client;
import java.util.List;
import java.util.Objects;

/** HiveMQ's client for 3.1.1. */
final class HiveMqV3 implements PeerClient {
    private final Mqtt3BlockingClient client;
    private final Inbox inbox = new Inbox();

    HiveMqV3(int port, String clientId) {
        this.client = Mqtt3Client.builder()
                .serverHost("127.0.0.1")
                .serverPort(port)
                .identifier(clientId)
                .buildBlocking();
        client.toAsync()
                .publishes(
                        MqttGlobalPublishFilter.ALL,
                        message -> inbox.add(new Received(
                                message.getTopic().toString(),
                                message.getPayloadAsBytes(),
                                message.getQos().getCode(),
                                message.isRetain())));
    }

    @Override
    public boolean connect(boolean cleanStart) {
        return client.connectWith().cleanSession(cleanStart).send().isSessionPresent();
    }

    @Override
    public void subscribe(String filter, int qos) {
        client.subscribeWith().topicFilter(filter).qos(qos(qos)).send();
    }

    @Override
    public void unsubscribe(String filter) {
        client.unsubscribeWith().topicFilter(filter).send();
    }

    @Override
    public void publish(String topic, byte[] payload, int qos, boolean retain) {
        client.publishWith()
                .topic(topic)
                .payload(payload)
                .qos(qos(qos))
                .retain(retain)
                .send();
    }

    @Override
    public List<Received> await(int count) throws InterruptedException {
        return inbox.await(count);
    }

    @Override
    public void disconnect() {
        client.disconnect();
    }

    @Override
    public void close() {
        if (client.getState().isConnected()) {
            client.disconnect();
        }
    }

    private static MqttQos qos(int code) {
        return Objects.requireNonNull(MqttQos.fromCode(code));
    }
}

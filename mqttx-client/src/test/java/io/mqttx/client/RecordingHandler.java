package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.ReasonCode;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Remembers what it was told, as text. */
class RecordingHandler implements ClientHandler {
    private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

    @Override
    public void onConnected(MqttClient client, ConnAck connAck) {
        told.add("connected");
    }

    @Override
    public void onMessage(MqttClient client, Message message) {
        told.add(message.topic() + "=" + message.text());
    }

    @Override
    public void onPublishRefused(MqttClient client, String topic, int packetId, ReasonCode reason) {
        told.add(topic + " refused " + reason);
    }

    @Override
    public void onDisconnected(MqttClient client, DisconnectReason reason) {
        told.add("disconnected " + reason.cause());
    }

    void add(String event) {
        told.add(event);
    }

    String next() throws InterruptedException {
        String event = told.poll(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertTrue(event != null, "the handler is told something");
        return event;
    }

    boolean isQuiet() {
        return told.isEmpty();
    }
}

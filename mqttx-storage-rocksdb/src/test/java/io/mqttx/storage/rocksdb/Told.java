package io.mqttx.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What a storage hands out, as short texts, and the words to fill one. */
final class Told implements Storage.Loader {
    final List<String> lines = new ArrayList<>();

    static List<String> by(Storage storage) {
        Told told = new Told();
        storage.load(told);
        return told.lines;
    }

    static Change session(long key) {
        return new Change.SessionPut(new Kept.Session(key, "c" + key, 60, 0));
    }

    static Change queued(int size, long sequence, long... sessions) {
        Kept.Terms terms = new Kept.Terms(QoS.AT_LEAST_ONCE, false, true, new int[0], "");
        List<Change.Receiver> receivers = new ArrayList<>();
        for (int i = 0; i < sessions.length; i++) {
            receivers.add(new Change.Receiver(sessions[i], sequence + i, terms));
        }
        return new Change.Queued(message("t", size), receivers);
    }

    static Kept.Message message(String topic, int size) {
        ByteBuffer payload = ByteBuffer.wrap("x".repeat(size).getBytes(UTF_8));
        return new Kept.Message("p", new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of(topic), 1, payload), 1);
    }

    @Override
    public void session(Kept.Session session) {
        lines.add("session " + session.key());
    }

    @Override
    public void subscribed(Kept.Subscribed subscribed) {
        lines.add("subscribed " + subscribed.subscription().filter());
    }

    @Override
    public void will(Kept.Will will) {
        lines.add("will");
    }

    @Override
    public void queued(long sequence, boolean counted, boolean shared, int bytes) {
        lines.add("queued " + sequence);
    }

    @Override
    public void sent(int packetId, long order, Kept.Entry entry) {
        lines.add("sent " + packetId);
    }

    @Override
    public void released(int packetId, long order) {
        lines.add("released " + packetId);
    }

    @Override
    public void received(int packetId) {
        lines.add("received " + packetId);
    }

    @Override
    public void retained(Kept.Message message) {
        lines.add("retained " + message.publish().topic());
    }
}

package io.mqttx.client;

import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;

/** A message of a story, and what its publisher was told of it. Belongs to who has the baton. */
final class Sent {
    /** How its publisher calls, and where it learns what became of the message. */
    enum Call {
        BLOCKING, // from an exception, or later by the handler
        ASYNC // from a future
    }

    private final String topic;
    private final String text; // no two are alike
    private final QoS qos;
    private final Call call;
    private final long calledAt; // nanoseconds, as the next two
    private long startedAt = -1; // was sent for the first time
    private long endedAt = -1; // its publisher knows what became of it
    private Optional<Throwable> failure = Optional.empty();

    private Sent(String topic, String text, QoS qos, Call call, long calledAt) {
        this.topic = topic;
        this.text = text;
        this.qos = qos;
        this.call = call;
        this.calledAt = calledAt;
    }

    static Sent random(Random random, int number, long now) {
        QoS qos = random.nextInt(6) == 0 ? QoS.AT_MOST_ONCE : QoS.of(1 + random.nextInt(2));
        Call call = random.nextInt(8) == 0 ? Call.BLOCKING : Call.ASYNC;
        String text = number + ":" + qos.code() + " ".repeat(random.nextInt(100));
        return new Sent("t/" + random.nextInt(2), text, qos, call, now);
    }

    static String asTold(String topic, String text) {
        return topic + " " + text;
    }

    Publish packet() {
        int anyPacketId = qos == QoS.AT_MOST_ONCE ? 0 : 1;
        ByteBuffer payload = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        return new Publish(qos, false, TopicName.of(topic), anyPacketId, payload);
    }

    void started(long now) {
        startedAt = now;
    }

    /** There is no more to be told, but to who did not wait for the answer: it may have been given up later. */
    void succeeded(long now) {
        endedAt = now;
    }

    void failed(Throwable why, long now) {
        failure = Optional.of(why);
        endedAt = now;
    }

    String topic() {
        return topic;
    }

    QoS qos() {
        return qos;
    }

    Call call() {
        return call;
    }

    String asTold() {
        return asTold(topic, text);
    }

    /** What it takes of an offline queue, as that says. */
    long bytes() {
        return 128L + topic.length() + text.length();
    }

    boolean isOver() {
        return endedAt >= 0;
    }

    /** Why it was given up; empty: it was not, or not yet. */
    Optional<Throwable> failure() {
        return failure;
    }

    /** Nanoseconds that it has waited: until it was sent, or else given up. */
    long waited() {
        return (startedAt >= 0 ? startedAt : endedAt) - calledAt;
    }

    boolean isStarted() {
        return startedAt >= 0;
    }

    @Override
    public String toString() {
        return asTold().strip() + " " + call
                + failure.map(why -> ", which failed: " + why).orElse("");
    }
}

package io.mqttx.broker.simulation;

import io.mqttx.packet.QoS;
import java.util.ArrayList;
import java.util.List;

/** One message of a client. */
final class Sent {
    private static final long NANOS = 1_000_000_000L;
    private static final long SLACK = 2_000_000L; // nanoseconds: a disk keeps times in milliseconds

    final int number;
    final String publisher;
    final String topic;
    final QoS qos;
    final int expiry; // seconds; 0: none
    boolean acknowledged; // the broker took it over: now it has to arrive
    boolean repeated; // to a session that perhaps never heard of it
    boolean overtaken; // perhaps: it was refused or dropped, and its publisher never heard and sent it again
    private final List<Long> came = new ArrayList<>(); // when; more than once if its publisher sent it again
    private int refused; // by the handler

    Sent(int number, String publisher, String topic, QoS qos, int expiry) {
        this.number = number;
        this.publisher = publisher;
        this.topic = topic;
        this.qos = qos;
        this.expiry = expiry;
    }

    /** It came, and the handler was asked about it. */
    void asked(long now, boolean refuses) {
        came.add(now);
        refused += refuses ? 1 : 0;
    }

    /** Whether it came just once, so that who missed it cannot get it. */
    boolean cameOnce() {
        return came.size() == 1;
    }

    /** Whether the handler refused it at least once. */
    boolean mayBeRefused() {
        return refused > 0;
    }

    /** Whether the handler refused it whenever it was asked. */
    boolean isRefused() {
        return refused > 0 && refused == came.size();
    }

    boolean mayHaveExpired(long now) {
        return expiry > 0 && came.stream().anyMatch(at -> now - at >= expiry * NANOS - SLACK);
    }

    boolean hasExpired(long now) {
        return expiry > 0 && came.stream().allMatch(at -> now - at >= expiry * NANOS + SLACK);
    }

    /** Whether that is its expiry interval less the seconds that it had waited until then [MQTT-3.3.2-6]. */
    boolean mayHaveLeft(long seconds, long then) {
        return came.stream().anyMatch(at -> left(then - at + SLACK) <= seconds && seconds <= left(then - at - SLACK));
    }

    private long left(long waited) {
        return Math.max(0, expiry - Math.max(0, waited) / NANOS);
    }
}

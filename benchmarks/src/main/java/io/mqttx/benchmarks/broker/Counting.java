package io.mqttx.benchmarks.broker;

import io.mqttx.broker.routing.Grant;
import io.mqttx.broker.routing.Room;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.routing.Subscriber;
import io.mqttx.broker.spi.Loop;

/** A subscriber that counts what it gets. */
final class Counting implements Subscriber {
    private final String clientId;
    private final Loop loop;
    private final Room room = new Room();
    private long received;

    Counting(String clientId, Loop loop) {
        this.clientId = clientId;
        this.loop = loop;
    }

    long received() {
        return received;
    }

    @Override
    public String clientId() {
        return clientId;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public boolean mayAnswerSoon() {
        return false;
    }

    @Override
    public Room room() {
        return room;
    }

    @Override
    public boolean isFullFor(SharedMessage message, int before) {
        return false;
    }

    @Override
    public void missed(SharedMessage message) {
        // it never misses one
    }

    @Override
    public long key() {
        return 0;
    }

    @Override
    public void deliver(SharedMessage message, Grant grant, long sequence) {
        received++;
    }
}

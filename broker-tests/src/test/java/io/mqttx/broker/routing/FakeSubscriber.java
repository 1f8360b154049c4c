package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Loop;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.testkit.ManualLoops;
import java.util.ArrayList;
import java.util.List;

/** Somebody with a name and, if the test says so, a loop. */
final class FakeSubscriber implements Subscriber {
    final List<SharedMessage> received = new ArrayList<>();
    private final Room room = new Room();
    boolean failing;
    private final String name;
    private final Loop loop;

    FakeSubscriber(String name) {
        this(name, new ManualLoops(1).all().get(0));
    }

    FakeSubscriber(String name, Loop loop) {
        this.name = name;
        this.loop = loop;
    }

    @Override
    public String clientId() {
        return name;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public boolean mayAnswerSoon() {
        return true;
    }

    @Override
    public Room room() {
        return room;
    }

    /** Is there, and may be sent that many messages at once. */
    void comes(int places) {
        room.comes(Long.MAX_VALUE, ProtocolVersion.V5);
        room.has(places, 0);
    }

    @Override
    public boolean isFullFor(SharedMessage message, int before) {
        return false;
    }

    @Override
    public void missed(SharedMessage message) {
        throw new IllegalStateException("never full");
    }

    @Override
    public long key() {
        return 0;
    }

    @Override
    public void deliver(SharedMessage message, Grant grant, long sequence) {
        if (failing) {
            throw new IllegalStateException("planted");
        }
        received.add(message);
    }

    @Override
    public String toString() {
        return name;
    }
}

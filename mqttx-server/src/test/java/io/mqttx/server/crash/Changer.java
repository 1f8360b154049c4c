package io.mqttx.server.crash;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Subscribes and unsubscribes, one filter at a time, and knows which it should have. */
final class Changer extends Player {
    static final int FILTERS = 10;
    static final String PREFIX = "flip/";
    private static final String ALWAYS = PREFIX + "end"; // what comes on it comes last

    private enum State {
        UNKNOWN,
        SUBSCRIBED,
        UNSUBSCRIBED
    }

    private final State[] states = new State[FILTERS]; // guarded by itself
    private final Set<String> heard = ConcurrentHashMap.newKeySet(); // topic and payload
    private int changing = -1; // the filter whose change is not acknowledged
    private State becomes = State.UNKNOWN;
    private volatile boolean ready;
    private volatile boolean busy;

    Changer(Scene scene, long seed) {
        super("changer", ProtocolVersion.V5, scene, seed);
        Arrays.fill(states, State.UNSUBSCRIBED);
    }

    boolean isReady() {
        return ready;
    }

    @Override
    boolean isIdle() {
        return !busy;
    }

    @Override
    void talk(Wire wire) throws IOException {
        changing = -1;
        busy = false;
        if (!ready) {
            wire.send(new Subscribe(1, List.of(new Subscription(TopicFilter.of(ALWAYS), QoS.AT_LEAST_ONCE))));
        }
        while (!scene.over) {
            if (scene.producing && ready && changing < 0) {
                change(wire);
            }
            Optional<Packet> packet = wire.next(10);
            if (packet.isPresent()) {
                take(wire, packet.get());
            }
        }
    }

    private void change(Wire wire) throws IOException {
        busy = true;
        changing = random.nextInt(FILTERS);
        TopicFilter filter = TopicFilter.of(PREFIX + changing);
        becomes = random.nextBoolean() ? State.SUBSCRIBED : State.UNSUBSCRIBED;
        synchronized (states) {
            if (states[changing] != becomes) {
                states[changing] = State.UNKNOWN;
            }
        }
        scene.ledger.tell(id, "asks: " + filter + " " + becomes, -1);
        wire.send(
                becomes == State.SUBSCRIBED
                        ? new Subscribe(2, List.of(new Subscription(filter, QoS.AT_LEAST_ONCE)))
                        : new Unsubscribe(2, List.of(filter)));
    }

    private void take(Wire wire, Packet packet) throws IOException {
        switch (packet.type()) {
            case SUBACK, UNSUBACK -> {
                if (changing >= 0) {
                    synchronized (states) {
                        states[changing] = becomes;
                    }
                    scene.ledger.tell(id, "is told: " + PREFIX + changing + " " + becomes, -1);
                    changing = -1;
                    busy = false;
                }
                ready = true;
            }
            case PUBLISH -> {
                Publish publish = (Publish) packet;
                heard.add(publish.topic() + " " + Inbox.number(publish));
                wire.send(new PubAck(publish.packetId()));
            }
            case DISCONNECT -> throw new IOException("told to go: " + packet);
            default -> scene.ledger.finding(id + " gets " + packet);
        }
    }

    /** The topics to publish to, with this number, to find out what it is subscribed to. */
    static List<String> topics() {
        List<String> topics = new ArrayList<>();
        for (int i = 0; i < FILTERS; i++) {
            topics.add(PREFIX + i);
        }
        topics.add(ALWAYS);
        return topics;
    }

    boolean hasHeard(int number) {
        return heard.contains(ALWAYS + " " + number);
    }

    /** What it heard of that number beside what it had to. */
    Optional<String> difference(int number) {
        synchronized (states) {
            for (int i = 0; i < FILTERS; i++) {
                boolean came = heard.contains(PREFIX + i + " " + number);
                if (states[i] == State.SUBSCRIBED && !came || states[i] == State.UNSUBSCRIBED && came) {
                    return Optional.of(PREFIX + i + " is " + states[i] + ", as was acknowledged, but a message to it "
                            + (came ? "came" : "did not come"));
                }
            }
        }
        heard.clear();
        return Optional.empty();
    }
}

package io.mqttx.server.crash;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Subscribes once, in a session that lasts, and keeps account of what it gets. */
final class Subscriber extends Player {
    private static final int SUBSCRIBING = 65_000;
    private static final int SLOWEST = 60; // ms until an answer

    /** How it behaves. */
    enum Manner {
        PROMPT,
        SLOW,
        AWAY // most of the time, until there is nothing but to finish
    }

    private final Manner manner;
    private final QoS maximumQoS;
    private final List<String> prefixes;
    private final Inbox inbox;
    private final Map<Integer, Integer> received = new HashMap<>(); // QoS 2: message by identifier, until PUBREL
    private final Deque<Answer> answers = new ArrayDeque<>();
    private volatile boolean subscribed;
    private volatile int unfinished;

    private record Answer(long due, Packet packet) {}

    Subscriber(
            String id,
            ProtocolVersion version,
            Manner manner,
            QoS maximumQoS,
            List<String> prefixes,
            Scene scene,
            long seed) {
        super(id, version, scene, seed);
        this.manner = manner;
        this.maximumQoS = maximumQoS;
        this.prefixes = prefixes;
        this.inbox = scene.ledger.inbox(id, maximumQoS, prefixes);
    }

    boolean isSubscribed() {
        return subscribed;
    }

    @Override
    boolean isIdle() {
        return unfinished == 0;
    }

    @Override
    boolean wantsIn() {
        return manner != Manner.AWAY || !subscribed || !scene.producing || random.nextInt(20) == 0;
    }

    @Override
    void talk(Wire wire) throws IOException {
        answers.clear();
        if (!subscribed) {
            wire.send(new Subscribe(
                    SUBSCRIBING,
                    prefixes.stream()
                            .map(prefix -> new Subscription(TopicFilter.of(prefix + "#"), maximumQoS))
                            .toList()));
        }
        boolean visits = manner == Manner.AWAY && subscribed && scene.producing;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(visits ? random.nextInt(100) : Integer.MAX_VALUE);
        while (!scene.over && System.nanoTime() < end && (wantsToStay() || visits)) {
            Optional<Packet> packet = wire.next(answers.isEmpty() ? 5 : 1);
            if (packet.isPresent()) {
                take(packet.get());
            }
            answer(wire);
            unfinished = received.size() + answers.size();
        }
    }

    private boolean wantsToStay() {
        return manner != Manner.AWAY || !subscribed || !scene.producing;
    }

    private void answer(Wire wire) throws IOException {
        while (!answers.isEmpty() && answers.element().due <= System.nanoTime()) {
            wire.send(answers.remove().packet);
        }
    }

    private void answerLater(Packet packet) {
        int delay = manner == Manner.SLOW && scene.producing ? random.nextInt(SLOWEST) : 0;
        answers.add(new Answer(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay), packet));
    }

    private void take(Packet packet) throws IOException {
        switch (packet.type()) {
            case SUBACK -> subscribed = true;
            case PUBLISH -> arrived((Publish) packet);
            case PUBREL -> {
                PubRel rel = (PubRel) packet;
                Integer number = received.remove(rel.packetId());
                if (number != null) {
                    scene.ledger.tell(id, "gets PUBREL " + rel.packetId(), number);
                }
                answerLater(new PubComp(rel.packetId()));
            }
            case DISCONNECT -> throw new IOException("told to go: " + packet);
            default -> scene.ledger.finding(id + " gets " + packet);
        }
    }

    private void arrived(Publish publish) {
        int number = Inbox.number(publish);
        int packetId = publish.packetId();
        if (publish.qos() == QoS.AT_LEAST_ONCE) {
            inbox.take(publish, number);
            answerLater(new PubAck(packetId));
            return;
        }
        Integer known = received.putIfAbsent(packetId, number);
        if (known == null) {
            inbox.take(publish, number);
        } else if (known != number) {
            scene.ledger.finding(
                    id + " gets message " + number + " with identifier " + packetId + " of message " + known
                            + ", which was not released",
                    id,
                    number,
                    known);
        } else if (!publish.dup()) {
            scene.ledger.finding(id + " gets message " + number + " again without DUP", id, number);
        }
        answerLater(new PubRec(packetId));
    }
}

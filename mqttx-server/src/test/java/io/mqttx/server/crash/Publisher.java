package io.mqttx.server.crash;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Publishes at QoS 1 and 2, some of it retained, with several messages in flight. With a session that lasts it sends again
 * what was not acknowledged, in order; without one it forgets it, and nobody knows whether it arrives.
 */
final class Publisher extends Player {
    private static final int MOST_IN_A_ROUND = 400; // so that no queue fills up
    private static final int TOPICS = 3;

    private final boolean persistent;
    private final int window;
    private final Map<Integer, Outgoing> outgoing = new LinkedHashMap<>(); // by identifier, in order
    private int nextId = 1;
    private int published;
    private volatile int inFlight;

    private static final class Outgoing {
        final Ledger.Sent sent;
        final Publish packet;
        boolean released;

        Outgoing(Ledger.Sent sent, Publish packet) {
            this.sent = sent;
            this.packet = packet;
        }
    }

    Publisher(String id, ProtocolVersion version, boolean persistent, Scene scene, long seed) {
        super(id, version, scene, seed);
        this.persistent = persistent;
        this.window = 1 + random.nextInt(20);
    }

    @Override
    boolean isPersistent() {
        return persistent;
    }

    @Override
    boolean isIdle() {
        return inFlight == 0;
    }

    @Override
    void sessionBegins() {
        if (!persistent) {
            outgoing.clear();
            inFlight = 0;
        }
    }

    @Override
    void talk(Wire wire) throws IOException {
        for (Outgoing each : outgoing.values()) { // [MQTT-4.4.0-1] [MQTT-4.6.0-1]
            scene.ledger.tell(id, "sends " + (each.released ? "PUBREL" : "it") + " again", each.sent.number);
            wire.send(each.released ? new PubRel(each.packet.packetId()) : each.packet.again());
        }
        while (!scene.over) {
            if (!scene.producing) {
                published = 0;
            }
            boolean more = scene.producing && outgoing.size() < window && published < MOST_IN_A_ROUND;
            if (more) {
                publish(wire);
            }
            Optional<Packet> packet = wire.next(more ? random.nextInt(3) : 5);
            while (packet.isPresent()) {
                take(wire, packet.get());
                packet = wire.next(0);
            }
        }
    }

    private void publish(Wire wire) throws IOException {
        QoS qos = random.nextBoolean() ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE;
        boolean retain = random.nextInt(8) == 0;
        String topic = (retain ? "state/" : "crash/") + id + "/" + random.nextInt(TOPICS) + "/" + qos.code();
        int padding = random.nextInt(10) == 0 ? 2000 : random.nextInt(200);
        while (outgoing.containsKey(nextId)) {
            nextId = nextId % 0xFFFF + 1;
        }
        Ledger.Sent sent = scene.ledger.sending(id, topic, qos);
        ByteBuffer payload = ByteBuffer.wrap(Inbox.payload(sent.number, padding));
        Publish packet = new Publish(qos, retain, TopicName.of(topic), nextId, payload);
        scene.ledger.tell(id, "sends it: " + qos + ", id " + nextId + ", on " + topic, sent.number);
        outgoing.put(nextId, new Outgoing(sent, packet));
        inFlight = outgoing.size();
        nextId = nextId % 0xFFFF + 1;
        published++;
        wire.send(packet);
    }

    private void take(Wire wire, Packet packet) throws IOException {
        switch (packet.type()) {
            case PUBACK -> done(((PubAck) packet).packetId(), ((PubAck) packet).reason());
            // "Packet identifier not found" is right where the PUBCOMP before was lost, §4.3.3.
            case PUBCOMP -> done(((PubComp) packet).packetId(), ReasonCode.SUCCESS);
            case PUBREC -> {
                PubRec rec = (PubRec) packet;
                if (rec.reason().isError()) {
                    done(rec.packetId(), rec.reason());
                    return;
                }
                outgoing.get(rec.packetId()).released = true;
                wire.send(new PubRel(rec.packetId()));
            }
            case DISCONNECT -> throw new IOException("told to go: " + packet);
            default -> scene.ledger.finding(id + " gets " + packet);
        }
    }

    private void done(int packetId, ReasonCode reason) {
        Outgoing done = outgoing.remove(packetId);
        if (done == null) {
            scene.ledger.finding(id + " gets an answer to " + packetId + ", which it did not send");
        } else if (!reason.isError()) {
            scene.ledger.acknowledged(done.sent);
        } else if (!scene.mayRefuse) {
            scene.ledger.finding(id + " is refused " + done.sent + ": " + reason, id, done.sent.number);
        }
        inFlight = outgoing.size();
    }
}

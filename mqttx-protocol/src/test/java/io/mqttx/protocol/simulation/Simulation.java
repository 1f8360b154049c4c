package io.mqttx.protocol.simulation;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.QoS;
import java.util.Random;

/**
 * One life of a session, made from one seed: chaos first, then calm until everything has arrived.
 *
 * <p>Varied: version, bare flows or whole connections, windows of 1 to 20, how many identifiers there are, how often
 * the wire breaks, how long answers take, whether processes die, and whether the peers are rude: they repeat PUBREC,
 * answer what was never sent, and answer with the wrong kind of packet.
 */
final class Simulation {
    private static final int PATIENCE = 100_000;

    private final Random random;
    private final boolean rude;
    private final boolean crashes;
    private final double breaks;
    private final boolean connections;
    private final int mostIds;
    private final Peer left;
    private final Peer right;

    Simulation(long seed) {
        random = new Random(seed);
        rude = random.nextInt(3) == 0;
        crashes = random.nextInt(3) == 0;
        connections = random.nextBoolean();
        breaks = random.nextDouble() * 0.1;
        mostIds = random.nextBoolean() ? 1 + random.nextInt(8) : 65535;
        double delay = random.nextInt(3) == 0 ? 0 : random.nextDouble();
        ProtocolVersion version = random.nextInt(3) == 0 ? ProtocolVersion.V3_1_1 : ProtocolVersion.V5;
        int messages = 1 + random.nextInt(20);
        if (connections) {
            left = new ClientPeer(version, random, messages, mostIds, delay);
            right = new ServerPeer(version, random, messages, mostIds, delay);
        } else {
            left = new FlowPeer("left", version, random, messages, mostIds, delay);
            right = new FlowPeer("right", version, random, messages, mostIds, delay);
        }
    }

    void play() {
        connect();
        int chaos = 20 + random.nextInt(400);
        for (int step = 0; step < chaos; step++) {
            if (random.nextDouble() < breaks) {
                breakConnection();
            } else {
                step(rude);
            }
        }
        for (int step = 0; !(left.isDone() && right.isDone()); step++) {
            if (step == PATIENCE) {
                throw new AssertionError("everything arrives in the end\n" + left + "\n" + right);
            }
            step(false);
        }
        left.checkArrived(right);
        right.checkArrived(left);
    }

    private void step(boolean withRudeness) {
        Peer peer = random.nextBoolean() ? left : right;
        Peer other = peer == left ? right : left;
        switch (random.nextInt(withRudeness ? 6 : 5)) {
            case 0 -> peer.publishNext();
            case 1 -> peer.decideOne();
            case 5 -> beRude(peer, other);
            default -> {
                Packet packet = peer.wire.poll();
                if (packet != null) {
                    other.take(packet);
                    repeat(withRudeness, packet, other);
                }
            }
        }
        if (left.isBroken() || right.isBroken()) {
            left.check(rude, "nobody broke the rules, yet: " + left.brokenBy() + right.brokenBy());
            breakConnection();
        }
    }

    /** PUBREC comes twice, one behind the other, as from a peer that lost patience. */
    private void repeat(boolean withRudeness, Packet packet, Peer other) {
        if (withRudeness && packet instanceof PubRec && random.nextInt(4) == 0 && !other.isBroken()) {
            other.take(packet);
        }
    }

    private void beRude(Peer peer, Peer other) {
        int unknown = mostIds + 1 + random.nextInt(10);
        switch (random.nextInt(6)) {
            case 0 -> sendUnknown(peer, unknown);
            case 1 -> {
                int id = other.inFlightAt(QoS.EXACTLY_ONCE);
                if (id > 0 && random.nextInt(4) == 0) {
                    other.take(new PubAck(id)); // at once: later the identifier may be that of another message
                }
            }
            case 2 -> {
                int id = other.inFlightAt(QoS.AT_LEAST_ONCE);
                if (id > 0 && random.nextInt(4) == 0) {
                    other.take(new PubRec(id));
                }
            }
            default -> {}
        }
    }

    private void sendUnknown(Peer peer, int unknown) {
        if (unknown > 65535 || peer.wire.isEmpty()) {
            return; // no identifier left that is surely unknown, or perhaps no handshake yet
        }
        peer.wire.add(
                switch (random.nextInt(4)) {
                    case 0 -> new PubAck(unknown);
                    case 1 -> new PubRec(unknown);
                    case 2 -> new PubRel(unknown);
                    default -> new PubComp(unknown);
                });
    }

    private void breakConnection() {
        left.cut();
        right.cut();
        maybeCrash(left);
        maybeCrash(right);
        for (int i = random.nextInt(3); i > 0; i--) {
            (random.nextBoolean() ? left : right).decideOne(); // while nobody is connected
        }
        connect();
    }

    private void maybeCrash(Peer peer) {
        if (crashes && random.nextInt(3) == 0) {
            peer.crash();
        }
    }

    private void connect() {
        left.window = 1 + random.nextInt(20);
        right.window = 1 + random.nextInt(20);
        if (connections) {
            ((ServerPeer) right).listen(left.window);
            ((ClientPeer) left).connect(right.window);
        } else {
            ((FlowPeer) left).connect(right.window);
            ((FlowPeer) right).connect(left.window);
        }
    }
}

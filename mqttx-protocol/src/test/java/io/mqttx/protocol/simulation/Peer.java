package io.mqttx.protocol.simulation;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowReplay;
import io.mqttx.protocol.flow.PacketIds;
import io.mqttx.protocol.flow.SessionFlows;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * One side of the simulation: publishes numbered messages, answers those of the other side when it likes, and keeps
 * book of what must never happen. Subclasses say what the protocol is driven by: bare flows or connections.
 */
abstract class Peer implements ActionSink<Publish> {
    private static final TopicName TOPIC = TopicName.of("simulation");

    final String name;
    final ProtocolVersion version;
    final Random random;
    final Deque<Packet> wire = new ArrayDeque<>(); // from this peer to the other
    SessionFlows<Publish> flows;
    int window; // what the other one takes

    private final int highestId;
    private final double delay;
    private FlowReplay<Publish> journal = new FlowReplay<>();
    private boolean broken; // a violation was found: the connection is to be cut
    private String brokenBy = "";

    // What the application of this peer sent:
    private final List<QoS> sent = new ArrayList<>(); // by number
    private int toPublish;
    private final Map<Integer, Integer> inFlight = new HashMap<>(); // identifier to number, until completed
    private final Set<Integer> unanswered = new HashSet<>(); // identifiers of this connection

    // What it got:
    private final Map<Integer, QoS> undecided = new HashMap<>(); // numbers out with the application
    private final Map<Integer, Integer> idOf = new HashMap<>(); // of those
    private final Map<Integer, Integer> taken = new HashMap<>(); // number to how often
    private final Set<Integer> refused = new HashSet<>(); // with a code, so that the sender knows
    private final Set<Integer> seen = new HashSet<>();
    private final Map<QoS, Integer> newest = new HashMap<>();
    private final Map<QoS, Deque<Integer>> toAnswer = new HashMap<>(); // identifiers, as they came over this connection

    Peer(String name, ProtocolVersion version, Random random, int messages, int highestId, double delay) {
        this.name = name;
        this.version = version;
        this.random = random;
        this.toPublish = messages;
        this.highestId = highestId;
        this.delay = delay;
        this.flows = new SessionFlows<>(new PacketIds(highestId));
    }

    abstract boolean canPublish();

    abstract void publish(Publish message);

    abstract void receive(Packet packet);

    abstract void disconnected();

    /** The other one is about to send this; what it answers has to be in order. */
    final void take(Packet packet) {
        if (packet instanceof Publish publish && publish.qos() != QoS.AT_MOST_ONCE) {
            toAnswer.computeIfAbsent(publish.qos(), qos -> new ArrayDeque<>()).add(publish.packetId());
        } else if (packet instanceof PubAck ack) {
            unanswered.remove(ack.packetId());
        } else if (packet instanceof PubComp comp) {
            unanswered.remove(comp.packetId());
        } else if (packet instanceof PubRec rec && rec.reason().isError()) {
            unanswered.remove(rec.packetId());
        }
        receive(packet);
    }

    final void publishNext() {
        if (toPublish == 0 || !canPublish()) {
            return;
        }
        toPublish--;
        QoS qos = random.nextBoolean() ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE;
        ByteBuffer number = ByteBuffer.allocate(4).putInt(0, sent.size());
        sent.add(qos);
        publish(new Publish(qos, false, TOPIC, 1, number));
    }

    /** The application answers one of the messages it was given: any of them. */
    final void decideOne() {
        if (!undecided.isEmpty()) {
            List<Integer> numbers = new ArrayList<>(undecided.keySet());
            decide(numbers.get(random.nextInt(numbers.size())));
        }
    }

    final void cut() {
        wire.clear();
        unanswered.clear();
        toAnswer.clear();
        broken = false;
        disconnected();
    }

    /** The process dies and comes back with what is in its journal. */
    final void crash() {
        check(flows.snapshot().outgoing().equals(journal.snapshot().outgoing()), "the journal tells what is in flight");
        check(flows.snapshot().received().equals(journal.snapshot().received()), "the journal tells what was received");
        flows = random.nextBoolean()
                ? SessionFlows.restore(journal.snapshot(), new PacketIds(highestId))
                : SessionFlows.restore(flows.snapshot(), new PacketIds(highestId));
        journal = new FlowReplay<>(flows.snapshot());
        undecided.clear();
        idOf.clear();
    }

    @Override
    public String toString() {
        return name + " " + version + ": to publish " + toPublish + ", in flight " + inFlight + ", undecided "
                + undecided + ", received " + flows.snapshot().received() + ", quota "
                + flows.outbound().quota() + ", wire " + wire;
    }

    final boolean isBroken() {
        return broken;
    }

    final String brokenBy() {
        return brokenBy;
    }

    final boolean isDone() {
        return toPublish == 0 && flows.isIdle() && wire.isEmpty() && undecided.isEmpty();
    }

    /** At the end, with everything calm. */
    final void checkArrived(Peer from) {
        for (int number = 0; number < from.sent.size(); number++) {
            int times = taken.getOrDefault(number, 0);
            boolean right = from.sent.get(number) == QoS.EXACTLY_ONCE ? times == 1 : times >= 1;
            right |= times == 0 && refused.contains(number);
            check(right, "message " + number + " at " + from.sent.get(number) + " arrived, but " + times + " times");
        }
        check(flows.ids().inUse() == 0, "all identifiers are free at the end");
        check(flows.outbound().quota() == Math.min(window, 65535), "the quota is whole at the end");
    }

    /** An identifier in flight at this QoS, or 0: for peers who want to answer it wrongly. */
    final int inFlightAt(QoS qos) {
        return inFlight.entrySet().stream()
                .filter(entry -> sent.get(entry.getValue()) == qos)
                .mapToInt(Map.Entry::getKey)
                .findFirst()
                .orElse(0);
    }

    @Override
    public void send(Packet packet) {
        if (packet instanceof PubAck ack) {
            checkTurn(QoS.AT_LEAST_ONCE, ack.packetId());
        } else if (packet instanceof PubRec rec) {
            checkTurn(QoS.EXACTLY_ONCE, rec.packetId());
        }
        wire.add(packet);
    }

    @Override
    public void sendMessage(Publish message, QoS qos, int packetId, boolean dup) {
        int number = message.payload().getInt();
        if (dup) {
            check(inFlight.get(packetId) == number, "sent again with the identifier it had");
        } else {
            check(inFlight.putIfAbsent(packetId, number) == null, "identifier " + packetId + " is in flight already");
        }
        check(unanswered.add(packetId), "sent once on this connection");
        check(unanswered.size() <= window, "the window of " + window + " is kept");
        Publish packet = message.with(qos, packetId);
        wire.add(dup ? packet.again() : packet);
    }

    @Override
    public void deliver(Publish message) {
        int number = message.payload().getInt();
        check(!undecided.containsKey(number), "message " + number + " is out with the application already");
        check(
                message.qos() == QoS.AT_LEAST_ONCE || !taken.containsKey(number),
                "QoS 2 message " + number + " is delivered once");
        if (seen.add(number)) {
            Integer before = newest.put(message.qos(), number);
            check(before == null || before < number, "message " + number + " comes before " + before);
        }
        undecided.put(number, message.qos());
        idOf.put(number, message.packetId());
        if (random.nextDouble() >= delay) {
            decide(number);
        }
    }

    @Override
    public void handle(Packet packet) {
        throw new AssertionError(name + " was asked about " + packet);
    }

    @Override
    public void persist(FlowChange<Publish> change) {
        journal.apply(change);
    }

    @Override
    public void complete(int packetId, ReasonCode reason) {
        check(inFlight.remove(packetId) != null, "identifier " + packetId + " was in flight");
    }

    @Override
    public void close(ReasonCode reason, String detail) {
        broken = true;
        brokenBy = detail;
    }

    final void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(name + ": " + what);
        }
    }

    private void decide(int number) {
        undecided.remove(number);
        int id = idOf.remove(number);
        boolean refuse = random.nextInt(10) == 0;
        if (refuse && version.hasProperties()) {
            refused.add(number);
        } else {
            taken.merge(number, 1, Integer::sum); // before version 5 a refused message counts: it must not come again
        }
        ReasonCode reason = refuse ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.SUCCESS;
        flows.inbound().accepted(id, reason, this);
    }

    private void checkTurn(QoS qos, int packetId) {
        Deque<Integer> waiting = toAnswer.getOrDefault(qos, new ArrayDeque<>());
        check(!waiting.isEmpty() && waiting.poll() == packetId, "answer " + packetId + " leaves in its turn");
    }
}

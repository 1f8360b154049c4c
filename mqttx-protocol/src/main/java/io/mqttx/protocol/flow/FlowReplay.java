package io.mqttx.protocol.flow;

import io.mqttx.protocol.action.FlowChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The state of a session's flows, told by their changes alone: what a store that keeps a journal does when it reads
 * the journal back. One thread at a time.
 *
 * @param <M> the owner's handle of an outgoing message
 */
public final class FlowReplay<M> {
    private final Map<Integer, FlowSnapshot.Outgoing<M>> outgoing = new LinkedHashMap<>(); // in the order of sending
    private final Set<Integer> received = new TreeSet<>();
    private int lastPacketId;

    /** Nothing in flight. */
    public FlowReplay() {}

    /** Begins where this snapshot was taken. */
    public FlowReplay(FlowSnapshot<M> start) {
        start.outgoing().forEach(exchange -> outgoing.put(exchange.packetId(), exchange));
        received.addAll(start.received());
        lastPacketId = start.lastPacketId();
    }

    /** The next change. */
    public void apply(FlowChange<M> change) {
        int id = change.packetId();
        if (change instanceof FlowChange.Published<M> published) {
            outgoing.put(id, new FlowSnapshot.Unanswered<>(id, published.qos(), published.message()));
            lastPacketId = id;
        } else if (change instanceof FlowChange.Released<M>) {
            outgoing.remove(id); // to the end: PUBREL go in the order of the PUBREC [MQTT-4.6.0-4]
            outgoing.put(id, new FlowSnapshot.Release<>(id));
        } else if (change instanceof FlowChange.Completed<M>) {
            outgoing.remove(id);
        } else if (change instanceof FlowChange.Received<M>) {
            received.add(id);
        } else if (change instanceof FlowChange.Concluded<M>) {
            received.remove(id);
        }
    }

    /** The state after the changes so far. */
    public FlowSnapshot<M> snapshot() {
        return new FlowSnapshot<>(new ArrayList<>(outgoing.values()), new ArrayList<>(received), lastPacketId);
    }
}

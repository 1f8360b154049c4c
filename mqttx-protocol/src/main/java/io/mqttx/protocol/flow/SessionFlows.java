package io.mqttx.protocol.flow;

import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.action.FlowChange;

/**
 * What of the protocol belongs to a session and outlives its connections (§4.1): the packet identifiers and both
 * flows. An answer that the application gives late goes to the flows that delivered the message, whatever
 * connection they have by then.
 *
 * @param <M> the owner's handle of an outgoing message
 */
public final class SessionFlows<M> {
    private final PacketIds ids;
    private final OutboundFlow<M> outbound;
    private final InboundFlow inbound = new InboundFlow();

    /** Those of a new session. */
    public SessionFlows() {
        this(new PacketIds());
    }

    /** Those of a new session that takes its identifiers from {@code ids}. */
    public SessionFlows(PacketIds ids) {
        this.ids = ids;
        this.outbound = new OutboundFlow<>(ids);
    }

    /** Those of a session that was stored; a connection may {@link #resume} them. */
    public static <M> SessionFlows<M> restore(FlowSnapshot<M> snapshot) {
        return restore(snapshot, new PacketIds());
    }

    /** The same, taking identifiers from {@code ids}, of which none is in use. */
    public static <M> SessionFlows<M> restore(FlowSnapshot<M> snapshot, PacketIds ids) {
        SessionFlows<M> flows = new SessionFlows<>(ids);
        snapshot.outgoing().forEach(flows.outbound::restore);
        snapshot.received().forEach(flows.inbound::restore);
        ids.resumeAfter(snapshot.lastPacketId());
        return flows;
    }

    /** Those of a new session in the place of this one, with as many identifiers, none of them in use. */
    public SessionFlows<M> successor() {
        return new SessionFlows<>(ids.unused());
    }

    /** The identifiers for PUBLISH, SUBSCRIBE and UNSUBSCRIBE. */
    public PacketIds ids() {
        return ids;
    }

    /** What we send. */
    public OutboundFlow<M> outbound() {
        return outbound;
    }

    /** What the peer sends. */
    public InboundFlow inbound() {
        return inbound;
    }

    /** Whether nothing is in flight. */
    public boolean isIdle() {
        return outbound.inFlight() == 0 && inbound.inFlight() == 0;
    }

    /** What is to be stored so that the session outlives the process: the sum of its {@link FlowChange}s. */
    public FlowSnapshot<M> snapshot() {
        return new FlowSnapshot<>(outbound.outgoing(), inbound.received(), ids.last());
    }

    /**
     * A connection begins: sends again what the peer did not answer [MQTT-4.4.0-1].
     *
     * @param sendWindow how many messages may be in flight to the peer
     */
    public void resume(int sendWindow, InboundTerms inboundTerms, ActionSink<M> sink) {
        inbound.resume(inboundTerms);
        outbound.resume(sendWindow, sink);
    }

    /** The connection is gone. */
    public void disconnected() {
        outbound.disconnected();
        inbound.disconnected();
    }

    /** Gives back memory that was kept for the next burst: for a session that will be quiet. */
    public void trim() {
        ids.trim();
        outbound.trim();
        inbound.trim();
    }
}

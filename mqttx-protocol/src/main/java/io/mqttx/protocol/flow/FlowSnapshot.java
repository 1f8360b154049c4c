package io.mqttx.protocol.flow;

import io.mqttx.packet.QoS;
import java.util.List;
import java.util.Objects;

/**
 * What of a session's flows outlives the process (§4.1), to be stored and restored.
 *
 * @param outgoing     what the peer has not answered, in the order of sending
 * @param received     identifiers of the QoS 2 messages taken over and not yet released, ascending
 * @param lastPacketId the identifier given out last, so that the next ones are not those that were just in use
 * @param <M>          the owner's handle of an outgoing message
 */
public record FlowSnapshot<M>(List<Outgoing<M>> outgoing, List<Integer> received, int lastPacketId) {
    /** Keeps its own copies. */
    public FlowSnapshot {
        outgoing = List.copyOf(outgoing);
        received = received.stream().sorted().toList();
        if (lastPacketId < 0 || lastPacketId > PacketIds.HIGHEST) {
            throw new IllegalArgumentException("last packet identifier is 0 to 65535, not " + lastPacketId);
        }
    }

    /** Whether nothing is in flight. */
    public boolean isEmpty() {
        return outgoing.isEmpty() && received.isEmpty();
    }

    /**
     * An exchange that we began.
     *
     * @param <M> the owner's handle of an outgoing message
     */
    public sealed interface Outgoing<M> {
        /** Its identifier. */
        int packetId();
    }

    /** A message without an answer. */
    public record Unanswered<M>(int packetId, QoS qos, M message) implements Outgoing<M> {
        /** Checks everything. */
        public Unanswered {
            Objects.requireNonNull(qos, "qos");
            Objects.requireNonNull(message, "message");
        }
    }

    /** A QoS 2 message that the peer took over, and whose PUBREL has no answer. */
    public record Release<M>(int packetId) implements Outgoing<M> {}
}

package io.mqttx.protocol.action;

import io.mqttx.packet.QoS;
import java.util.Objects;

/**
 * One step in the life of a QoS 1 or 2 exchange that a store has to know (§4.1). Applied in order to an empty
 * state, the changes of a session give its state: {@code io.mqttx.protocol.flow.FlowReplay} does so.
 *
 * @param <M> the owner's handle of an outgoing message
 */
public sealed interface FlowChange<M> {

    /** The identifier that this is about: ours for messages that we send, the peer's for those that we receive. */
    int packetId();

    /** We are about to send this message for the first time: keep it until {@link Released} or {@link Completed}. */
    record Published<M>(int packetId, QoS qos, M message) implements FlowChange<M> {
        /** Checks what would be no QoS 1 or 2 message. */
        public Published {
            Objects.requireNonNull(message, "message");
            if (Objects.requireNonNull(qos, "qos") == QoS.AT_MOST_ONCE) {
                throw new IllegalArgumentException("a QoS 0 message is sent and forgotten (§4.3.1)");
            }
        }
    }

    /** The peer took our QoS 2 message over: from here on only its identifier is needed, until {@link Completed}. */
    record Released<M>(int packetId) implements FlowChange<M> {}

    /** The peer is done with our message. */
    record Completed<M>(int packetId) implements FlowChange<M> {}

    /** We took a QoS 2 message over: its identifier marks duplicates until {@link Concluded} [MQTT-4.3.3-10]. */
    record Received<M>(int packetId) implements FlowChange<M> {}

    /** The peer released the QoS 2 message that it sent: its identifier may come with another one. */
    record Concluded<M>(int packetId) implements FlowChange<M> {}
}

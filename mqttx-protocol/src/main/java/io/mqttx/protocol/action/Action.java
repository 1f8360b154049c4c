package io.mqttx.protocol.action;

import io.mqttx.packet.Packet;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;

/**
 * A call of an {@link ActionSink} as a value: one record for each of its methods.
 *
 * @param <M> the owner's handle of an outgoing message
 */
public sealed interface Action<M> {
    /** Write this packet to the peer. */
    record Send<M>(Packet packet) implements Action<M> {}

    /** Write this message to the peer. */
    record SendMessage<M>(M message, QoS qos, int packetId, boolean dup) implements Action<M> {}

    /** Hand this message to the application. */
    record Deliver<M>(Publish message) implements Action<M> {}

    /** Decide about this packet. */
    record Handle<M>(Packet packet) implements Action<M> {}

    /** Keep this. */
    record Persist<M>(FlowChange<M> change) implements Action<M> {}

    /** The peer is done with our message. */
    record Complete<M>(int packetId, ReasonCode reason) implements Action<M> {}

    /** Close the connection. */
    record Close<M>(ReasonCode reason, String detail) implements Action<M> {}

    /** Calls the method of {@code sink} that this stands for. */
    default void carryOut(ActionSink<M> sink) {
        if (this instanceof Send<M> send) {
            sink.send(send.packet());
        } else if (this instanceof SendMessage<M> send) {
            sink.sendMessage(send.message(), send.qos(), send.packetId(), send.dup());
        } else if (this instanceof Deliver<M> deliver) {
            sink.deliver(deliver.message());
        } else if (this instanceof Handle<M> handle) {
            sink.handle(handle.packet());
        } else if (this instanceof Persist<M> persist) {
            sink.persist(persist.change());
        } else if (this instanceof Complete<M> complete) {
            sink.complete(complete.packetId(), complete.reason());
        } else if (this instanceof Close<M> close) {
            sink.close(close.reason(), close.detail());
        }
    }
}

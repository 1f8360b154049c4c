package io.mqttx.protocol.action;

import io.mqttx.packet.Packet;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;

/**
 * What the owner of a state machine does for it. Called during a call to the state machine, in the order in which
 * the things are to happen; with a durable store, what comes behind a {@link #persist} waits until that is on disk.
 *
 * <p>A state machine has finished its own bookkeeping when it calls, so a sink may call back into it: answer a
 * message while it is being delivered, publish while another completes.
 *
 * @param <M> the owner's handle of an outgoing message, of which the state machines know nothing
 */
public interface ActionSink<M> {

    /** Write this packet to the peer. */
    void send(Packet packet);

    /**
     * Write this message to the peer.
     *
     * @param packetId the identifier to write, 0 at QoS 0
     * @param dup      whether it was sent before [MQTT-3.3.1-1]
     */
    void sendMessage(M message, QoS qos, int packetId, boolean dup);

    /**
     * Whether messages may be sent again now. If not, they stay where they are until the owner says to go on: what is in
     * flight of a client that comes back may be more than its connection holds.
     */
    default boolean takesMore() {
        return true;
    }

    /** Hand this message to the application; at QoS 1 and 2, answer then through the flow that gave it out. */
    void deliver(Publish message);

    /** This packet passed the rules; what it brings about is for the owner to decide. */
    void handle(Packet packet);

    /** What a store has to know, if session state is to outlive the process. */
    void persist(FlowChange<M> change);

    /** Whether {@link #persist} is to be called at all: a session that dies with the process saves the objects. */
    default boolean persists() {
        return true;
    }

    /** The peer is done with our message; its packet identifier is free again. */
    void complete(int packetId, ReasonCode reason);

    /**
     * The peer answered our message: took it over, at QoS 2 with PUBREC, from which on only its identifier is known; or
     * refused it with an error code.
     */
    default void answered(M message, ReasonCode reason) {}

    /**
     * Close the connection. What may be said to the peer about it was sent before.
     *
     * @param detail for people and logs: what happened, with the statement broken if one was
     */
    void close(ReasonCode reason, String detail);
}

package io.mqttx.protocol.action;

import io.mqttx.packet.Packet;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the actions of a state machine as a list, in order. Not safe for several threads at once.
 *
 * @param <M> the owner's handle of an outgoing message
 */
public final class ActionLog<M> implements ActionSink<M> {
    private final List<Action<M>> actions = new ArrayList<>();

    /** An empty log. */
    public ActionLog() {}

    /** The actions so far. */
    public List<Action<M>> actions() {
        return List.copyOf(actions);
    }

    /** The actions since the last call of this method. */
    public List<Action<M>> drain() {
        List<Action<M>> drained = List.copyOf(actions);
        actions.clear();
        return drained;
    }

    @Override
    public void send(Packet packet) {
        actions.add(new Action.Send<>(packet));
    }

    @Override
    public void sendMessage(M message, QoS qos, int packetId, boolean dup) {
        actions.add(new Action.SendMessage<>(message, qos, packetId, dup));
    }

    @Override
    public void deliver(Publish message) {
        actions.add(new Action.Deliver<>(message));
    }

    @Override
    public void handle(Packet packet) {
        actions.add(new Action.Handle<>(packet));
    }

    @Override
    public void persist(FlowChange<M> change) {
        actions.add(new Action.Persist<>(change));
    }

    @Override
    public void complete(int packetId, ReasonCode reason) {
        actions.add(new Action.Complete<>(packetId, reason));
    }

    @Override
    public void close(ReasonCode reason, String detail) {
        actions.add(new Action.Close<>(reason, detail));
    }
}

package io.mqttx.protocol.flow;

import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.action.FlowChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The sending side of QoS 1 and 2 for one session (§4.3.2, §4.3.3): which messages the peer has not answered yet,
 * and what to send next for each. One thread at a time; no sockets, clocks or locks.
 *
 * <pre>
 *   QoS 1   send PUBLISH -> AWAIT_PUBACK  -- PUBACK --------------------------------> done
 *   QoS 2   send PUBLISH -> AWAIT_PUBREC  -- PUBREC --> AWAIT_PUBCOMP -- PUBCOMP --> done
 *                                         -- PUBREC, error ------------------------> done
 * </pre>
 *
 * <p>Decided here, once, where the standard leaves room:
 * <ul>
 *   <li>PUBACK and PUBCOMP for an identifier that nothing is in flight with are ignored: after a loss of state
 *       either side may be the one that forgot. PUBREC is answered with PUBREL 0x92, which ends the exchange for
 *       the peer, unless it says error and so has ended it.
 *   <li>A second PUBREC while PUBCOMP is awaited is answered with PUBREL again; with an error it ends the exchange.
 *   <li>The wrong kind of answer, such as PUBACK to QoS 2, is a {@link Violation}.
 *   <li>The send quota (§4.9) counts the messages sent on this connection that are not answered. An answer to an
 *       older exchange does not raise it, which keeps to [MQTT-3.3.4-7] [MQTT-3.3.4-9] as well as to §4.9, and never
 *       lets it rise above its initial value.
 *   <li>Resumption sends all PUBREL first, then the messages: a PUBREL does not wait for the window
 *       [MQTT-3.3.4-8]. New messages wait until the last old one was sent again [MQTT-4.6.0-1].
 * </ul>
 *
 * @param <M> the owner's handle of a message
 */
public final class OutboundFlow<M> {
    // The bits kept for each identifier: the stage, two flags, and above them the place in the order of sending.
    private static final long STAGE = 3;
    private static final long AWAIT_PUBACK = 1;
    private static final long AWAIT_PUBREC = 2;
    private static final long AWAIT_PUBCOMP = 3;
    private static final long COUNTED = 4; // its PUBLISH was sent on this connection and takes one of the quota
    private static final int ORDER_SHIFT = 8;
    private static final int[] NOTHING = {};

    private final PacketIds ids; // the session's; SUBSCRIBE takes from it too
    private IdTable<M> exchanges = IdTable.none();
    private long nextInOrder; // grows with each message sent and each PUBREC [MQTT-4.6.0-1] [MQTT-4.6.0-4]

    // For the length of a connection:
    private int initialQuota; // 0 while there is none
    private int quota; // what is left of it
    private int[] backlog = NOTHING; // identifiers of messages to send again, in order, those before backlogAt done
    private int backlogAt;
    private boolean workingOff; // true inside of workOffBacklog, which then need not be called again

    /** A flow without messages in flight that takes its identifiers from {@code ids}. */
    public OutboundFlow(PacketIds ids) {
        this.ids = ids;
    }

    /** Whether {@link #publish} may be called: connected, and neither quota nor identifiers used up. */
    public boolean canSend() {
        return quota > 0 && backlog.length == 0 && !ids.isExhausted();
    }

    /** How many messages are in flight, over all connections of the session. */
    public int inFlight() {
        return exchanges.size();
    }

    /** How many more messages may be sent before the peer answers (§4.9); 0 while not connected. */
    public int quota() {
        return quota;
    }

    /**
     * Sends a message for the first time [MQTT-4.3.2-2] [MQTT-4.3.3-2].
     *
     * @param qos 1 or 2
     * @return its packet identifier, which {@link ActionSink#complete} will name
     * @throws IllegalStateException if {@link #canSend()} says no [MQTT-4.9.0-2]
     */
    public int publish(M message, QoS qos, ActionSink<M> sink) {
        if (qos == QoS.AT_MOST_ONCE) {
            throw new IllegalArgumentException("QoS 0 is sent and forgotten (§4.3.1)");
        }
        if (!canSend()) {
            throw new IllegalStateException("not connected, or the window is full [MQTT-4.9.0-2]");
        }
        int id = ids.take();
        quota--;
        enter(id, qos == QoS.AT_LEAST_ONCE ? AWAIT_PUBACK : AWAIT_PUBREC, message, COUNTED);
        if (sink.persists()) {
            sink.persist(new FlowChange.Published<>(id, qos, message));
        }
        sink.sendMessage(message, qos, id, false);
        return id;
    }

    /** The peer is done with a QoS 1 message [MQTT-4.3.2-3] [MQTT-4.4.0-2]. */
    public void received(PubAck ack, ActionSink<M> sink) {
        int slot = exchanges.find(ack.packetId());
        if (slot < 0) {
            return;
        }
        if (stage(slot) != AWAIT_PUBACK) {
            throw wrongKind("PUBACK", ack.packetId());
        }
        M message = exchanges.value(slot);
        finish(slot, ack.reason(), sink);
        sink.answered(message, ack.reason());
    }

    /** The peer took a QoS 2 message over, or refused it [MQTT-4.3.3-3] [MQTT-4.3.3-4]. */
    public void received(PubRec rec, ActionSink<M> sink) {
        int id = rec.packetId();
        int slot = exchanges.find(id);
        if (slot >= 0 && stage(slot) == AWAIT_PUBACK) {
            throw wrongKind("PUBREC", id);
        }
        if (rec.reason().isError()) {
            if (slot >= 0) {
                refused(slot, rec.reason(), sink);
            }
        } else if (slot < 0) {
            sink.send(new PubRel(id, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND));
        } else {
            takenOver(slot, rec, sink);
        }
    }

    /**
     * The peer is done with a QoS 2 message [MQTT-4.3.3-5]. It took it over with its PUBREC: that it does not know the
     * identifier any more, because an earlier PUBCOMP was lost, is no error (§2.4).
     */
    public void received(PubComp comp, ActionSink<M> sink) {
        int slot = exchanges.find(comp.packetId());
        if (slot < 0) {
            return;
        }
        if (stage(slot) != AWAIT_PUBCOMP) {
            throw wrongKind("PUBCOMP", comp.packetId());
        }
        finish(slot, ReasonCode.SUCCESS, sink);
    }

    /**
     * The session goes on with a new connection: sends again what is not answered, with the old identifiers and in
     * the old order [MQTT-4.4.0-1], as far as the window of the peer reaches and the sink takes more, and the rest as answers come and in
     * {@link #goOn}.
     * The first connection of a session begins with this call too.
     *
     * @param receiveMaximum the peer's, or less if the owner wants fewer messages in flight [MQTT-4.9.0-1]
     */
    public void resume(int receiveMaximum, ActionSink<M> sink) {
        if (receiveMaximum < 1 || receiveMaximum > PacketIds.HIGHEST) {
            throw new IllegalArgumentException("receive maximum is 1 to 65535, not " + receiveMaximum);
        }
        disconnected();
        int[] order = inOrder();
        int releases = 0;
        for (int i = 0; i < order.length; i++) {
            int slot = exchanges.find(order[i]);
            exchanges.setBits(slot, exchanges.bits(slot) & ~COUNTED);
            if (stage(slot) == AWAIT_PUBCOMP) {
                int id = order[i];
                System.arraycopy(order, releases, order, releases + 1, i - releases);
                order[releases++] = id;
            }
        }
        backlog = order.length == releases ? NOTHING : Arrays.copyOfRange(order, releases, order.length);
        initialQuota = receiveMaximum;
        quota = receiveMaximum;
        for (int i = 0; i < releases; i++) {
            sink.send(new PubRel(order[i]));
        }
        workOffBacklog(sink);
    }

    /** Goes on with what {@link #resume} did not send because the sink took no more: to be called when it does again. */
    public void goOn(ActionSink<M> sink) {
        workOffBacklog(sink);
    }

    /** The connection is gone: nothing can be sent until {@link #resume}. */
    public void disconnected() {
        initialQuota = 0;
        quota = 0;
        backlog = NOTHING;
        backlogAt = 0;
    }

    /**
     * Gives up a message that cannot be sent because it is too large for what the peer takes on this connection, or has
     * expired: treated as if it had been delivered [MQTT-3.1.2-25]. May be called from inside
     * {@link ActionSink#sendMessage}.
     *
     * @param again whether it was sent before: at QoS 2 the peer may have it, and has to let go of its identifier before
     *     another message has that, so PUBREL is sent
     */
    public void abandon(int packetId, boolean again, ActionSink<M> sink) {
        int slot = exchanges.find(packetId);
        if (slot >= 0 && again && stage(slot) == AWAIT_PUBREC) {
            release(slot, sink);
            sink.send(new PubRel(packetId));
        } else if (slot >= 0) {
            finish(slot, ReasonCode.SUCCESS, sink);
        }
    }

    /** What is in flight, in the order in which {@link #resume} would send it. */
    List<FlowSnapshot.Outgoing<M>> outgoing() {
        List<FlowSnapshot.Outgoing<M>> outgoing = new ArrayList<>();
        for (int id : inOrder()) {
            int slot = exchanges.find(id);
            outgoing.add(
                    stage(slot) == AWAIT_PUBCOMP
                            ? new FlowSnapshot.Release<>(id)
                            : new FlowSnapshot.Unanswered<>(id, qos(slot), exchanges.value(slot)));
        }
        return outgoing;
    }

    void restore(FlowSnapshot.Outgoing<M> outgoing) {
        int id = outgoing.packetId();
        ids.restore(id);
        if (outgoing instanceof FlowSnapshot.Unanswered<M> unanswered) {
            boolean twoSteps = unanswered.qos() == QoS.EXACTLY_ONCE;
            enter(id, twoSteps ? AWAIT_PUBREC : AWAIT_PUBACK, unanswered.message(), 0);
        } else {
            exchanges = exchanges.own();
            exchanges.put(id, AWAIT_PUBCOMP | nextInOrder++ << ORDER_SHIFT);
        }
    }

    void trim() {
        exchanges = exchanges.trimmed();
    }

    private void enter(int id, long stage, M message, long flags) {
        exchanges = exchanges.own();
        exchanges.put(id, stage | flags | nextInOrder++ << ORDER_SHIFT, message);
    }

    private void refused(int slot, ReasonCode reason, ActionSink<M> sink) {
        boolean first = stage(slot) == AWAIT_PUBREC;
        M message = first ? exchanges.value(slot) : null; // released before: not there any more, and answered
        finish(slot, reason, sink);
        if (first) {
            sink.answered(message, reason);
        }
    }

    private void takenOver(int slot, PubRec rec, ActionSink<M> sink) {
        if (stage(slot) == AWAIT_PUBCOMP) {
            sink.send(new PubRel(rec.packetId()));
            return;
        }
        M message = exchanges.value(slot);
        release(slot, sink);
        sink.send(new PubRel(rec.packetId()));
        sink.answered(message, rec.reason());
    }

    /** From here on only the identifier matters: lets the message go. */
    private void release(int slot, ActionSink<M> sink) {
        long counted = exchanges.bits(slot) & COUNTED;
        exchanges.setBits(slot, AWAIT_PUBCOMP | counted | nextInOrder++ << ORDER_SHIFT);
        exchanges.dropValue(slot);
        if (sink.persists()) {
            sink.persist(new FlowChange.Released<>(exchanges.id(slot)));
        }
    }

    private void finish(int slot, ReasonCode reason, ActionSink<M> sink) {
        int id = exchanges.id(slot);
        if ((exchanges.bits(slot) & COUNTED) != 0 && quota < initialQuota) {
            quota++;
        }
        exchanges.remove(slot);
        ids.release(id);
        if (sink.persists()) {
            sink.persist(new FlowChange.Completed<>(id));
        }
        sink.complete(id, reason);
        workOffBacklog(sink);
    }

    private void workOffBacklog(ActionSink<M> sink) {
        if (workingOff || backlog.length == 0) {
            return;
        }
        workingOff = true;
        try {
            while (quota > 0 && backlogAt < backlog.length && sink.takesMore()) {
                sendAgain(backlog[backlogAt++], sink);
            }
        } finally {
            workingOff = false;
        }
        if (backlogAt >= backlog.length) {
            backlog = NOTHING;
            backlogAt = 0;
        }
    }

    private void sendAgain(int id, ActionSink<M> sink) {
        int slot = exchanges.find(id);
        if (slot < 0 || stage(slot) == AWAIT_PUBCOMP) {
            return; // answered before its turn came
        }
        exchanges.setBits(slot, exchanges.bits(slot) | COUNTED);
        quota--;
        sink.sendMessage(exchanges.value(slot), qos(slot), id, true);
    }

    private int[] inOrder() {
        long[] order = new long[exchanges.size()];
        int found = 0;
        for (int slot = 0; slot < exchanges.slots(); slot++) {
            if (exchanges.id(slot) != 0) {
                order[found++] = exchanges.bits(slot) >>> ORDER_SHIFT << 16 | exchanges.id(slot);
            }
        }
        Arrays.sort(order);
        return Arrays.stream(order)
                .mapToInt(entry -> (int) (entry & PacketIds.HIGHEST))
                .toArray();
    }

    private long stage(int slot) {
        return exchanges.bits(slot) & STAGE;
    }

    private QoS qos(int slot) {
        return stage(slot) == AWAIT_PUBACK ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE;
    }

    private static Violation wrongKind(String packet, int id) {
        return Violation.protocolError(packet + " is no answer to what was sent with identifier " + id + " (§4.3)");
    }
}

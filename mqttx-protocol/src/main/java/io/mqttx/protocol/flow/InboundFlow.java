package io.mqttx.protocol.flow;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.action.FlowChange;
import java.util.ArrayList;
import java.util.List;

/**
 * The receiving side of QoS 1 and 2 for one session (§4.3.2, §4.3.3). One thread at a time; no sockets, clocks or
 * locks.
 *
 * <pre>
 *   QoS 1   PUBLISH -> DECIDING -- accepted or refused --> send PUBACK, done
 *   QoS 2   PUBLISH -> DECIDING -- accepted --> RECEIVED, send PUBREC -- PUBREL --> send PUBCOMP, done
 *                               -- refused ---> send PUBREC with the error, done
 * </pre>
 *
 * <p>A message is handed over at once; what is kept is its identifier alone. The owner answers with
 * {@link #accepted}, during the delivery or later, in any order: answers leave in the order in which the messages
 * came [MQTT-4.6.0-2] [MQTT-4.6.0-3], in one line for both QoS.
 *
 * <p>Decided here, once, where the standard leaves room:
 * <ul>
 *   <li>A message is out with the owner at most once. If the connection breaks while it is DECIDING and the peer
 *       sends it again, it is not delivered again: the decision under way answers it, on the new connection. A
 *       decision that fell in between is kept (DECIDED) until the peer asks again.
 *   <li>Before version 5 a refusal has no code: the answer is positive, and the identifier of a QoS 2 message is kept
 *       until PUBREL as if it had been accepted [MQTT-3.3.5-2 of 3.1.1].
 *   <li>An identifier that comes with another QoS, or at QoS 1 in version 5 as a new message while it is in use, is
 *       answered with 0x91; before version 5 it is a {@link Violation}. But if what it is in use for came on an earlier
 *       connection, the peer has forgotten that: the message is a new one. A decision under way for the one before
 *       counts for it then.
 *   <li>PUBREL before PUBREC was due is a {@link Violation}; for an unknown identifier it is answered with PUBCOMP
 *       0x92, without a reason before version 5.
 *   <li>The receive maximum counts the messages that came on this connection and have no last answer. Each PUBCOMP
 *       for an older exchange gives the peer one more, because its send quota rises by it (§4.9).
 * </ul>
 */
public final class InboundFlow {
    // The bits kept for each identifier: stage, QoS, two flags, and the reason of a decision.
    private static final long STAGE = 3;
    private static final long DECIDING = 1; // out with the owner
    private static final long DECIDED = 2; // answer not sent yet; QoS 2 only if refused
    private static final long RECEIVED = 3; // QoS 2, taken over, until PUBREL
    private static final long QOS_2 = 4;
    private static final long COUNTED = 8; // came on this connection and takes one of the receive maximum
    private static final long IN_LINE = 16; // an answer is due on this connection
    private static final int REASON_SHIFT = 8;

    // An entry of the line: the identifier; for answers that are not about the exchange, QoS and reason as well.
    private static final int APART = 1 << 16;
    private static final int APART_QOS_2 = 1 << 17;
    private static final InboundTerms NOT_CONNECTED = InboundTerms.of(ProtocolVersion.V5);

    private IdTable<Properties> exchanges = IdTable.none(); // value: what goes with a decision that waits

    // For the length of a connection:
    private AnswerLine line = AnswerLine.none();
    private InboundTerms terms = NOT_CONNECTED;
    private boolean connected;
    private int unanswered; // may fall below 0, see the receive maximum above

    /** A flow to which nothing was sent yet. */
    public InboundFlow() {}

    /** How many QoS 2 identifiers wait for their PUBREL, and messages for a decision. */
    public int inFlight() {
        return exchanges.size();
    }

    /** The session begins, or goes on, with a new connection. */
    public void resume(InboundTerms newTerms) {
        disconnected();
        terms = newTerms;
        connected = true;
    }

    /** The connection is gone: what is decided from now on is answered when the peer asks again. */
    public void disconnected() {
        connected = false;
        unanswered = 0;
        line = AnswerLine.none();
        for (int slot = 0; slot < exchanges.slots(); slot++) {
            if (exchanges.id(slot) != 0) {
                exchanges.setBits(slot, exchanges.bits(slot) & ~(COUNTED | IN_LINE));
                exchanges.dropValue(slot); // meant for the limits of the old connection
            }
        }
    }

    /**
     * A message came, its topic alias already resolved: delivers it, or answers once more [MQTT-4.3.3-10].
     *
     * @throws Violation if the peer must not send this now
     */
    public <M> void received(Publish publish, ActionSink<M> sink) {
        if (publish.qos() == QoS.AT_MOST_ONCE) {
            sink.deliver(publish);
            return;
        }
        int slot = exchanges.find(publish.packetId());
        if (slot < 0) {
            open(publish, sink);
            return;
        }
        long bits = exchanges.bits(slot);
        boolean sameQoS = (bits & QOS_2) != 0 == (publish.qos() == QoS.EXACTLY_ONCE);
        boolean again = publish.qos() == QoS.EXACTLY_ONCE || publish.dup() || !terms.hasReasons();
        if (isForgotten(bits, publish)) {
            exchanges.remove(slot);
            open(publish, sink);
        } else if (sameQoS && again) {
            answerOnceMore(slot, sink);
        } else {
            refuse(publish, sink);
        }
    }

    /**
     * The owner is done with a message that was delivered: accepted it, or refused it with an error code. Nothing
     * happens if it is not waited for, as after the end of its session.
     */
    public <M> void accepted(int packetId, ReasonCode reason, ActionSink<M> sink) {
        accepted(packetId, reason, Properties.EMPTY, sink);
    }

    /** The same with properties for the answer: a reason string, user properties; dropped if the peer wants none. */
    public <M> void accepted(int packetId, ReasonCode reason, Properties properties, ActionSink<M> sink) {
        int slot = exchanges.find(packetId);
        if (slot < 0 || (exchanges.bits(slot) & STAGE) != DECIDING) {
            return;
        }
        long flags = exchanges.bits(slot) & (QOS_2 | COUNTED | IN_LINE);
        if ((flags & QOS_2) != 0 && (!reason.isError() || !terms.hasReasons())) {
            receive(slot, flags, reason, sink);
        } else {
            exchanges.setBits(slot, DECIDED | flags | bitsOf(reason));
        }
        if (connected && !properties.isEmpty()) {
            exchanges.setValue(slot, properties);
        }
        answerInTurn(sink);
    }

    /**
     * The owner cannot take a message over that was delivered, nor tell the peer so, as before version 5: it never came,
     * and is delivered when the peer sends it again. The end of the connection has to follow.
     */
    public void withdrawn(int packetId) {
        int slot = exchanges.find(packetId);
        if (slot >= 0 && (exchanges.bits(slot) & STAGE) == DECIDING) {
            exchanges.remove(slot);
        }
    }

    /** The peer forgets its QoS 2 message, so its identifier is free for another [MQTT-4.3.3-11] [MQTT-4.3.3-12]. */
    public <M> void received(PubRel rel, ActionSink<M> sink) {
        int id = rel.packetId();
        int slot = exchanges.find(id);
        if (slot < 0) {
            sink.send(terms.hasReasons() ? new PubComp(id, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND) : new PubComp(id));
            return;
        }
        if ((exchanges.bits(slot) & STAGE) != RECEIVED) {
            throw Violation.protocolError("PUBREL " + id + " for a message without PUBREC (§4.3.3)");
        }
        exchanges.remove(slot);
        unanswered--;
        if (sink.persists()) {
            sink.persist(new FlowChange.Concluded<>(id));
        }
        sink.send(new PubComp(id));
    }

    /** The identifiers whose message was taken over and not released. */
    List<Integer> received() {
        List<Integer> received = new ArrayList<>();
        for (int slot = 0; slot < exchanges.slots(); slot++) {
            if (exchanges.id(slot) != 0 && (exchanges.bits(slot) & STAGE) == RECEIVED) {
                received.add(exchanges.id(slot));
            }
        }
        return received;
    }

    void restore(int packetId) {
        exchanges = exchanges.own();
        exchanges.put(packetId, RECEIVED | QOS_2);
    }

    void trim() {
        exchanges = exchanges.trimmed();
    }

    private <M> void open(Publish publish, ActionSink<M> sink) {
        int id = publish.packetId();
        count(id);
        long qos = publish.qos() == QoS.EXACTLY_ONCE ? QOS_2 : 0;
        exchanges = exchanges.own();
        exchanges.put(id, DECIDING | qos | COUNTED | IN_LINE);
        waitsInLine(id);
        sink.deliver(publish);
    }

    /**
     * Whether the peer has lost what it sent on an earlier connection, as after a crash, and uses the identifier for
     * another message: what it sends again has DUP [MQTT-3.3.1-1], and its QoS. At QoS 2 a missing DUP alone proves
     * nothing: there a second delivery would be the greater harm.
     */
    private static boolean isForgotten(long bits, Publish publish) {
        boolean isEarlier = (bits & (COUNTED | IN_LINE)) == 0 && (bits & STAGE) != RECEIVED;
        boolean isOther = (bits & QOS_2) != 0
                ? publish.qos() == QoS.AT_LEAST_ONCE
                : publish.qos() == QoS.EXACTLY_ONCE || !publish.dup();
        return isEarlier && isOther;
    }

    private void waitsInLine(int entry) {
        line = line.own();
        line.add(entry);
    }

    /** The peer sent again what is known: no second delivery, one answer. */
    private <M> void answerOnceMore(int slot, ActionSink<M> sink) {
        long bits = exchanges.bits(slot);
        if ((bits & IN_LINE) != 0) {
            return; // the answer that is due answers both
        }
        int id = exchanges.id(slot);
        if ((bits & COUNTED) == 0) {
            count(id);
        }
        exchanges.setBits(slot, bits | COUNTED | IN_LINE);
        waitsInLine(id);
        answerInTurn(sink);
    }

    /** The identifier is in use for something else. */
    private <M> void refuse(Publish publish, ActionSink<M> sink) {
        int id = publish.packetId();
        if (!terms.hasReasons()) {
            throw Violation.protocolError("packet identifier " + id + " is in use [MQTT-2.3.1-2 of 3.1.1]");
        }
        count(id);
        waitsInLine(id | APART | (publish.qos() == QoS.EXACTLY_ONCE ? APART_QOS_2 : 0));
        answerInTurn(sink);
    }

    private void count(int id) {
        if (unanswered >= terms.receiveMaximum()) {
            throw new Violation(
                    ReasonCode.RECEIVE_MAXIMUM_EXCEEDED,
                    "PUBLISH " + id + " is one more than the receive maximum of " + terms.receiveMaximum()
                            + " [MQTT-3.3.4-7] [MQTT-3.3.4-9]");
        }
        unanswered++;
    }

    /** Takes a QoS 2 message over: before the peer hears of it, the identifier is kept. */
    private <M> void receive(int slot, long flags, ReasonCode reason, ActionSink<M> sink) {
        ReasonCode told = reason.isError() ? ReasonCode.SUCCESS : reason;
        exchanges.setBits(slot, RECEIVED | flags | bitsOf(told));
        if (sink.persists()) {
            sink.persist(new FlowChange.Received<>(exchanges.id(slot)));
        }
    }

    private <M> void answerInTurn(ActionSink<M> sink) {
        while (!line.isEmpty()) {
            int entry = line.first();
            int id = entry & PacketIds.HIGHEST;
            int slot = (entry & APART) != 0 ? -1 : exchanges.find(id);
            if (slot >= 0 && (exchanges.bits(slot) & STAGE) == DECIDING) {
                return;
            }
            line.removeFirst();
            if ((entry & APART) != 0) {
                unanswered--;
                answer(id, (entry & APART_QOS_2) != 0, ReasonCode.PACKET_IDENTIFIER_IN_USE, Properties.EMPTY, sink);
            } else if (slot >= 0) {
                answer(slot, sink);
            } // else: released by the peer without waiting for this answer
        }
    }

    private <M> void answer(int slot, ActionSink<M> sink) {
        long bits = exchanges.bits(slot);
        int id = exchanges.id(slot);
        boolean qos2 = (bits & QOS_2) != 0;
        ReasonCode reason = reasonIn(bits, qos2);
        Properties properties = exchanges.hasValue(slot) ? exchanges.value(slot) : Properties.EMPTY;
        exchanges.dropValue(slot);
        exchanges.setBits(slot, bits & ~IN_LINE);
        if (qos2 && (bits & STAGE) == DECIDED && !terms.hasReasons()) {
            receive(slot, bits & (QOS_2 | COUNTED), reason, sink); // refused in version 5, asked again in an older one
            reason = ReasonCode.SUCCESS;
        } else if ((bits & STAGE) == DECIDED) {
            exchanges.remove(slot);
            unanswered--;
        }
        answer(id, qos2, reason, properties, sink);
    }

    private static long bitsOf(ReasonCode reason) {
        return (long) reason.code() << REASON_SHIFT;
    }

    private static ReasonCode reasonIn(long bits, boolean qos2) {
        return ReasonCode.of(qos2 ? PacketType.PUBREC : PacketType.PUBACK, (int) (bits >>> REASON_SHIFT) & 0xFF);
    }

    private <M> void answer(int id, boolean qos2, ReasonCode reason, Properties properties, ActionSink<M> sink) {
        ReasonCode told = terms.hasReasons() ? reason : ReasonCode.SUCCESS;
        Properties fitting = terms.explanations().onAnswer(properties, 3); // identifier and reason code
        sink.send(qos2 ? new PubRec(id, told, fitting) : new PubAck(id, told, fitting));
    }
}

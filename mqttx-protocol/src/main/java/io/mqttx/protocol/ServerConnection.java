package io.mqttx.protocol;

import io.mqttx.codec.PacketEncoder;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.flow.Explanations;
import io.mqttx.protocol.flow.KeepAlive;
import io.mqttx.protocol.flow.OutboundAliases;
import io.mqttx.protocol.flow.SessionFlows;
import io.mqttx.protocol.flow.Violation;

/**
 * A client's connection as its server sees it: from CONNECT to the end. One thread at a time.
 *
 * <pre>
 *   AWAIT_CONNECT -- CONNECT --> DECIDING -- accept --> OPEN -- DISCONNECT, violation, silence --> CLOSED
 *                                         -- refuse ---------------------------------------------> CLOSED
 * </pre>
 *
 * <p>While a CONNECT is being decided the owner feeds no packets, see {@link #isReadingPaused()}: so whatever a
 * client sends behind its CONNECT is handled only if that is accepted [MQTT-3.1.4-6] (P5-34). During enhanced
 * authentication the pause ends whenever it is the client's turn.
 *
 * @param <M> the owner's handle of an outgoing message
 */
public final class ServerConnection<M> {
    private enum Stage {
        AWAIT_CONNECT,
        DECIDING,
        OPEN,
        CLOSED
    }

    private final long connectDeadline;
    private Stage stage = Stage.AWAIT_CONNECT;

    // Known from CONNECT on:
    private Connect connect; // null before, and when it was accepted: it may be large
    private boolean mayRaiseExpiry; // as it said
    private Authentication authentication = Authentication.NONE;

    // Known from CONNACK on:
    private Terms terms; // null before
    private Traffic<M> traffic; // null before, and when the connection is closed
    private KeepAlive keepAlive = KeepAlive.ofServer(0, 0);

    /**
     * A connection that has just been opened.
     *
     * @param patience nanoseconds that the client may take until CONNECT is accepted (P5-33)
     */
    public ServerConnection(long now, long patience) {
        this.connectDeadline = now + patience;
    }

    /** Whether the owner has to hold back what the client sends: its CONNECT, or its AUTH, is being decided. */
    public boolean isReadingPaused() {
        return stage == Stage.DECIDING && !authentication.isClientsTurn();
    }

    /** Whether CONNECT was accepted and the connection stands. */
    public boolean isOpen() {
        return stage == Stage.OPEN;
    }

    /** Whether the connection is over: nothing that is told from now on brings about anything. */
    public boolean isClosed() {
        return stage == Stage.CLOSED;
    }

    /**
     * What was agreed.
     *
     * @throws IllegalStateException before CONNECT was accepted
     */
    public Terms terms() {
        if (terms == null) {
            throw new IllegalStateException("CONNECT is not accepted yet");
        }
        return terms;
    }

    /** The topic aliases for messages to the client, to be asked when a message is written. */
    public OutboundAliases aliases() {
        return established().outboundAliases();
    }

    /** The client sent a packet. */
    public void received(Packet packet, long now, ActionSink<M> sink) {
        if (stage == Stage.CLOSED) {
            return;
        }
        if (isReadingPaused()) {
            throw new IllegalStateException("reading is paused until CONNECT or AUTH is decided");
        }
        keepAlive.heard(now);
        try {
            if (stage == Stage.AWAIT_CONNECT) {
                firstPacket(packet, sink);
            } else if (stage == Stage.DECIDING) {
                authenticationStep(packet, sink);
            } else {
                dispatch(packet, sink);
            }
        } catch (Violation violation) {
            fail(violation.reason(), violation.getMessage(), sink);
        }
    }

    /** The client sent what is no packet: says so, if that may be said, and closes [MQTT-4.13.1-1]. */
    public void malformed(ProtocolException error, ActionSink<M> sink) {
        boolean hasReturnCode = error.reason() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION
                || error.reason() == ReasonCode.CLIENT_IDENTIFIER_NOT_VALID;
        if (stage == Stage.AWAIT_CONNECT && hasReturnCode) {
            // the two that 3.1.1 wants answered [MQTT-3.1.2-2] [MQTT-3.1.3-8]; otherwise it wants silence
            // [MQTT-3.1.4-1]
            sink.send(new ConnAck(false, error.reason()));
        }
        fail(error.reason(), error.getMessage(), sink);
    }

    /**
     * Whether the client takes a CONNACK with these properties, once explanations are left out: to be asked before
     * anything is done for it [MQTT-3.1.2-24].
     */
    public boolean takes(Properties ofConnAck) {
        Connect from = undecided();
        if (!from.properties().has(Property.MAXIMUM_PACKET_SIZE)) {
            return true;
        }
        Terms agreed = Terms.of(from, new ConnAck(false, ReasonCode.SUCCESS, ofConnAck));
        ConnAck smallest = new ConnAck(false, ReasonCode.SUCCESS, ofConnAck(ofConnAck, agreed));
        int size = new PacketEncoder(from.version()).sizeOf(smallest);
        return size <= agreed.clientTakes().maximumPacketSize();
    }

    /**
     * Accepts the CONNECT: sends CONNACK and, with {@link ConnAck#sessionPresent()}, what the session still has in
     * flight. A will that the CONNACK does not allow is refused instead [MQTT-3.2.2-12] [MQTT-3.2.2-13].
     *
     * @param connAck  success, with whatever the server wants to say; the authentication method is added
     * @param flows    the session's; new ones without {@code sessionPresent} [MQTT-3.2.2-2]
     * @param inFlight how many unanswered messages the server wants at most, if the client would take more
     * @param aliases  how many topics of messages to the client get an alias at most, if it would take more
     * @return whether the connection is open now
     */
    public boolean accept(
            ConnAck connAck, SessionFlows<M> flows, int inFlight, int aliases, long now, ActionSink<M> sink) {
        Connect from = undecided();
        if (connAck.reason() != ReasonCode.SUCCESS || connAck.sessionPresent() && from.cleanStart()) {
            throw new IllegalArgumentException("no answer to an accepted CONNECT: " + connAck + " [MQTT-3.2.2-2]");
        }
        Terms agreed = Terms.of(from, connAck);
        if (from.will().isPresent() && from.will().qos().compareTo(agreed.maximumQoS()) > 0) {
            refuse(ReasonCode.QOS_NOT_SUPPORTED, Properties.EMPTY, sink);
            return false;
        }
        if (from.will().retain() && !agreed.retainAvailable()) {
            refuse(ReasonCode.RETAIN_NOT_SUPPORTED, Properties.EMPTY, sink);
            return false;
        }
        stage = Stage.OPEN;
        connect = null;
        authentication.connected();
        terms = agreed;
        traffic =
                new Traffic<>(flows, agreed.serverTakes(), agreed.clientTakes().withAliasesUpTo(aliases));
        keepAlive = KeepAlive.ofServer(agreed.keepAliveSeconds(), now);
        sink.send(new ConnAck(connAck.sessionPresent(), connAck.reason(), ofConnAck(connAck.properties(), agreed)));
        if (stage != Stage.OPEN) {
            return false; // the owner closed, as over a CONNACK that is too large
        }
        flows.resume(Math.min(inFlight, agreed.clientTakes().receiveMaximum()), agreed.fromClient(), sink);
        return true;
    }

    /**
     * Refuses the CONNECT, saying why if the version has a code for it, and closes [MQTT-3.1.4-2] [MQTT-3.2.2-7].
     *
     * @param properties of CONNACK, such as a server reference
     */
    public void refuse(ReasonCode reason, Properties properties, ActionSink<M> sink) {
        Connect from = undecided();
        if (from.version().hasProperties()) {
            sink.send(new ConnAck(false, reason, Terms.clientTakes(from).fitting(properties, 2)));
        } else {
            reason.asReturnCode().ifPresent(code -> sink.send(new ConnAck(false, code)));
        }
        end(reason, "CONNECT refused", sink);
    }

    /** Sends a step of enhanced authentication: more is needed, or re-authentication succeeded [MQTT-4.12.0-2]. */
    public void authenticate(Auth auth, ActionSink<M> sink) {
        try {
            authentication.spokenByServer(auth, stage == Stage.OPEN);
        } catch (Violation violation) {
            throw new IllegalStateException(violation.getMessage(), violation);
        }
        Explanations taken = terms == null ? Terms.clientTakes(connect) : terms.toClient();
        sink.send(new Auth(auth.reason(), taken.onAnswer(auth.properties(), 1)));
    }

    /** Answers a SUBSCRIBE [MQTT-3.8.4-1]. */
    public void answer(SubAck ack, ActionSink<M> sink) {
        int otherBytes = 2 + ack.reasons().size();
        sink.send(new SubAck(ack.packetId(), ack.reasons(), terms().toClient().onAnswer(ack.properties(), otherBytes)));
    }

    /** Answers an UNSUBSCRIBE [MQTT-3.10.4-4]. */
    public void answer(UnsubAck ack, ActionSink<M> sink) {
        int otherBytes = 2 + ack.reasons().size();
        sink.send(
                new UnsubAck(ack.packetId(), ack.reasons(), terms().toClient().onAnswer(ack.properties(), otherBytes)));
    }

    /** Whether a QoS 1 or 2 message may be sent now; QoS 0 always may. */
    public boolean canPublish() {
        return isOpen() && established().flows().outbound().canSend();
    }

    /**
     * Sends a message. That it is not larger than the client takes is for the owner to see to [MQTT-3.1.2-24].
     *
     * @return its packet identifier, 0 at QoS 0
     */
    public int publish(M message, QoS qos, ActionSink<M> sink) {
        return established().publish(message, qos, sink);
    }

    /** Ends the connection from this side: says why if the version lets a server say so, and closes. */
    public void disconnect(ReasonCode reason, Properties properties, ActionSink<M> sink) {
        if (stage == Stage.CLOSED) {
            return;
        }
        sayGoodbye(reason, properties, sink);
        end(reason, "closed by the server", sink);
    }

    /** The transport is gone. */
    public void closed() {
        stage = Stage.CLOSED;
        if (traffic != null) {
            traffic.flows().disconnected();
            traffic = null;
        }
    }

    /** Time has passed: closes if CONNECT did not come in time or the client was silent too long [MQTT-3.1.2-22]. */
    public void expire(long now, ActionSink<M> sink) {
        if (stage == Stage.OPEN && keepAlive.isExpired(now)) {
            fail(ReasonCode.KEEP_ALIVE_TIMEOUT, "no packet for one and a half times the keep alive", sink);
        } else if ((stage == Stage.AWAIT_CONNECT || stage == Stage.DECIDING) && now - connectDeadline >= 0) {
            end(ReasonCode.MAXIMUM_CONNECT_TIME, "no accepted CONNECT in time (§3.1.4)", sink);
        }
    }

    /** Nanoseconds from {@code now} until {@link #expire} has something to do, or {@link KeepAlive#NEVER}. */
    public long nextDeadline(long now) {
        if (stage == Stage.OPEN) {
            return keepAlive.remaining(now);
        }
        return stage == Stage.CLOSED ? KeepAlive.NEVER : connectDeadline - now;
    }

    private void firstPacket(Packet packet, ActionSink<M> sink) {
        if (packet.type() != PacketType.CONNECT) {
            throw Violation.protocolError(packet.type() + " before CONNECT [MQTT-3.1.0-1]");
        }
        Connect received = (Connect) packet;
        connect = received;
        mayRaiseExpiry = Goodbye.mayRaiseExpiry(received);
        authentication = Authentication.of(received.properties());
        stage = Stage.DECIDING;
        sink.handle(received);
    }

    private void authenticationStep(Packet packet, ActionSink<M> sink) {
        if (packet instanceof Auth auth) {
            authentication.spokenByClient(auth, false);
            sink.handle(auth);
        } else if (packet instanceof Disconnect disconnect) {
            sink.handle(disconnect);
            end(disconnect.reason(), "DISCONNECT during authentication", sink);
        } else {
            throw Violation.protocolError(packet.type() + " before CONNACK [MQTT-3.1.2-30]");
        }
    }

    private void dispatch(Packet packet, ActionSink<M> sink) {
        Traffic<M> established = established();
        if (packet instanceof Publish publish) {
            Restrictions.check(publish, terms());
            established.received(publish, sink);
        } else if (packet instanceof PubAck pubAck) {
            established.received(pubAck, sink);
        } else if (packet instanceof PubRec pubRec) {
            established.received(pubRec, sink);
        } else if (packet instanceof PubRel pubRel) {
            established.received(pubRel, sink);
        } else if (packet instanceof PubComp pubComp) {
            established.received(pubComp, sink);
        } else if (packet instanceof Subscribe subscribe) {
            Restrictions.check(subscribe, terms());
            sink.handle(subscribe);
        } else if (packet instanceof Unsubscribe) {
            sink.handle(packet);
        } else if (packet instanceof PingReq) {
            sink.send(PingResp.INSTANCE); // [MQTT-3.12.4-1]
        } else if (packet instanceof Disconnect disconnect) {
            on(disconnect, sink);
        } else if (packet instanceof Auth auth) {
            authentication.spokenByClient(auth, true);
            sink.handle(auth);
        } else if (packet instanceof Connect) {
            throw Violation.protocolError("second CONNECT [MQTT-3.1.0-2]");
        } else {
            throw Violation.protocolError(packet.type() + " is not for a client to send (§2.1.2)");
        }
    }

    private void on(Disconnect disconnect, ActionSink<M> sink) {
        Goodbye.checkFromClient(disconnect, mayRaiseExpiry);
        long expiry = disconnect.properties().number(Property.SESSION_EXPIRY_INTERVAL, terms().sessionExpirySeconds());
        terms = terms().withSessionExpiry(expiry);
        sink.handle(disconnect);
        end(disconnect.reason(), "DISCONNECT from the client", sink);
    }

    /** The client's fault, or its silence. */
    private void fail(ReasonCode reason, String detail, ActionSink<M> sink) {
        if (stage == Stage.CLOSED) {
            return;
        }
        sayGoodbye(reason, Properties.EMPTY, sink);
        end(reason, detail, sink);
    }

    /** DISCONNECT after CONNACK only [MQTT-3.14.0-1]; before it, CONNACK can say the same (§4.13.1). */
    private void sayGoodbye(ReasonCode reason, Properties properties, ActionSink<M> sink) {
        if (stage == Stage.OPEN) {
            if (terms().version().hasProperties() && Goodbye.serverMaySay(reason)) {
                sink.send(new Disconnect(reason, terms().toClient().fitting(properties, 1)));
            }
        } else if (stage == Stage.DECIDING
                && undecided().version().hasProperties()
                && reason.isError()
                && reason.allowedIn(PacketType.CONNACK)) {
            sink.send(new ConnAck(false, reason));
        }
    }

    private void end(ReasonCode reason, String detail, ActionSink<M> sink) {
        closed();
        sink.close(reason, detail);
    }

    private Connect undecided() {
        if (stage != Stage.DECIDING) {
            throw new IllegalStateException("no CONNECT waits for a decision");
        }
        return connect;
    }

    private Traffic<M> established() {
        if (traffic == null) {
            throw new IllegalStateException("the connection is not open");
        }
        return traffic;
    }

    private Properties ofConnAck(Properties properties, Terms agreed) {
        Properties complete = agreed.authenticationMethod().isEmpty()
                ? properties
                : properties.with(Property.AUTHENTICATION_METHOD, agreed.authenticationMethod()); // [MQTT-4.12.0-5]
        return agreed.toClient().fitting(complete, 2);
    }
}

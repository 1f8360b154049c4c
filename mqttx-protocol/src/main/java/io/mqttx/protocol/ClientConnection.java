package io.mqttx.protocol;

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
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.flow.KeepAlive;
import io.mqttx.protocol.flow.OutboundAliases;
import io.mqttx.protocol.flow.SessionFlows;
import io.mqttx.protocol.flow.Violation;
import io.mqttx.topic.TopicFilter;
import java.util.List;

/**
 * A connection as its client sees it: from CONNECT to the end. One thread at a time.
 *
 * <pre>
 *   NEW -- connect --> CONNECTING -- CONNACK --> OPEN -- disconnect, violation, silence --> CLOSED
 *                                 -- refused -------------------------------------------> CLOSED
 * </pre>
 *
 * <p>The handle of a message is the {@link Publish} itself; {@link ActionSink#sendMessage} says which identifier and
 * DUP to write it with. What the server does not take is a {@link ProtocolException} for the caller, before anything
 * is sent.
 */
public final class ClientConnection {
    private enum Stage {
        NEW,
        CONNECTING,
        OPEN,
        CLOSED
    }

    private final int inFlight;
    private final long patience;
    private Stage stage = Stage.NEW;

    // Known from CONNECT on; null before:
    private Connect connect;
    private SessionFlows<Publish> flows;
    private Requests requests;
    private Authentication authentication;
    private boolean sessionKept;
    private long connAckDeadline;

    // Known from CONNACK on; null before:
    private Terms terms;
    private Permissions permissions;
    private Traffic<Publish> traffic;
    private KeepAlive keepAlive;

    /**
     * A connection on which nothing was sent yet.
     *
     * @param inFlight how many unanswered messages the client wants at most, if the server would take more
     * @param patience nanoseconds that the server may take to answer CONNECT, or PINGREQ
     */
    public ClientConnection(int inFlight, long patience) {
        this.inFlight = inFlight;
        this.patience = patience;
    }

    /** Whether the server accepted CONNECT and the connection stands. */
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
     * @throws IllegalStateException before CONNACK
     */
    public Terms terms() {
        if (terms == null) {
            throw new IllegalStateException("there was no CONNACK yet");
        }
        return terms;
    }

    /**
     * The flows in use: those given to {@link #connect}, or new ones if the server knew nothing of the session
     * [MQTT-3.2.2-5]. Answers to messages go to the flows that were in use when they came.
     */
    public SessionFlows<Publish> flows() {
        if (flows == null) {
            throw new IllegalStateException("there was no CONNECT yet");
        }
        return flows;
    }

    /** The topic aliases for messages to the server, to be asked when a message is written. */
    public OutboundAliases aliases() {
        return established().outboundAliases();
    }

    /**
     * Sends CONNECT, the first packet [MQTT-3.1.0-1].
     *
     * @param session     the flows of the session; new ones if there is none
     * @param sessionKept whether an earlier CONNECT was sent for this session: also if no CONNACK came, since the
     *                    server may have begun the session all the same
     */
    public void connect(
            Connect packet, SessionFlows<Publish> session, boolean sessionKept, long now, ActionSink<Publish> sink) {
        if (stage != Stage.NEW) {
            throw new IllegalStateException("CONNECT was sent already [MQTT-3.1.0-2]");
        }
        if (packet.cleanStart() && sessionKept) {
            throw new IllegalArgumentException("a clean start has no earlier session [MQTT-3.1.2-4]");
        }
        stage = Stage.CONNECTING;
        connect = packet;
        flows = session;
        this.sessionKept = sessionKept;
        requests = new Requests(session.ids());
        authentication = Authentication.of(packet.properties());
        connAckDeadline = now + patience;
        sink.send(packet);
    }

    /** The server sent a packet. */
    public void received(Packet packet, long now, ActionSink<Publish> sink) {
        if (stage == Stage.CLOSED) {
            return;
        }
        try {
            if (stage == Stage.OPEN) {
                keepAlive.heard(now);
                dispatch(packet, now, sink);
            } else {
                handshake(packet, now, sink);
            }
        } catch (Violation violation) {
            fail(violation.reason(), violation.getMessage(), sink);
        }
    }

    /** The server sent what is no packet: says so and closes (P5-03). */
    public void malformed(ProtocolException error, ActionSink<Publish> sink) {
        fail(error.reason(), error.getMessage(), sink);
    }

    /** Whether a QoS 1 or 2 message may be sent now; QoS 0 always may. */
    public boolean canPublish() {
        return isOpen() && flows.outbound().canSend();
    }

    /** Whether the server takes a packet as large as this message: one that is to be sent again may be too large now. */
    public boolean takes(Publish message) {
        return stage == Stage.OPEN && permissions.fits(message);
    }

    /**
     * Sends a message; its packet identifier and DUP are not looked at.
     *
     * @return the packet identifier, 0 at QoS 0
     * @throws ProtocolException if the server does not take it: 0x95, 0x9A or 0x9B
     */
    public int publish(Publish message, ActionSink<Publish> sink) {
        Traffic<Publish> open = established();
        permissions.check(message);
        return open.publish(message, message.qos(), sink);
    }

    /**
     * Sends SUBSCRIBE.
     *
     * @return its packet identifier, which SUBACK will name
     * @throws ProtocolException if the server does not take it: 0x95, 0x9E, 0xA1 or 0xA2
     */
    public int subscribe(List<Subscription> subscriptions, Properties properties, ActionSink<Publish> sink) {
        established();
        permissions.check(new Subscribe(1, subscriptions, properties)); // before an identifier is taken
        Subscribe subscribe = new Subscribe(flows.ids().take(), subscriptions, properties);
        requests.sent(subscribe);
        sink.send(subscribe);
        return subscribe.packetId();
    }

    /**
     * Sends UNSUBSCRIBE.
     *
     * @return its packet identifier, which UNSUBACK will name
     * @throws ProtocolException if the server does not take it: 0x95
     */
    public int unsubscribe(List<TopicFilter> filters, Properties properties, ActionSink<Publish> sink) {
        established();
        permissions.checkSize(new Unsubscribe(1, filters, properties));
        Unsubscribe unsubscribe = new Unsubscribe(flows.ids().take(), filters, properties);
        requests.sent(unsubscribe);
        sink.send(unsubscribe);
        return unsubscribe.packetId();
    }

    /** Answers a step of enhanced authentication, or begins it anew with 0x19 [MQTT-4.12.0-3] [MQTT-4.12.1-1]. */
    public void authenticate(Auth auth, ActionSink<Publish> sink) {
        try {
            authentication.spokenByClient(auth, stage == Stage.OPEN);
        } catch (Violation violation) {
            throw new IllegalStateException(violation.getMessage(), violation);
        }
        sink.send(isOpen() ? new Auth(auth.reason(), terms.toServer().onAnswer(auth.properties(), 1)) : auth);
    }

    /**
     * Says goodbye and closes [MQTT-3.14.4-1] [MQTT-3.14.4-2].
     *
     * @throws ProtocolException if it is not for a client to say, or gives a session that was to end now a longer life
     */
    public void disconnect(Disconnect disconnect, ActionSink<Publish> sink) {
        if (stage == Stage.CLOSED) {
            return;
        }
        if (stage == Stage.OPEN) {
            try {
                Goodbye.checkFromClient(disconnect, Goodbye.mayRaiseExpiry(connect));
            } catch (Violation violation) {
                throw new ProtocolException(violation.reason(), violation.getMessage());
            }
            sink.send(
                    terms.version().hasProperties()
                            ? new Disconnect(
                                    disconnect.reason(), terms.toServer().fitting(disconnect.properties(), 1))
                            : new Disconnect(ReasonCode.NORMAL_DISCONNECTION));
        }
        end(disconnect.reason(), "closed by the client", sink);
    }

    /** The transport is gone. */
    public void closed() {
        if (stage == Stage.CLOSED) {
            return;
        }
        stage = Stage.CLOSED;
        traffic = null;
        if (flows != null) {
            flows.disconnected();
            requests.clear();
        }
    }

    /** Something was written to the transport: until the keep alive has passed again, no PINGREQ is needed. */
    public void written(long now) {
        if (stage == Stage.OPEN) {
            keepAlive.sent(now);
        }
    }

    /** The client has not read before {@code since}: a silence until then was its own, not the server's. */
    public void listeningSince(long since) {
        if (stage == Stage.OPEN) {
            keepAlive.listeningSince(since);
        }
    }

    /** Time has passed: sends PINGREQ [MQTT-3.1.2-20], or closes if the server stays silent (P5-11). */
    public void expire(long now, ActionSink<Publish> sink) {
        if (stage == Stage.CONNECTING && now - connAckDeadline >= 0) {
            end(ReasonCode.UNSPECIFIED_ERROR, "no CONNACK in time", sink);
        } else if (stage == Stage.OPEN && keepAlive.isExpired(now)) {
            end(ReasonCode.KEEP_ALIVE_TIMEOUT, "no answer to PINGREQ", sink);
        } else if (stage == Stage.OPEN && keepAlive.isPingDue(now)) {
            keepAlive.pinged(now);
            sink.send(PingReq.INSTANCE);
        }
    }

    /** Nanoseconds from {@code now} until {@link #expire} has something to do, or {@link KeepAlive#NEVER}. */
    public long nextDeadline(long now) {
        if (stage == Stage.OPEN) {
            return keepAlive.remaining(now);
        }
        return stage == Stage.CONNECTING ? connAckDeadline - now : KeepAlive.NEVER;
    }

    private void handshake(Packet packet, long now, ActionSink<Publish> sink) {
        if (stage == Stage.NEW) {
            throw Violation.protocolError(packet.type() + " before CONNECT [MQTT-3.1.0-1]");
        }
        if (packet instanceof ConnAck connAck) {
            on(connAck, now, sink);
        } else if (packet instanceof Auth auth) {
            authentication.spokenByServer(auth, false);
            connAckDeadline = now + patience;
            sink.handle(auth);
        } else {
            throw Violation.protocolError(packet.type() + " before CONNACK [MQTT-3.2.0-1]");
        }
    }

    private void on(ConnAck connAck, long now, ActionSink<Publish> sink) {
        if (connAck.reason().isError()) {
            sink.handle(connAck);
            end(connAck.reason(), "CONNECT refused", sink);
            return;
        }
        check(connAck);
        terms = Terms.of(connect, connAck);
        // A server of version 3.1 cannot say whether it has the session; what is in flight must not be lost for that.
        boolean resumed = connAck.sessionPresent() || connect.version() == ProtocolVersion.V3_1 && sessionKept;
        if (!resumed && sessionKept) {
            flows = flows.successor(); // [MQTT-3.2.2-5]
            requests = new Requests(flows.ids());
        }
        permissions = new Permissions(terms);
        traffic = new Traffic<>(flows, terms.clientTakes(), terms.serverTakes());
        keepAlive = KeepAlive.ofClient(terms.keepAliveSeconds(), patience, now);
        authentication.connected();
        stage = Stage.OPEN;
        sink.handle(connAck);
        if (stage == Stage.OPEN) { // the owner may have had enough already
            flows.resume(Math.min(inFlight, terms.serverTakes().receiveMaximum()), terms.fromServer(), sink);
        }
    }

    private void check(ConnAck connAck) {
        if (connAck.sessionPresent() && !sessionKept) {
            throw Violation.protocolError("session present, but there is none here [MQTT-3.2.2-4]");
        }
        if (connect.version().hasProperties()) {
            authentication.checkConnAck(connAck.properties());
            if (authentication.isUsed() && !authentication.isServersTurn()) {
                throw Violation.protocolError("CONNACK while the client's AUTH is awaited (§4.12)");
            }
            if (connect.clientId().isEmpty() && !connAck.properties().has(Property.ASSIGNED_CLIENT_IDENTIFIER)) {
                throw Violation.protocolError("no client identifier, and none assigned [MQTT-3.2.2-16]");
            }
        }
    }

    private void dispatch(Packet packet, long now, ActionSink<Publish> sink) {
        checkExplanations(packet);
        Traffic<Publish> open = established();
        if (packet instanceof Publish publish) {
            open.received(publish, sink);
        } else if (packet instanceof PubAck pubAck) {
            open.received(pubAck, sink);
        } else if (packet instanceof PubRec pubRec) {
            open.received(pubRec, sink);
        } else if (packet instanceof PubRel pubRel) {
            open.received(pubRel, sink);
        } else if (packet instanceof PubComp pubComp) {
            open.received(pubComp, sink);
        } else if (packet instanceof SubAck subAck) {
            handleIf(requests.isAnswered(subAck), packet, sink);
        } else if (packet instanceof UnsubAck unsubAck) {
            handleIf(requests.isAnswered(unsubAck, terms.version().hasProperties()), packet, sink);
        } else if (packet instanceof PingResp) {
            keepAlive.answered(now);
        } else if (packet instanceof Disconnect disconnect) {
            Goodbye.checkFromServer(disconnect, terms);
            sink.handle(disconnect);
            end(disconnect.reason(), "DISCONNECT from the server", sink);
        } else if (packet instanceof Auth auth) {
            authentication.spokenByServer(auth, true);
            sink.handle(auth);
        } else if (packet instanceof ConnAck) {
            throw Violation.protocolError("second CONNACK [MQTT-3.2.0-2]");
        } else {
            throw Violation.protocolError(packet.type() + " is not for a server to send (§2.1.2)");
        }
    }

    private static void handleIf(boolean answered, Packet packet, ActionSink<Publish> sink) {
        if (answered) {
            sink.handle(packet);
        }
    }

    /** A client that asked for no reason strings and user properties need not take any (P5-25). */
    private void checkExplanations(Packet packet) {
        if (terms.problemInformation() || packet.properties().isEmpty()) {
            return;
        }
        boolean always = packet.type() == PacketType.PUBLISH || packet.type() == PacketType.DISCONNECT;
        Properties properties = packet.properties();
        if (!always && (properties.has(Property.REASON_STRING) || properties.has(Property.USER_PROPERTY))) {
            throw Violation.protocolError(packet.type() + " with what the client asked not to get [MQTT-3.1.2-29]");
        }
    }

    /** The server's fault: says why, if the version knows how and a client may say so, and closes. */
    public void fail(ReasonCode reason, String detail, ActionSink<Publish> sink) {
        if (stage == Stage.CLOSED) {
            return;
        }
        if (stage == Stage.OPEN && terms.version().hasProperties() && Goodbye.clientMaySay(reason)) {
            sink.send(new Disconnect(reason));
        }
        end(reason, detail, sink);
    }

    private void end(ReasonCode reason, String detail, ActionSink<Publish> sink) {
        closed();
        sink.close(reason, detail);
    }

    private Traffic<Publish> established() {
        if (traffic == null) {
            throw new IllegalStateException("the connection is not open");
        }
        return traffic;
    }
}

package io.mqttx.client;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Will;
import io.mqttx.protocol.Terms;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the next attempt to connect is: with which server, in which version, for which session; and whether there is one
 * at all. Pure: told what happened, without clock or threads.
 */
final class Attempts {
    /** Whether to try again. */
    enum Verdict {
        /** At once: the server has said how. */
        NOW,
        /** After a pause. */
        LATER,
        /** The next answer would be the same, or nobody wants one. */
        NEVER
    }

    /** Answers to CONNECT that stay the same until somebody changes the client's options or the server's. */
    private static final Set<ReasonCode> HOPELESS = EnumSet.of(
            ReasonCode.MALFORMED_PACKET,
            ReasonCode.PROTOCOL_ERROR,
            ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
            ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
            ReasonCode.BAD_USER_NAME_OR_PASSWORD,
            ReasonCode.NOT_AUTHORIZED,
            ReasonCode.BANNED,
            ReasonCode.BAD_AUTHENTICATION_METHOD,
            ReasonCode.TOPIC_NAME_INVALID, // this and the next: of the will
            ReasonCode.PAYLOAD_FORMAT_INVALID,
            ReasonCode.PACKET_TOO_LARGE,
            ReasonCode.RETAIN_NOT_SUPPORTED,
            ReasonCode.QOS_NOT_SUPPORTED);

    /** What a server says when it does not want this client back. Two clients that share a name would fight for ever. */
    private static final Set<ReasonCode> UNWANTED =
            EnumSet.of(ReasonCode.SESSION_TAKEN_OVER, ReasonCode.NOT_AUTHORIZED, ReasonCode.BAD_AUTHENTICATION_METHOD);

    private static final int MOST_HOPS = 3; // references followed at once; servers may refer to each other

    private final ClientOptions options;
    private final ReconnectOptions reconnect;
    private final List<ServerAddress> servers = new ArrayList<>();
    private int at; // the one of them whose turn it is
    private Optional<ServerAddress> referred = Optional.empty(); // instead of that one
    private int hops;

    private ProtocolVersion version;
    private boolean accepted; // ever
    private boolean survives; // the session: what is in flight waits for the next connection
    private String clientId;

    Attempts(ClientOptions options) {
        this.options = options;
        this.reconnect = options.reconnect();
        servers.add(new ServerAddress(options.host(), options.port()));
        servers.addAll(reconnect.otherServers());
        this.version = options.version();
        this.clientId = options.clientId();
    }

    /** Where the next attempt goes. */
    ServerAddress server() {
        return referred.orElseGet(() -> servers.get(at));
    }

    /** What it says. */
    Connect connect() {
        return connect(version);
    }

    /** Whether it asks for a session that this client has. */
    boolean isSessionKept() {
        return survives || !options.cleanStart();
    }

    /** Whether the session outlives the connection that was accepted last. */
    boolean survives() {
        return survives;
    }

    /** A server accepted the connection. */
    void accepted(Terms terms) {
        accepted = true;
        survives = !terms.endsWithConnection();
        clientId = survives ? terms.clientId() : options.clientId(); // an assigned one is that of its session
    }

    /**
     * A connection is over, or an attempt failed.
     *
     * @param wasAccepted whether there was a connection
     * @param lasted      whether it was there for long
     */
    Verdict over(DisconnectReason reason, boolean wasAccepted, boolean lasted) {
        if (lasted) {
            hops = 0;
        }
        if (reason.cause() == Cause.CLOSED_BY_CLIENT) {
            return Verdict.NEVER;
        }
        if (isReferred(reason)) {
            return ++hops <= MOST_HOPS ? Verdict.NOW : later();
        }
        if (fallsBack(reason)) {
            version = ProtocolVersion.V3_1_1;
            return Verdict.NOW;
        }
        if (isHopeless(reason)) {
            return Verdict.NEVER;
        }
        if (!wasAccepted) {
            at = referred.isPresent() ? 0 : (at + 1) % servers.size();
            referred = Optional.empty();
        }
        return later();
    }

    private Verdict later() {
        return reconnect.enabled() ? Verdict.LATER : Verdict.NEVER;
    }

    private boolean isReferred(DisconnectReason reason) {
        boolean elsewhere = reason.code() == ReasonCode.USE_ANOTHER_SERVER || reason.code() == ReasonCode.SERVER_MOVED;
        if (!elsewhere || !reconnect.followServerReference()) {
            return false;
        }
        int port = server().port();
        Optional<ServerAddress> named = reason.serverReference()
                .flatMap(text -> ServerAddress.ofReference(text, port).stream().findFirst());
        referred = named.or(() -> referred);
        return named.isPresent();
    }

    /**
     * Whether the server does not know version 5. An old one may say so in the only way it knows, which is no CONNACK of
     * version 5 (3.1.1, §3.1.2.2).
     */
    private boolean fallsBack(DisconnectReason reason) {
        boolean unknown = reason.cause() == Cause.REFUSED && reason.code() == ReasonCode.UNSUPPORTED_PROTOCOL_VERSION
                || reason.cause() == Cause.PROTOCOL_ERROR && reason.code() == ReasonCode.MALFORMED_PACKET;
        if (!unknown || accepted || version != ProtocolVersion.V5 || !mayFallBack()) {
            return false;
        }
        try {
            connect(ProtocolVersion.V3_1_1);
            return true;
        } catch (ProtocolException e) {
            return false; // there is no way to say it
        }
    }

    /** An older version would leave out enhanced authentication. */
    private boolean mayFallBack() {
        return reconnect.fallBack() && options.authenticator().method().isEmpty();
    }

    private static boolean isHopeless(DisconnectReason reason) {
        return reason.cause() == Cause.REFUSED && HOPELESS.contains(reason.code())
                || reason.cause() == Cause.DISCONNECTED_BY_SERVER && UNWANTED.contains(reason.code());
    }

    private Connect connect(ProtocolVersion spoken) {
        Connect asked = options.connect();
        boolean asConfigured = spoken == options.version();
        Will will = asked.will();
        return new Connect(
                spoken,
                clientId,
                !isSessionKept(),
                asked.keepAlive(),
                asked.credentials(),
                asConfigured
                        ? will
                        : new Will(will.topic(), will.payload(), will.qos(), will.retain(), Properties.EMPTY),
                asConfigured ? asked.properties() : Properties.EMPTY);
    }
}

package io.mqttx.protocol;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.flow.Violation;
import java.util.EnumSet;
import java.util.Set;

/** Who may say what in DISCONNECT (§3.14.2.1). */
final class Goodbye {
    /**
     * Reasons that are a server's alone. 0x8C stands in the table of §2.4 and not in that of §3.14.2.1, 0x9B is a
     * server's by the table and a client's as well by §3.3.4: both are open to both.
     */
    private static final Set<ReasonCode> OF_SERVER = EnumSet.of(
            ReasonCode.NOT_AUTHORIZED,
            ReasonCode.SERVER_BUSY,
            ReasonCode.SERVER_SHUTTING_DOWN,
            ReasonCode.KEEP_ALIVE_TIMEOUT,
            ReasonCode.SESSION_TAKEN_OVER,
            ReasonCode.TOPIC_FILTER_INVALID,
            ReasonCode.RETAIN_NOT_SUPPORTED,
            ReasonCode.USE_ANOTHER_SERVER,
            ReasonCode.SERVER_MOVED,
            ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
            ReasonCode.CONNECTION_RATE_EXCEEDED,
            ReasonCode.MAXIMUM_CONNECT_TIME,
            ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
            ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);

    private Goodbye() {}

    static boolean clientMaySay(ReasonCode reason) {
        return reason.allowedIn(PacketType.DISCONNECT) && !OF_SERVER.contains(reason);
    }

    static boolean serverMaySay(ReasonCode reason) {
        return reason.allowedIn(PacketType.DISCONNECT) && reason != ReasonCode.DISCONNECT_WITH_WILL_MESSAGE;
    }

    /**
     * Checks a DISCONNECT from a client.
     *
     * @param mayRaiseExpiry what {@link #mayRaiseExpiry} said of its CONNECT
     */
    static void checkFromClient(Disconnect disconnect, boolean mayRaiseExpiry) {
        if (!clientMaySay(disconnect.reason())) {
            throw Violation.protocolError(disconnect.reason() + " is not for a client to say (§3.14.2.1)");
        }
        if (disconnect.properties().has(Property.SERVER_REFERENCE)) {
            throw Violation.protocolError("server reference from a client (§3.14.2.2.5)");
        }
        if (!mayRaiseExpiry && disconnect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0) != 0) {
            throw Violation.protocolError("session expiry in DISCONNECT after 0 in CONNECT (§3.14.2.2.2)");
        }
    }

    /** Checks a DISCONNECT from a server. */
    static void checkFromServer(Disconnect disconnect, Terms terms) {
        if (!terms.version().hasProperties()) {
            throw Violation.protocolError("DISCONNECT from a server came with version 5 (3.1.1, §3.14)");
        }
        if (!serverMaySay(disconnect.reason())) {
            throw Violation.protocolError(disconnect.reason() + " is not for a server to say (§3.14.2.1)");
        }
        if (disconnect.properties().has(Property.SESSION_EXPIRY_INTERVAL)) {
            throw Violation.protocolError("session expiry from a server [MQTT-3.14.2-2]");
        }
    }

    /** If a session is to end with the connection, it is too late for DISCONNECT to let it live on (P5-13). */
    static boolean mayRaiseExpiry(Connect connect) {
        return connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0) != 0;
    }
}

package io.mqttx.protocol;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.protocol.flow.Explanations;
import io.mqttx.protocol.flow.InboundTerms;

/**
 * What CONNECT and CONNACK agreed: the same on both sides.
 *
 * @param version                          spoken on this connection
 * @param clientId                         the client's own, or the one that the server assigned
 * @param cleanStart                       whether the client asked for a new session
 * @param sessionPresent                   whether the session goes on where it was
 * @param keepAliveSeconds                 the server's if it named one, else the client's [MQTT-3.1.2-21]
 *                                         [MQTT-3.2.2-22]; 0: none
 * @param sessionExpirySeconds             how long the session outlives the connection; {@link #FOR_EVER}: always.
 *                                         Before version 5: 0 with a clean session, else for ever
 * @param clientTakes                      limits for packets to the client
 * @param serverTakes                      limits for packets to the server
 * @param maximumQoS                       the highest QoS that the client may publish with [MQTT-3.2.2-11]
 * @param retainAvailable                  whether the client may publish with RETAIN [MQTT-3.2.2-14]
 * @param wildcardSubscriptionsAvailable   whether filters may hold wildcards (§3.2.2.3.11)
 * @param subscriptionIdentifiersAvailable whether SUBSCRIBE may carry an identifier (§3.2.2.3.12)
 * @param sharedSubscriptionsAvailable     whether filters may be shared (§3.2.2.3.13)
 * @param problemInformation               whether the client takes reason strings and user properties on every
 *                                         packet [MQTT-3.1.2-29]
 * @param authenticationMethod             of enhanced authentication; empty: there is none
 */
public record Terms(
        ProtocolVersion version,
        String clientId,
        boolean cleanStart,
        boolean sessionPresent,
        int keepAliveSeconds,
        long sessionExpirySeconds,
        Limits clientTakes,
        Limits serverTakes,
        QoS maximumQoS,
        boolean retainAvailable,
        boolean wildcardSubscriptionsAvailable,
        boolean subscriptionIdentifiersAvailable,
        boolean sharedSubscriptionsAvailable,
        boolean problemInformation,
        String authenticationMethod) {
    /** The session expiry that never comes (§3.1.2.11.2). */
    public static final long FOR_EVER = 0xFFFF_FFFFL;

    /**
     * What these two packets agree. Before version 5 CONNACK tells a client nothing of this; a server that has it in
     * its CONNACK, where the encoder leaves it out, keeps to it nevertheless.
     */
    public static Terms of(Connect connect, ConnAck connAck) {
        Properties asked = connect.properties();
        Properties told = connAck.properties();
        return new Terms(
                connect.version(),
                connect.clientId().isEmpty()
                        ? told.find(Property.ASSIGNED_CLIENT_IDENTIFIER).orElse("")
                        : connect.clientId(),
                connect.cleanStart(),
                connAck.sessionPresent(),
                (int) told.number(Property.SERVER_KEEP_ALIVE, connect.keepAlive()),
                told.number(Property.SESSION_EXPIRY_INTERVAL, askedExpiry(connect)),
                Limits.of(connect.version(), asked),
                Limits.of(connect.version(), told),
                QoS.of((int) told.number(Property.MAXIMUM_QOS, QoS.EXACTLY_ONCE.code())),
                told.flag(Property.RETAIN_AVAILABLE, true),
                told.flag(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, true),
                told.flag(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, true),
                told.flag(Property.SHARED_SUBSCRIPTION_AVAILABLE, true),
                asked.flag(Property.REQUEST_PROBLEM_INFORMATION, true),
                asked.find(Property.AUTHENTICATION_METHOD).orElse(""));
    }

    /** Whether the session ends together with the connection. */
    public boolean endsWithConnection() {
        return sessionExpirySeconds == 0;
    }

    /** The same with another session expiry, as a DISCONNECT may say. */
    public Terms withSessionExpiry(long seconds) {
        return new Terms(
                version,
                clientId,
                cleanStart,
                sessionPresent,
                keepAliveSeconds,
                seconds,
                clientTakes,
                serverTakes,
                maximumQoS,
                retainAvailable,
                wildcardSubscriptionsAvailable,
                subscriptionIdentifiersAvailable,
                sharedSubscriptionsAvailable,
                problemInformation,
                authenticationMethod);
    }

    /** The same before CONNACK, from CONNECT alone. */
    static Explanations clientTakes(Connect connect) {
        return explanations(
                Limits.of(connect.version(), connect.properties()),
                connect.properties().flag(Property.REQUEST_PROBLEM_INFORMATION, true));
    }

    Explanations toClient() {
        return explanations(clientTakes, problemInformation);
    }

    /** A server wants reason strings and user properties always: only a client can say no. */
    Explanations toServer() {
        return explanations(serverTakes, true);
    }

    InboundTerms fromClient() {
        return inboundTerms(serverTakes, toClient());
    }

    InboundTerms fromServer() {
        return inboundTerms(clientTakes, toServer());
    }

    /** The session expiry in seconds that a CONNECT asks for. Before version 5: 0 with a clean session, else for ever. */
    public static long askedExpiry(Connect connect) {
        if (connect.version().hasProperties()) {
            return connect.properties().number(Property.SESSION_EXPIRY_INTERVAL, 0);
        }
        return connect.cleanStart() ? 0 : FOR_EVER;
    }

    private InboundTerms inboundTerms(Limits taken, Explanations explanations) {
        boolean usual = taken.receiveMaximum() == Limits.DEFAULT.receiveMaximum()
                && explanations.equals(Explanations.UNLIMITED);
        return usual ? InboundTerms.of(version) : new InboundTerms(version, taken.receiveMaximum(), explanations);
    }

    private static Explanations explanations(Limits taken, boolean wanted) {
        boolean usual = taken.maximumPacketSize() >= Limits.LARGEST_PACKET && wanted;
        return usual ? Explanations.UNLIMITED : new Explanations(taken.maximumPacketSize(), wanted);
    }
}

package io.mqttx.packet;

import java.util.Objects;

/**
 * The first packet from a client (§3.1).
 *
 * @param version     which protocol is spoken on this connection
 * @param clientId    who the client is; empty asks the server to choose, in 3.1.1 only with a clean session, in 3.1
 *                    never
 * @param cleanStart  whether an older session is dropped; clean session before version 5 (§3.1.2.4)
 * @param keepAlive   the longest silence of the client in seconds, 0 to 65535; 0: no limit (§3.1.2.10)
 * @param credentials user name and password
 * @param will        the will, or {@link Will#NONE}
 * @param properties  version 5 only
 */
public record Connect(
        ProtocolVersion version,
        String clientId,
        boolean cleanStart,
        int keepAlive,
        Credentials credentials,
        Will will,
        Properties properties)
        implements Packet {
    /** Checks everything. */
    public Connect {
        Objects.requireNonNull(version, "version");
        Checks.text(clientId, "client identifier");
        Checks.twoBytes(keepAlive, "keep alive");
        Objects.requireNonNull(credentials, "credentials");
        Objects.requireNonNull(will, "will");
        Objects.requireNonNull(properties, "properties").requireIn(PacketType.CONNECT);
        if (properties.has(Property.AUTHENTICATION_DATA) && !properties.has(Property.AUTHENTICATION_METHOD)) {
            throw ProtocolException.protocolError("authentication data without a method (§3.1.2.11.10)");
        }
        if (version != ProtocolVersion.V5) {
            checkOlderVersion(version, clientId, cleanStart, credentials);
            if (!properties.isEmpty() || !will.properties().isEmpty()) {
                throw ProtocolException.malformed("properties came with version 5 (§3.1.2.11)");
            }
        }
    }

    /** A client with these three, keep alive 60 s, and nothing else. */
    public Connect(ProtocolVersion version, String clientId, boolean cleanStart) {
        this(version, clientId, cleanStart, 60, Credentials.NONE, Will.NONE, Properties.EMPTY);
    }

    /** This packet with another client identifier. */
    public Connect withClientId(String other) {
        return new Connect(version, other, cleanStart, keepAlive, credentials, will, properties);
    }

    /** This packet with another keep alive, in seconds. */
    public Connect withKeepAlive(int seconds) {
        return new Connect(version, clientId, cleanStart, seconds, credentials, will, properties);
    }

    /** This packet with other credentials. */
    public Connect withCredentials(Credentials other) {
        return new Connect(version, clientId, cleanStart, keepAlive, other, will, properties);
    }

    /** This packet with another will. */
    public Connect withWill(Will other) {
        return new Connect(version, clientId, cleanStart, keepAlive, credentials, other, properties);
    }

    /** This packet with other properties. */
    public Connect withProperties(Properties other) {
        return new Connect(version, clientId, cleanStart, keepAlive, credentials, will, other);
    }

    @Override
    public PacketType type() {
        return PacketType.CONNECT;
    }

    private static void checkOlderVersion(
            ProtocolVersion version, String clientId, boolean cleanSession, Credentials credentials) {
        if (credentials.hasPassword() && !credentials.hasUserName()) {
            throw ProtocolException.malformed("password without a user name [MQTT-3.1.2-22]");
        }
        if (!clientId.isEmpty()) {
            return;
        }
        if (version == ProtocolVersion.V3_1) {
            throw new ProtocolException(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "client identifier is empty (3.1, section 3.1)");
        }
        if (!cleanSession) {
            throw new ProtocolException(
                    ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                    "empty client identifier without clean session [MQTT-3.1.3-8]");
        }
    }
}

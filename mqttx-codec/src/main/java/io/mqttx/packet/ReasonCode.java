package io.mqttx.packet;

import static io.mqttx.packet.PacketType.AUTH;
import static io.mqttx.packet.PacketType.CONNACK;
import static io.mqttx.packet.PacketType.DISCONNECT;
import static io.mqttx.packet.PacketType.PUBACK;
import static io.mqttx.packet.PacketType.PUBCOMP;
import static io.mqttx.packet.PacketType.PUBREC;
import static io.mqttx.packet.PacketType.PUBREL;
import static io.mqttx.packet.PacketType.SUBACK;
import static io.mqttx.packet.PacketType.UNSUBACK;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Why something was done or refused (§2.4): one line for each name of the standard, with the packets it may
 * stand in. Code 0 has three names, one for each meaning.
 *
 * <p>MQTT 3.1.1 has return codes in CONNACK and SUBACK only; the codec translates those.
 */
public enum ReasonCode {
    /** Success: AUTH 0x00: server only; reason may be omitted on PUBACK, PUBREC, PUBREL, PUBCOMP and AUTH when there are no properties. */
    SUCCESS(0x00, CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK, AUTH),
    /** Normal disconnection: implied by remaining length 0; will is discarded. */
    NORMAL_DISCONNECTION(0x00, DISCONNECT),
    /** Granted QoS 0: maximum QoS 0 granted. */
    GRANTED_QOS_0(0x00, SUBACK),
    /** Granted QoS 1. */
    GRANTED_QOS_1(0x01, SUBACK),
    /** Granted QoS 2. */
    GRANTED_QOS_2(0x02, SUBACK),
    /** Disconnect with Will Message: client to server only; will is published. */
    DISCONNECT_WITH_WILL_MESSAGE(0x04, DISCONNECT),
    /** No matching subscribers: server only; optional instead of 0x00. */
    NO_MATCHING_SUBSCRIBERS(0x10, PUBACK, PUBREC),
    /** No subscription existed. */
    NO_SUBSCRIPTION_EXISTED(0x11, UNSUBACK),
    /** Continue authentication: AUTH: client or server. */
    CONTINUE_AUTHENTICATION(0x18, AUTH),
    /** Re-authenticate: AUTH: client only. */
    RE_AUTHENTICATE(0x19, AUTH),
    /** Unspecified error. */
    UNSPECIFIED_ERROR(0x80, CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT),
    /** Malformed Packet: used for malformed packets and protocol errors (4.13.1). */
    MALFORMED_PACKET(0x81, CONNACK, DISCONNECT),
    /** Protocol Error: used for malformed packets and protocol errors (4.13.1). */
    PROTOCOL_ERROR(0x82, CONNACK, DISCONNECT),
    /** Implementation specific error. */
    IMPLEMENTATION_SPECIFIC_ERROR(0x83, CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT),
    /** Unsupported Protocol Version. */
    UNSUPPORTED_PROTOCOL_VERSION(0x84, CONNACK),
    /** Client Identifier not valid. */
    CLIENT_IDENTIFIER_NOT_VALID(0x85, CONNACK),
    /** Bad User Name or Password. */
    BAD_USER_NAME_OR_PASSWORD(0x86, CONNACK),
    /** Not authorized. */
    NOT_AUTHORIZED(0x87, CONNACK, PUBACK, PUBREC, SUBACK, UNSUBACK, DISCONNECT),
    /** Server unavailable. */
    SERVER_UNAVAILABLE(0x88, CONNACK),
    /** Server busy. */
    SERVER_BUSY(0x89, CONNACK, DISCONNECT),
    /** Banned. */
    BANNED(0x8A, CONNACK),
    /** Server shutting down. */
    SERVER_SHUTTING_DOWN(0x8B, DISCONNECT),
    /** Bad authentication method: DISCONNECT: listed in the common table of 2.4, missing from the DISCONNECT table of 3.14.2.1. */
    BAD_AUTHENTICATION_METHOD(0x8C, CONNACK, DISCONNECT),
    /** Keep Alive timeout. */
    KEEP_ALIVE_TIMEOUT(0x8D, DISCONNECT),
    /** Session taken over. */
    SESSION_TAKEN_OVER(0x8E, DISCONNECT),
    /** Topic Filter invalid. */
    TOPIC_FILTER_INVALID(0x8F, SUBACK, UNSUBACK, DISCONNECT),
    /** Topic Name invalid. */
    TOPIC_NAME_INVALID(0x90, CONNACK, PUBACK, PUBREC, DISCONNECT),
    /** Packet Identifier in use. */
    PACKET_IDENTIFIER_IN_USE(0x91, PUBACK, PUBREC, SUBACK, UNSUBACK),
    /** Packet Identifier not found: not an error while recovering. */
    PACKET_IDENTIFIER_NOT_FOUND(0x92, PUBREL, PUBCOMP),
    /** Receive Maximum exceeded: used for malformed packets and protocol errors (4.13.1). */
    RECEIVE_MAXIMUM_EXCEEDED(0x93, DISCONNECT),
    /** Topic Alias invalid: value 0 or above topic alias maximum (3.3.4). */
    TOPIC_ALIAS_INVALID(0x94, DISCONNECT),
    /** Packet too large: used for malformed packets and protocol errors (4.13.1). */
    PACKET_TOO_LARGE(0x95, CONNACK, DISCONNECT),
    /** Message rate too high. */
    MESSAGE_RATE_TOO_HIGH(0x96, DISCONNECT),
    /** Quota exceeded. */
    QUOTA_EXCEEDED(0x97, CONNACK, PUBACK, PUBREC, SUBACK, DISCONNECT),
    /** Administrative action. */
    ADMINISTRATIVE_ACTION(0x98, DISCONNECT),
    /** Payload format invalid. */
    PAYLOAD_FORMAT_INVALID(0x99, CONNACK, PUBACK, PUBREC, DISCONNECT),
    /** Retain not supported: used for malformed packets and protocol errors (4.13.1). */
    RETAIN_NOT_SUPPORTED(0x9A, CONNACK, DISCONNECT),
    /** QoS not supported: used for malformed packets and protocol errors (4.13.1); table of 3.14.2.1 says server only, but 3.3.4 also lets a client send it in DISCONNECT. */
    QOS_NOT_SUPPORTED(0x9B, CONNACK, DISCONNECT),
    /** Use another server: may come with server reference. */
    USE_ANOTHER_SERVER(0x9C, CONNACK, DISCONNECT),
    /** Server moved: may come with server reference. */
    SERVER_MOVED(0x9D, CONNACK, DISCONNECT),
    /** Shared Subscriptions not supported: used for malformed packets and protocol errors (4.13.1). */
    SHARED_SUBSCRIPTIONS_NOT_SUPPORTED(0x9E, SUBACK, DISCONNECT),
    /** Connection rate exceeded. */
    CONNECTION_RATE_EXCEEDED(0x9F, CONNACK, DISCONNECT),
    /** Maximum connect time. */
    MAXIMUM_CONNECT_TIME(0xA0, DISCONNECT),
    /** Subscription Identifiers not supported: used for malformed packets and protocol errors (4.13.1). */
    SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED(0xA1, SUBACK, DISCONNECT),
    /** Wildcard Subscriptions not supported: used for malformed packets and protocol errors (4.13.1). */
    WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED(0xA2, SUBACK, DISCONNECT);

    private static final ReasonCode[][] BY_TYPE_AND_CODE = table();

    private static final Set<ReasonCode> RETURN_CODES = EnumSet.of(
            SUCCESS,
            UNSUPPORTED_PROTOCOL_VERSION,
            CLIENT_IDENTIFIER_NOT_VALID,
            SERVER_UNAVAILABLE,
            BAD_USER_NAME_OR_PASSWORD,
            NOT_AUTHORIZED);
    private static final Set<ReasonCode> UNAVAILABLE =
            EnumSet.of(SERVER_BUSY, USE_ANOTHER_SERVER, SERVER_MOVED, QUOTA_EXCEEDED, CONNECTION_RATE_EXCEEDED);

    private final int code;
    private final int places; // bit per packet type code

    ReasonCode(int code, PacketType... packets) {
        this.code = code;
        int bits = 0;
        for (PacketType packet : packets) {
            bits |= 1 << packet.code();
        }
        this.places = bits;
    }

    /**
     * What {@code code} means in a packet of this type.
     *
     * @param code 0 to 255
     * @throws ProtocolException if it means nothing there
     */
    public static ReasonCode of(PacketType type, int code) {
        ReasonCode[] ofType = BY_TYPE_AND_CODE[type.code()];
        if (code < 0 || code >= ofType.length || ofType[code] == null) {
            throw ProtocolException.malformed(
                    String.format(Locale.ROOT, "0x%02X is no reason code of %s (§2.4)", code, type));
        }
        return ofType[code];
    }

    /** The code that is sent, 0 to 255. */
    public int code() {
        return code;
    }

    /** Whether it says failure: 0x80 and above. */
    public boolean isError() {
        return code >= 0x80;
    }

    /** The packets this code may stand in. */
    public Set<PacketType> packets() {
        return Arrays.stream(PacketType.values()).filter(this::allowedIn).collect(Collectors.toUnmodifiableSet());
    }

    /** Whether this code may stand in a packet of this type. */
    public boolean allowedIn(PacketType type) {
        return (places & 1 << type.code()) != 0;
    }

    /**
     * What CONNACK says instead before version 5, which has six return codes: the one that comes nearest, itself if it
     * is one of them, or nothing if none comes near (3.1.1, §3.2.2.3).
     */
    public Optional<ReasonCode> asReturnCode() {
        if (RETURN_CODES.contains(this)) {
            return Optional.of(this);
        }
        if (UNAVAILABLE.contains(this)) {
            return Optional.of(SERVER_UNAVAILABLE);
        }
        return this == BANNED || this == BAD_AUTHENTICATION_METHOD ? Optional.of(NOT_AUTHORIZED) : Optional.empty();
    }

    /** The granted QoS as a reason code of SUBACK. */
    public static ReasonCode granted(QoS qos) {
        return of(SUBACK, qos.code()); // GRANTED_QOS_0 is 0x00, and so on
    }

    ReasonCode requireIn(PacketType type) {
        if (!allowedIn(type)) {
            throw ProtocolException.malformed(this + " is no reason code of " + type + " (§2.4)");
        }
        return this;
    }

    private static ReasonCode[][] table() {
        ReasonCode[][] table = new ReasonCode[PacketType.values().length + 1][0x100];
        for (ReasonCode reason : values()) {
            for (PacketType type : reason.packets()) {
                table[type.code()][reason.code] = reason;
            }
        }
        return table;
    }
}

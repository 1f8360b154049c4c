package io.mqttx.packet;

import static io.mqttx.packet.PacketType.AUTH;
import static io.mqttx.packet.PacketType.CONNACK;
import static io.mqttx.packet.PacketType.CONNECT;
import static io.mqttx.packet.PacketType.DISCONNECT;
import static io.mqttx.packet.PacketType.PUBACK;
import static io.mqttx.packet.PacketType.PUBCOMP;
import static io.mqttx.packet.PacketType.PUBLISH;
import static io.mqttx.packet.PacketType.PUBREC;
import static io.mqttx.packet.PacketType.PUBREL;
import static io.mqttx.packet.PacketType.SUBACK;
import static io.mqttx.packet.PacketType.SUBSCRIBE;
import static io.mqttx.packet.PacketType.UNSUBACK;
import static io.mqttx.packet.PacketType.UNSUBSCRIBE;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * The properties of MQTT 5, one line each (§2.2.2.2). The table is the only place that knows an identifier,
 * its type on the wire, its range and the packets it may appear in; codec and checks read it from here.
 *
 * @param <T> what a value is in Java
 */
public final class Property<T> {
    /** How a value is written (§1.5). */
    enum Wire {
        BYTE,
        TWO_BYTES,
        FOUR_BYTES,
        VAR_INT,
        UTF8,
        BINARY,
        UTF8_PAIR
    }

    /** Whether a property may also stand among the properties of a will (§3.1.3.2). */
    private enum InWill {
        YES,
        NO
    }

    private static final Property<?>[] BY_ID = new Property<?>[0x40];
    private static final long UNSIGNED_INT = 0xFFFF_FFFFL;

    /** True: the payload is UTF-8 text; false, the default: unspecified bytes (§3.3.2.3.2). */
    public static final Property<Boolean> PAYLOAD_FORMAT_INDICATOR =
            flag(0x01, "Payload Format Indicator", InWill.YES, PUBLISH);

    /** Seconds until the message is of no use, 0 to 4,294,967,295; absent: never (§3.3.2.3.3). */
    public static final Property<Long> MESSAGE_EXPIRY_INTERVAL =
            fourBytes(0x02, "Message Expiry Interval", 0, InWill.YES, PUBLISH);

    /** What the payload is, for the application (§3.3.2.3.9). */
    public static final Property<String> CONTENT_TYPE = text(0x03, "Content Type", InWill.YES, PUBLISH);

    /** Where the answer to a request is to be published: a topic name (§3.3.2.3.5). */
    public static final Property<String> RESPONSE_TOPIC = text(0x08, "Response Topic", InWill.YES, PUBLISH);

    /** What tells which request an answer belongs to, 0 to 65,535 bytes (§3.3.2.3.6). */
    public static final Property<ByteBuffer> CORRELATION_DATA = binary(0x09, "Correlation Data", InWill.YES, PUBLISH);

    /** The number of the subscription that a message came by, 1 to 268,435,455 (§3.3.2.3.8, §3.8.2.1.2). */
    public static final Property<Integer> SUBSCRIPTION_IDENTIFIER = new Property<>(
                    0x0B, "Subscription Identifier", Integer.class, Wire.VAR_INT, 1, 0xFFF_FFFF, InWill.NO)
            .in(PUBLISH, SUBSCRIBE);

    /** Seconds that the session outlives the connection; 4,294,967,295: for ever; absent: 0 (§3.1.2.11.2). */
    public static final Property<Long> SESSION_EXPIRY_INTERVAL =
            fourBytes(0x11, "Session Expiry Interval", 0, InWill.NO, CONNECT, CONNACK, DISCONNECT);

    /** The client identifier that the server chose (§3.2.2.3.7). */
    public static final Property<String> ASSIGNED_CLIENT_IDENTIFIER =
            text(0x12, "Assigned Client Identifier", InWill.NO, CONNACK);

    /** The keep alive that the client has to use, 0 to 65,535 seconds (§3.2.2.3.14). */
    public static final Property<Integer> SERVER_KEEP_ALIVE = twoBytes(0x13, "Server Keep Alive", 0, CONNACK);

    /** The name of the method of enhanced authentication (§3.1.2.11.9). */
    public static final Property<String> AUTHENTICATION_METHOD =
            text(0x15, "Authentication Method", InWill.NO, CONNECT, CONNACK, AUTH);

    /** What the method says, 0 to 65,535 bytes; never shown in logs (§3.1.2.11.10). */
    public static final Property<ByteBuffer> AUTHENTICATION_DATA =
            binary(0x16, "Authentication Data", InWill.NO, CONNECT, CONNACK, AUTH);

    /** Whether reason strings and user properties are wanted on every packet; absent: yes (§3.1.2.11.7). */
    public static final Property<Boolean> REQUEST_PROBLEM_INFORMATION =
            flag(0x17, "Request Problem Information", InWill.NO, CONNECT);

    /** Seconds between the end of the connection and the will, 0 to 4,294,967,295; absent: 0 (§3.1.3.2.2). */
    public static final Property<Long> WILL_DELAY_INTERVAL = fourBytes(0x18, "Will Delay Interval", 0, InWill.YES);

    /** Whether the client asks for {@link #RESPONSE_INFORMATION}; absent: no (§3.1.2.11.6). */
    public static final Property<Boolean> REQUEST_RESPONSE_INFORMATION =
            flag(0x19, "Request Response Information", InWill.NO, CONNECT);

    /** What the client may build response topics from (§3.2.2.3.15). */
    public static final Property<String> RESPONSE_INFORMATION = text(0x1A, "Response Information", InWill.NO, CONNACK);

    /** Another server to use, as a list separated by spaces (§4.11). */
    public static final Property<String> SERVER_REFERENCE =
            text(0x1C, "Server Reference", InWill.NO, CONNACK, DISCONNECT);

    /** The reason for people to read (§2.4). */
    public static final Property<String> REASON_STRING = text(
            0x1F,
            "Reason String",
            InWill.NO,
            CONNACK,
            PUBACK,
            PUBREC,
            PUBREL,
            PUBCOMP,
            SUBACK,
            UNSUBACK,
            DISCONNECT,
            AUTH);

    /** How many unacknowledged QoS 1 and 2 messages the sender of this takes, 1 to 65,535; absent: 65,535 (§4.9). */
    public static final Property<Integer> RECEIVE_MAXIMUM = twoBytes(0x21, "Receive Maximum", 1, CONNECT, CONNACK);

    /** The highest topic alias that the sender of this takes, 0 to 65,535; absent: 0, none (§3.1.2.11.5). */
    public static final Property<Integer> TOPIC_ALIAS_MAXIMUM =
            twoBytes(0x22, "Topic Alias Maximum", 0, CONNECT, CONNACK);

    /** A number for the topic name, 1 to 65,535 (§3.3.2.3.4). */
    public static final Property<Integer> TOPIC_ALIAS = twoBytes(0x23, "Topic Alias", 1, PUBLISH);

    /** The highest QoS that the server takes, 0 or 1; absent: 2 (§3.2.2.3.4). */
    public static final Property<Integer> MAXIMUM_QOS =
            new Property<>(0x24, "Maximum QoS", Integer.class, Wire.BYTE, 0, 1, InWill.NO).in(CONNACK);

    /** Whether the server keeps retained messages; absent: yes (§3.2.2.3.5). */
    public static final Property<Boolean> RETAIN_AVAILABLE = flag(0x25, "Retain Available", InWill.NO, CONNACK);

    /** Anything the application wants to say, as often as it likes (§2.2.2.2). */
    public static final Property<UserProperty> USER_PROPERTY = new Property<>(
                    0x26, "User Property", UserProperty.class, Wire.UTF8_PAIR, 0, 0, InWill.YES)
            .in(CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP)
            .in(SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, DISCONNECT, AUTH);

    /** Bytes of the largest packet that the sender of this takes, 1 to 4,294,967,295 (§3.1.2.11.4). */
    public static final Property<Long> MAXIMUM_PACKET_SIZE =
            fourBytes(0x27, "Maximum Packet Size", 1, InWill.NO, CONNECT, CONNACK);

    /** Whether the server takes wildcards in topic filters; absent: yes (§3.2.2.3.11). */
    public static final Property<Boolean> WILDCARD_SUBSCRIPTION_AVAILABLE =
            flag(0x28, "Wildcard Subscription Available", InWill.NO, CONNACK);

    /** Whether the server takes subscription identifiers; absent: yes (§3.2.2.3.12). */
    public static final Property<Boolean> SUBSCRIPTION_IDENTIFIER_AVAILABLE =
            flag(0x29, "Subscription Identifier Available", InWill.NO, CONNACK);

    /** Whether the server takes shared subscriptions; absent: yes (§3.2.2.3.13). */
    public static final Property<Boolean> SHARED_SUBSCRIPTION_AVAILABLE =
            flag(0x2A, "Shared Subscription Available", InWill.NO, CONNACK);

    private final int id;
    private final String standardName;
    private final Class<T> javaType;
    private final Wire wire;
    private final long minimum; // of a number; both 0 for what is none
    private final long maximum;
    private int places; // bit per packet type code, bit 0 for a will; fixed once the table stands

    private Property(
            int id, String standardName, Class<T> javaType, Wire wire, long minimum, long maximum, InWill inWill) {
        this.id = id;
        this.standardName = standardName;
        this.javaType = javaType;
        this.wire = wire;
        this.minimum = minimum;
        this.maximum = maximum;
        this.places = inWill == InWill.YES ? 1 : 0;
    }

    private Property<T> in(PacketType... packets) {
        for (PacketType packet : packets) {
            places |= 1 << packet.code();
        }
        BY_ID[id] = this;
        return this;
    }

    /** All 27, by their identifiers. */
    public static List<Property<?>> all() {
        return Arrays.stream(BY_ID).filter(Objects::nonNull).collect(Collectors.toUnmodifiableList());
    }

    /** The identifier on the wire, 0x01 to 0x2A. */
    public int id() {
        return id;
    }

    /** The name that the standard gives it. */
    public String standardName() {
        return standardName;
    }

    /** Whether it may stand in a packet of this type. */
    public boolean allowedIn(PacketType type) {
        return (places & 1 << type.code()) != 0;
    }

    /** Whether it may stand among the properties of a will (§3.1.3.2). */
    public boolean allowedInWill() {
        return (places & 1) != 0;
    }

    /** Whether it may stand more than once in a packet of this type. */
    public boolean mayRepeatIn(PacketType type) {
        return wire == Wire.UTF8_PAIR || this == SUBSCRIPTION_IDENTIFIER && type == PUBLISH;
    }

    /** The name and identifier, as in {@code Topic Alias (0x23)}. */
    @Override
    public String toString() {
        return standardName + " (0x" + Integer.toHexString(0x100 | id).substring(1) + ")";
    }

    static Property<?> withId(int id) {
        Property<?> property = id < 0 || id >= BY_ID.length ? null : BY_ID[id];
        if (property == null) {
            throw ProtocolException.malformed("unknown property " + id + " (§2.2.2.2)");
        }
        return property;
    }

    Wire wire() {
        return wire;
    }

    Class<T> javaType() {
        return javaType;
    }

    /** Whether it may stand twice somewhere. */
    boolean mayRepeat() {
        return wire == Wire.UTF8_PAIR || this == SUBSCRIPTION_IDENTIFIER;
    }

    int places() {
        return places;
    }

    void checkNumber(long value) {
        if (value < minimum || value > maximum) {
            String message = this + " is " + minimum + " to " + maximum + ", not " + value + " (§2.2.2.2)";
            throw this == TOPIC_ALIAS
                    ? new ProtocolException(ReasonCode.TOPIC_ALIAS_INVALID, message + " [MQTT-3.3.2-8]")
                    : ProtocolException.protocolError(message);
        }
    }

    private static Property<Boolean> flag(int id, String name, InWill inWill, PacketType... packets) {
        return new Property<>(id, name, Boolean.class, Wire.BYTE, 0, 1, inWill).in(packets);
    }

    private static Property<Integer> twoBytes(int id, String name, int minimum, PacketType... packets) {
        return new Property<>(id, name, Integer.class, Wire.TWO_BYTES, minimum, 0xFFFF, InWill.NO).in(packets);
    }

    private static Property<Long> fourBytes(int id, String name, int min, InWill inWill, PacketType... packets) {
        return new Property<>(id, name, Long.class, Wire.FOUR_BYTES, min, UNSIGNED_INT, inWill).in(packets);
    }

    private static Property<String> text(int id, String name, InWill inWill, PacketType... packets) {
        return new Property<>(id, name, String.class, Wire.UTF8, 0, 0, inWill).in(packets);
    }

    private static Property<ByteBuffer> binary(int id, String name, InWill inWill, PacketType... packets) {
        return new Property<>(id, name, ByteBuffer.class, Wire.BINARY, 0, 0, inWill).in(packets);
    }
}

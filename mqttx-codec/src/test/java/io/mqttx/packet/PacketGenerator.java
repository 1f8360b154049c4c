package io.mqttx.packet;

import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Makes packets that the standard allows, each the same for the same seed: every type, version and property, and
 * lengths that favour the borders where encodings change.
 *
 * <p>A packet says only what its version can say, so that it comes out of encoder and decoder equal to what went in.
 */
public final class PacketGenerator {
    private static final int[] EDGES = {0, 1, 2, 22, 23, 63, 64, 126, 127, 128, 129, 255, 256};
    private static final int[] FAR_EDGES = {1023, 1024, 1025, 16_382, 16_383, 16_384, 65_534, 65_535};
    private static final int[] CHARACTERS = {
        1, ' ', '$', '/', 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFEFF, 0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF
    };
    private static final List<ReasonCode> RETURN_CODES = List.of(
            ReasonCode.SUCCESS,
            ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
            ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
            ReasonCode.SERVER_UNAVAILABLE,
            ReasonCode.BAD_USER_NAME_OR_PASSWORD,
            ReasonCode.NOT_AUTHORIZED);
    private static final List<ReasonCode> SUBACK_RETURN_CODES = List.of(
            ReasonCode.GRANTED_QOS_0, ReasonCode.GRANTED_QOS_1, ReasonCode.GRANTED_QOS_2, ReasonCode.UNSPECIFIED_ERROR);

    private final Random random;

    /** Draws everything from {@code random}. */
    public PacketGenerator(Random random) {
        this.random = random;
    }

    /** A packet of any type that this version has. */
    public Packet packet(ProtocolVersion version) {
        PacketType[] types = PacketType.values();
        int known = version.hasProperties() ? types.length : types.length - 1; // AUTH is the last
        return packet(types[random.nextInt(known)], version);
    }

    /** A packet of this type; AUTH in version 5 only. */
    public Packet packet(PacketType type, ProtocolVersion version) {
        return switch (type) {
            case CONNECT -> connect(version);
            case CONNACK -> connAck(version);
            case PUBLISH -> publish(version);
            case PUBACK -> new PubAck(packetId(), ackReason(type, version), properties(type, version));
            case PUBREC -> new PubRec(packetId(), ackReason(type, version), properties(type, version));
            case PUBREL -> new PubRel(packetId(), ackReason(type, version), properties(type, version));
            case PUBCOMP -> new PubComp(packetId(), ackReason(type, version), properties(type, version));
            case SUBSCRIBE -> new Subscribe(packetId(), some(() -> subscription(version)), properties(type, version));
            case SUBACK -> new SubAck(packetId(), some(() -> subAckReason(version)), properties(type, version));
            case UNSUBSCRIBE -> new Unsubscribe(packetId(), some(this::topicFilter), properties(type, version));
            case UNSUBACK -> unsubAck(version);
            case PINGREQ -> PingReq.INSTANCE;
            case PINGRESP -> PingResp.INSTANCE;
            case DISCONNECT -> disconnect(version);
            case AUTH -> auth();
        };
    }

    /** A message with any QoS, and often with properties where the version has them. */
    public Publish publish(ProtocolVersion version) {
        QoS qos = any(QoS.values());
        boolean hasId = qos != QoS.AT_MOST_ONCE;
        Properties properties = properties(PacketType.PUBLISH, version);
        boolean byAlias = properties.has(Property.TOPIC_ALIAS) && random.nextBoolean();
        return new Publish(
                hasId && random.nextBoolean(),
                qos,
                random.nextBoolean(),
                byAlias ? TopicName.NONE : topicName(),
                hasId ? packetId() : 0,
                properties,
                bytes(length()));
    }

    /** A topic name: often one of a few short ones, as connections have them. */
    public TopicName topicName() {
        if (chance(3)) {
            return TopicName.of("sensors/" + random.nextInt(20) + "/temperature");
        }
        String text = text().replace('+', '-').replace('#', '-');
        return text.isEmpty() ? TopicName.of("/") : TopicName.of(text);
    }

    /** A topic filter: plain, with wildcards, or shared. */
    public TopicFilter topicFilter() {
        StringBuilder filter = new StringBuilder(chance(4) ? "$share/group" + random.nextInt(3) + "/" : "");
        int levels = random.nextInt(5);
        for (int i = 0; i < levels; i++) {
            filter.append(chance(3) ? "+" : "level" + i).append('/');
        }
        filter.append(any("#", "+", "end", "é", "/"));
        return TopicFilter.of(filter.toString());
    }

    /** Properties that a packet of this type may have; none before version 5. */
    public Properties properties(PacketType type, ProtocolVersion version) {
        return version.hasProperties() ? properties(property -> property.allowedIn(type), type) : Properties.EMPTY;
    }

    /** A text of any characters that may stand in one. */
    public String text() {
        return text(length());
    }

    /** Bytes of this number. */
    public ByteBuffer bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** A length near a border, mostly small. */
    public int length() {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> EDGES[random.nextInt(EDGES.length)];
            case 5 -> chance(8) ? FAR_EDGES[random.nextInt(FAR_EDGES.length)] : 0;
            default -> random.nextInt(24);
        };
    }

    /** 1 to 65,535. */
    public int packetId() {
        return chance(4) ? (random.nextBoolean() ? 1 : 0xFFFF) : 1 + random.nextInt(0xFFFF);
    }

    private Connect connect(ProtocolVersion version) {
        boolean since311 = version != ProtocolVersion.V3_1;
        String clientId = since311 ? text() : "x" + text(random.nextInt(8));
        boolean cleanStart = random.nextBoolean() || !version.hasProperties() && clientId.isEmpty();
        Properties properties = properties(PacketType.CONNECT, version);
        if (properties.has(Property.AUTHENTICATION_DATA)) {
            properties = properties.with(Property.AUTHENTICATION_METHOD, text());
        }
        return new Connect(
                version,
                clientId,
                cleanStart,
                random.nextInt(0x10000),
                credentials(version),
                will(version),
                properties);
    }

    private Credentials credentials(ProtocolVersion version) {
        return switch (random.nextInt(version.hasProperties() ? 4 : 3)) {
            case 0 -> Credentials.NONE;
            case 1 -> Credentials.of(text());
            case 2 -> Credentials.of(text(), bytes(length()));
            default -> Credentials.ofPassword(bytes(length()));
        };
    }

    private Will will(ProtocolVersion version) {
        if (random.nextBoolean()) {
            return Will.NONE;
        }
        Properties properties =
                version.hasProperties() ? properties(Property::allowedInWill, PacketType.CONNECT) : Properties.EMPTY;
        return new Will(topicName(), bytes(length()), any(QoS.values()), random.nextBoolean(), properties);
    }

    private ConnAck connAck(ProtocolVersion version) {
        ReasonCode reason =
                version.hasProperties() ? reason(PacketType.CONNACK) : any(RETURN_CODES.toArray(ReasonCode[]::new));
        boolean present = !reason.isError() && version != ProtocolVersion.V3_1 && random.nextBoolean();
        return new ConnAck(present, reason, properties(PacketType.CONNACK, version));
    }

    private Subscription subscription(ProtocolVersion version) {
        TopicFilter filter = topicFilter();
        QoS qos = any(QoS.values());
        if (!version.hasProperties()) {
            return new Subscription(filter, qos);
        }
        boolean noLocal = !filter.isShared() && random.nextBoolean();
        return new Subscription(filter, qos, noLocal, random.nextBoolean(), any(RetainHandling.values()));
    }

    private ReasonCode subAckReason(ProtocolVersion version) {
        return version.hasProperties()
                ? reason(PacketType.SUBACK)
                : any(SUBACK_RETURN_CODES.toArray(ReasonCode[]::new));
    }

    private UnsubAck unsubAck(ProtocolVersion version) {
        return version.hasProperties()
                ? new UnsubAck(
                        packetId(), some(() -> reason(PacketType.UNSUBACK)), properties(PacketType.UNSUBACK, version))
                : new UnsubAck(packetId(), List.of());
    }

    private Disconnect disconnect(ProtocolVersion version) {
        return version.hasProperties()
                ? new Disconnect(reason(PacketType.DISCONNECT), properties(PacketType.DISCONNECT, version))
                : new Disconnect(ReasonCode.NORMAL_DISCONNECTION);
    }

    private Auth auth() {
        if (chance(6)) {
            return new Auth(ReasonCode.SUCCESS, Properties.EMPTY);
        }
        Properties properties = properties(PacketType.AUTH, ProtocolVersion.V5);
        return new Auth(reason(PacketType.AUTH), properties.with(Property.AUTHENTICATION_METHOD, text()));
    }

    private ReasonCode ackReason(PacketType type, ProtocolVersion version) {
        return version.hasProperties() && random.nextBoolean() ? reason(type) : ReasonCode.SUCCESS;
    }

    private ReasonCode reason(PacketType type) {
        return any(Arrays.stream(ReasonCode.values())
                .filter(reason -> reason.allowedIn(type))
                .toArray(ReasonCode[]::new));
    }

    private Properties properties(Predicate<Property<?>> allowed, PacketType type) {
        Properties.Builder list = Properties.builder();
        if (chance(3)) {
            return list.build();
        }
        int one = 1 + random.nextInt(4); // about one in this number
        for (Property<?> property : Property.all()) {
            if (allowed.test(property)) {
                int times = !chance(one) ? 0 : property.mayRepeatIn(type) ? 1 + random.nextInt(3) : 1;
                for (int i = 0; i < times; i++) {
                    add(list, property);
                }
            }
        }
        return list.build();
    }

    private void add(Properties.Builder list, Property<?> property) {
        Object value = value(property);
        @SuppressWarnings("unchecked") // value() looks at the type that the property has for its values
        Property<Object> typed = (Property<Object>) property;
        list.add(typed, value);
    }

    private Object value(Property<?> property) {
        if (property == Property.RESPONSE_TOPIC) {
            return topicName().text();
        }
        if (property == Property.MAXIMUM_QOS) {
            return random.nextInt(2);
        }
        if (property == Property.SUBSCRIPTION_IDENTIFIER) {
            return any(1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455);
        }
        Class<?> type = property.javaType();
        if (type == Boolean.class) {
            return random.nextBoolean();
        }
        if (type == Integer.class) {
            return packetId(); // 1 to 65,535 is right for all of two bytes
        }
        if (type == Long.class) {
            return any(1L, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, 1L + random.nextInt(Integer.MAX_VALUE));
        }
        if (type == UserProperty.class) {
            return new UserProperty(text(), text());
        }
        return type == String.class ? text() : bytes(length());
    }

    /** At most so many bytes of UTF-8, and no less by more than three. */
    private String text(int bytes) {
        StringBuilder text = new StringBuilder();
        boolean ascii = !chance(3);
        int left = bytes;
        while (left > 0) {
            int character = ascii ? 'a' + random.nextInt(26) : CHARACTERS[random.nextInt(CHARACTERS.length)];
            int size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            if (size > left) {
                character = 'z';
                size = 1;
            }
            text.appendCodePoint(character);
            left -= size;
        }
        return text.toString();
    }

    private <T> List<T> some(Supplier<T> one) {
        int count = chance(10) ? 1 + random.nextInt(40) : 1 + random.nextInt(3);
        return Stream.generate(one).limit(count).toList();
    }

    private boolean chance(int one) {
        return random.nextInt(one) == 0;
    }

    @SafeVarargs
    private <T> T any(T... values) {
        return values[random.nextInt(values.length)];
    }
}

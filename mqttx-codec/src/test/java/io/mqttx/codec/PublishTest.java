package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.assertRefused;
import static io.mqttx.codec.Vectors.assertSameOnTheWire;
import static io.mqttx.codec.Vectors.utf8;
import static io.mqttx.packet.ProtocolVersion.V3_1;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PublishTest {
    private static final TopicName TOPIC = TopicName.of("a/b");

    @ParameterizedTest
    @EnumSource(names = {"V3_1", "V3_1_1"})
    @Statement(
            value = {"MQTT-2.3.1-5", "MQTT-3.3.2-1"},
            version = Version.V3_1_1)
    void qos0MessageBeforeVersion5(ProtocolVersion version) {
        assertSameOnTheWire(version, new Publish(TOPIC, utf8("hi")), """
                30          PUBLISH, QoS 0
                07          remaining length 7
                0003 612F62 topic a/b
                6869        payload hi
                """);
    }

    @ParameterizedTest
    @EnumSource(names = {"V3_1", "V3_1_1"})
    void qos2DuplicateRetainedBeforeVersion5(ProtocolVersion version) {
        Publish message = new Publish(QoS.EXACTLY_ONCE, true, TOPIC, 0xFFFF, utf8("")).again();

        assertSameOnTheWire(version, message, """
                3D          PUBLISH, DUP, QoS 2, RETAIN
                07          remaining length 7
                0003 612F62 topic a/b
                FFFF        packet identifier 65535
                """);
    }

    @Test
    @Statement({"MQTT-2.2.1-2", "MQTT-2.2.2-1", "MQTT-3.3.2-1"})
    void qos0MessageWithoutPropertiesInVersion5() {
        assertSameOnTheWire(V5, new Publish(TOPIC, utf8("hi")), """
                30          PUBLISH, QoS 0
                08          remaining length 8
                0003 612F62 topic a/b
                00          no properties
                6869        payload hi
                """);
    }

    @Test
    void qos1MessageWithoutPropertiesInVersion5() {
        assertSameOnTheWire(V5, new Publish(QoS.AT_LEAST_ONCE, false, TOPIC, 10, utf8("hi")), """
                32          PUBLISH, QoS 1
                0A          remaining length 10
                0003 612F62 topic a/b
                000A        packet identifier 10
                00          no properties
                6869        payload hi
                """);
    }

    @Test
    @Statement({"MQTT-3.3.2-13", "MQTT-3.3.2-19", "MQTT-1.5.7-1", "MQTT-3.3.2-18"})
    void everyPropertyOfAMessage() {
        Properties properties = Properties.builder()
                .add(Property.PAYLOAD_FORMAT_INDICATOR, true)
                .add(Property.MESSAGE_EXPIRY_INTERVAL, 1L)
                .add(Property.CONTENT_TYPE, "t")
                .add(Property.RESPONSE_TOPIC, "r")
                .add(Property.CORRELATION_DATA, utf8("c"))
                .add(Property.SUBSCRIPTION_IDENTIFIER, 128)
                .add(Property.SUBSCRIPTION_IDENTIFIER, 1)
                .add(Property.TOPIC_ALIAS, 9)
                .userProperty("b", "1")
                .userProperty("a", "2")
                .userProperty("b", "1")
                .build();

        assertSameOnTheWire(
                V5, new Publish(false, QoS.AT_MOST_ONCE, false, TopicName.NONE, 0, properties, utf8("x")), """
                30                 PUBLISH, QoS 0
                34                 remaining length 52
                0000               no topic name: the alias says it
                30                 properties of 48 bytes
                01 01              payload is UTF-8
                02 00000001        message expiry
                03 0001 74         content type
                08 0001 72         response topic
                09 0001 63         correlation data
                0B 8001            subscription identifier 128
                0B 01              subscription identifier 1
                23 0009            topic alias
                26 0001 62 0001 31 user property b=1
                26 0001 61 0001 32 user property a=2
                26 0001 62 0001 31 user property b=1 again
                78                 payload x
                """);
    }

    @Test
    @Statement("MQTT-3.3.1-2")
    @Statement(value = "MQTT-3.3.1-2", version = Version.V3_1_1)
    void dupAtQos0IsRefused() {
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-3.3.1-2]", "38 03 0001 61");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-3.3.1-2]", "38 04 0001 61 00");
        assertThrows(ProtocolException.class, () -> new Publish(TOPIC, utf8("")).again());
    }

    @Test
    @Statement("MQTT-3.3.1-4")
    @Statement(value = "MQTT-3.3.1-4", version = Version.V3_1_1)
    void qos3IsRefusedFromTheFirstByte() {
        for (String first : new String[] {"36", "37", "3E", "3F"}) {
            for (ProtocolVersion version : ProtocolVersion.values()) {
                PacketDecoder decoder = PacketDecoder.forVersion(version, DecoderOptions.defaults());
                ProtocolException e = assertThrows(
                        ProtocolException.class, () -> decoder.next(ByteBuffer.wrap(Vectors.bytes(first))));
                assertRefusal(e, ReasonCode.MALFORMED_PACKET, "[MQTT-3.3.1-4]");
            }
        }
        ProtocolException e = assertThrows(ProtocolException.class, () -> QoS.of(3));
        assertRefusal(e, ReasonCode.MALFORMED_PACKET, "[MQTT-3.3.1-4]");
    }

    @Test
    @Statement("MQTT-2.2.1-3")
    @Statement(value = "MQTT-2.3.1-1", version = Version.V3_1_1)
    void aMessageAboveQos0HasAnIdentifierThatIsNot0() {
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", "32 05 0001 61 0000");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", "34 06 0001 61 0000 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "packet identifier (§2.1.4)", "32 03 0001 61");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "packet identifier (§2.1.4)", "32 04 0001 61 00");
        assertThrows(ProtocolException.class, () -> new Publish(QoS.AT_LEAST_ONCE, false, TOPIC, 0, utf8("")));
        assertThrows(ProtocolException.class, () -> new Publish(QoS.AT_LEAST_ONCE, false, TOPIC, 65_536, utf8("")));
        assertThrows(ProtocolException.class, () -> new Publish(QoS.AT_MOST_ONCE, false, TOPIC, 1, utf8("")));
    }

    @Test
    @Statement({"MQTT-4.7.3-1", "P5-22"})
    @Statement(value = "MQTT-4.7.3-1", version = Version.V3_1_1)
    void aMessageHasATopicNameOrAnAlias() {
        assertRefused(V3_1_1, ReasonCode.PROTOCOL_ERROR, "[MQTT-4.7.3-1]", "30 02 0000");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "[MQTT-4.7.3-1]", "30 03 0000 00");
        Publish byAlias = new Publish(TOPIC, utf8(""))
                .withProperties(Properties.of(Property.TOPIC_ALIAS, 1))
                .withTopic(TopicName.NONE);
        ProtocolException e = assertThrows(ProtocolException.class, () -> MqttCodec.encode(byAlias, V3_1_1));
        assertRefusal(e, ReasonCode.PROTOCOL_ERROR, "[MQTT-4.7.3-1]");
    }

    @Test
    @Statement("MQTT-3.3.2-2")
    @Statement(value = "MQTT-3.3.2-2", version = Version.V3_1_1)
    void aTopicNameHoldsNoWildcard() {
        assertRefused(V3_1_1, ReasonCode.TOPIC_NAME_INVALID, "[MQTT-3.3.2-2]", "30 05 0003 612F2B");
        assertRefused(V5, ReasonCode.TOPIC_NAME_INVALID, "[MQTT-3.3.2-2]", "30 04 0001 23 00");
    }

    @Test
    @Statement({"MQTT-1.5.4-1", "MQTT-1.5.4-2", "MQTT-3.3.2-1", "P5-05"})
    @Statement(
            value = {"MQTT-1.5.3-1", "MQTT-1.5.3-2", "MQTT-3.3.2-1"},
            version = Version.V3_1_1)
    void aTopicNameIsWellFormed() {
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.4-2]", "30 05 0003 610062");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.4-1]", "30 05 0003 61C328");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.4-1]", "30 06 0003 EDA080 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "topic name (§2.1.4)", "30 05 0004 616161");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "topic name (§2.1.4)", "30 01 00");
    }

    @Test
    @Statement("MQTT-1.5.4-3")
    @Statement(value = "MQTT-1.5.3-3", version = Version.V3_1_1)
    void theByteOrderMarkIsACharacterLikeAnyOther() {
        assertSameOnTheWire(V3_1_1, new Publish(TopicName.of("\uFEFFa\uFEFF"), utf8("")), """
                30                  PUBLISH, QoS 0
                09                  remaining length 9
                0007 EFBBBF61EFBBBF topic
                """);
    }

    @ParameterizedTest
    @CsvSource({
        "02 01, '', (§2.1.4)", // the length reaches past the packet
        "80 00, '', [MQTT-1.5.5-1]", // over-long property length
        "808000, '', [MQTT-1.5.5-1]",
        "80808080 01, '', (§1.5.5)",
        "80, '', (§2.1.4)",
        "01 7E, '', (§2.2.2.2)", // unknown identifier
        "02 8001, '', (§2.2.2.2)", // identifier of two bytes
        "03 21 0001, '', (§2.2.2.2)", // receive maximum in PUBLISH
        "05 18 00000001, '', (§2.2.2.2)", // will delay in PUBLISH
        "04 01 01 01 01, P, (§2.2.2.2)", // twice
        "0A 02 00000001 02 00000001, P, (§2.2.2.2)",
        "06 23 0001 23 0002, P, (§2.2.2.2)",
        "02 01 02, P, (§2.2.2.2)", // payload format 2
        "02 0B 00, P, (§2.2.2.2)", // subscription identifier 0
        "03 0B 8000, '', [MQTT-1.5.5-1]",
        "06 0B 8080808001, '', (§1.5.5)",
        "02 0B 80, '', (§2.2.2)",
        "04 02 000000, '', (§2.2.2)", // cut short
        "02 03 00, '', (§2.2.2)",
        "04 03 0002 61, '', (§2.2.2)",
        "04 09 0002 61, '', (§2.2.2)",
        "06 26 0001 61 0001, '', (§2.2.2)",
        "06 03 0003 EDA080, '', [MQTT-1.5.4-1]", // surrogate in the content type
        "04 03 0001 00, '', [MQTT-1.5.4-2]",
        "04 08 0001 FF, '', [MQTT-1.5.4-1]", // response topic
        "04 08 0001 2B, P, [MQTT-3.3.2-14]",
        "06 08 0003 612F23, P, [MQTT-3.3.2-14]",
        "03 08 0000, P, [MQTT-4.7.3-1]",
        "07 26 0001 FF 0001 61, '', [MQTT-1.5.4-1]", // name of a user property
        "07 26 0001 61 0001 00, '', [MQTT-1.5.4-2]", // its value
        "03 23 0000, A, [MQTT-3.3.2-8]", // topic alias 0
    })
    @Statement({
        "MQTT-1.5.5-1",
        "MQTT-1.5.7-1",
        "MQTT-3.3.2-8",
        "MQTT-3.3.2-13",
        "MQTT-3.3.2-14",
        "MQTT-3.3.2-19",
        "P5-05",
        "P5-06",
        "P5-07",
        "P5-20",
        "P5-43",
        "P5-46"
    })
    void propertiesThatAreWrongAreRefused(String properties, String kind, String statement) {
        ReasonCode reason = switch (kind) {
            case "A" -> ReasonCode.TOPIC_ALIAS_INVALID;
            case "P" -> ReasonCode.PROTOCOL_ERROR;
            default -> ReasonCode.MALFORMED_PACKET;
        };
        int remaining = 3 + Vectors.bytes(properties).length;

        assertRefused(V5, reason, statement, "30 %02X 0001 61 ".formatted(remaining) + properties);
    }

    @Test
    void aPayloadOf256MibIsRefusedWhenEncoding() {
        ByteBuffer tooLarge = ByteBuffer.allocate(268_435_455);
        Publish message = new Publish(TopicName.of("a"), tooLarge);

        ProtocolException e = assertThrows(ProtocolException.class, () -> new PacketEncoder(V3_1_1).sizeOf(message));

        assertRefusal(e, ReasonCode.PACKET_TOO_LARGE, "(§2.1.4)");
        Publish largest = new Publish(TopicName.of("a"), tooLarge.limit(268_435_452));
        assertEquals(268_435_460, new PacketEncoder(V3_1_1).sizeOf(largest));
    }

    @Test
    void aPayloadIsNotMovedByWhoReadsIt() {
        ByteBuffer given = utf8("hello").asReadOnlyBuffer();
        Publish message = new Publish(TOPIC, given);
        Publish copy = new Publish(TOPIC, message.payload());

        given.get();
        message.payload().get();

        assertEquals(utf8("hello"), message.payload());
        assertEquals(5, message.payloadLength());
        assertEquals(message, copy);
        assertThrows(
                java.nio.ReadOnlyBufferException.class, () -> message.payload().put((byte) 0));
    }

    @Test
    void aPayloadIsWhatIsLeftInTheBufferGiven() {
        ByteBuffer given = utf8("..hello..").position(2).limit(7);

        assertEquals(utf8("hello"), new Publish(TOPIC, given).payload());
        assertEquals(2, given.position());
    }

    @Test
    @Statement({"MQTT-3.3.1-1", "MQTT-3.3.1-3"})
    void aMessageSentAgainIsADuplicateAndAMessagePassedOnIsNot() {
        Publish message = new Publish(QoS.AT_LEAST_ONCE, true, TOPIC, 7, utf8("x"));

        assertEquals(
                new Publish(true, QoS.AT_LEAST_ONCE, true, TOPIC, 7, Properties.EMPTY, utf8("x")), message.again());
        assertEquals(
                new Publish(QoS.EXACTLY_ONCE, true, TOPIC, 8, utf8("x")),
                message.again().with(QoS.EXACTLY_ONCE, 8));
        assertEquals(false, message.withRetain(false).retain());
    }

    @Test
    void encodingLeavesTheMessageAsItWas() {
        Publish message = new Publish(TOPIC, utf8("hi"));

        MqttCodec.encode(message, V3_1);
        MqttCodec.encode(message, V5);

        assertEquals(utf8("hi"), message.payload());
    }

    @Test
    void equalIsWhatSaysTheSameFromWhateverBufferItsPayloadCame() {
        Publish plain = new Publish(TopicName.of("a"), utf8("hello"));
        ByteBuffer direct = ByteBuffer.allocateDirect(7).put(1, "hello".getBytes(StandardCharsets.UTF_8));
        Publish fromDirect = new Publish(TopicName.of("a"), direct.slice(1, 5));
        ByteBuffer part = utf8("<hello>").position(1).limit(6);
        Publish fromPart = new Publish(TopicName.of("a"), part);
        direct.put(1, (byte) 'j'); // a copy does not mind

        for (Publish same : List.of(fromDirect, fromPart, new Publish(TopicName.of("a"), plain.payload()))) {
            assertEquals(plain, same);
            assertEquals(plain.hashCode(), same.hashCode());
            assertEquals(utf8("hello"), same.payload());
        }
        for (Publish other : List.of(
                new Publish(TopicName.of("b"), utf8("hello")),
                new Publish(TopicName.of("a"), utf8("hellO")),
                plain.withRetain(true),
                plain.with(QoS.AT_LEAST_ONCE, 1),
                plain.with(QoS.AT_LEAST_ONCE, 1).again(),
                plain.with(QoS.AT_LEAST_ONCE, 2),
                plain.withProperties(Properties.of(Property.TOPIC_ALIAS, 1)))) {
            assertNotEquals(plain, other);
        }
        assertEquals(1, part.position());
        assertTrue(plain.payload().isReadOnly());
    }
}

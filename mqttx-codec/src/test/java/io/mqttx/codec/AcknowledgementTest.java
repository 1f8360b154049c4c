package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefused;
import static io.mqttx.codec.Vectors.assertSameOnTheWire;
import static io.mqttx.codec.Vectors.decode;
import static io.mqttx.codec.Vectors.hex;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.ReasonCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PUBACK, PUBREC, PUBREL and PUBCOMP, which differ in their first byte and reason codes only. */
class AcknowledgementTest {

    @ParameterizedTest
    @EnumSource
    void successInEachVersion(ProtocolVersion version) {
        assertSameOnTheWire(version, new PubAck(1), """
                40   PUBACK
                02   remaining length 2
                0001 packet identifier 1
                """);
        assertSameOnTheWire(version, new PubRec(0xFFFF), """
                50   PUBREC
                02   remaining length 2
                FFFF packet identifier 65535
                """);
        assertSameOnTheWire(version, new PubRel(0x100), """
                62   PUBREL
                02   remaining length 2
                0100 packet identifier 256
                """);
        assertSameOnTheWire(version, new PubComp(0xFF), """
                70   PUBCOMP
                02   remaining length 2
                00FF packet identifier 255
                """);
    }

    @Test
    @Statement("P5-50")
    void aReasonWithoutPropertiesLeavesTheirLengthOut() {
        assertSameOnTheWire(V5, new PubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS), """
                40   PUBACK
                03   remaining length 3
                0001 packet identifier 1
                10   reason: no matching subscribers
                """);
        assertSameOnTheWire(V5, new PubRel(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND), """
                62   PUBREL
                03   remaining length 3
                0001 packet identifier 1
                92   reason: packet identifier not found
                """);
    }

    @ParameterizedTest
    @EnumSource(names = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"})
    void propertiesNeedAReasonInFrontOfThem(PacketType type) {
        Properties properties = Properties.builder()
                .add(Property.REASON_STRING, "ok")
                .userProperty("k", "v")
                .build();

        assertSameOnTheWire(V5, make(type, ReasonCode.SUCCESS, properties), """
                %02X                the acknowledgement
                10                remaining length 16
                0007              packet identifier 7
                00                reason: success
                0C                properties of 12 bytes
                1F 0002 6F6B      reason string ok
                26 0001 6B 0001 76 user property k=v
                """.formatted(firstByte(type)));
    }

    @ParameterizedTest
    @EnumSource(names = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"})
    @Statement("P5-50")
    void shorterAndLongerFormsOfSuccessAreRead(PacketType type) {
        Packet success = make(type, ReasonCode.SUCCESS, Properties.EMPTY);
        String first = "%02X ".formatted(firstByte(type));

        assertEquals(success, decode(V5, first + "02 0007"));
        assertEquals(success, decode(V5, first + "03 0007 00"));
        assertEquals(success, decode(V5, first + "04 0007 00 00"));
    }

    @ParameterizedTest
    @EnumSource(names = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"})
    void beforeVersion5ThereIsNeitherReasonNorProperty(PacketType type) {
        ReasonCode error = ReasonCode.of(type, type.code() < 6 ? 0x87 : 0x92);
        String first = "%02X ".formatted(firstByte(type));

        assertEquals(
                Vectors.vector(first + "02 0007"),
                hex(MqttCodec.encode(make(type, error, Properties.of(Property.REASON_STRING, "no")), V3_1_1)));
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", first + "03 0007 00");
    }

    @ParameterizedTest
    @EnumSource(names = {"PUBACK", "PUBREC", "PUBREL", "PUBCOMP"})
    @Statement({"MQTT-3.4.2-1", "MQTT-3.5.2-1", "MQTT-3.6.2-1", "MQTT-3.7.2-1", "MQTT-2.2.1-3"})
    @Statement(value = "MQTT-2.3.1-1", version = Version.V3_1_1)
    void whatIsWrongIsRefused(PacketType type) {
        String first = "%02X ".formatted(firstByte(type));

        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "packet identifier (§2.1.4)", first + "00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "packet identifier (§2.1.4)", first + "01 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", first + "02 0000");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", first + "02 0000");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", first + "03 0007 01");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", first + "03 0007 8E");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", first + "05 0007 00 00 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", first + "04 0007 00 01");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.2.2.2)", first + "06 0007 00 02 01 01");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§2.2.2.2)", first + "0C 0007 00 08 1F 0001 61 1F 0001 62");
        assertThrows(ProtocolException.class, () -> make(type, ReasonCode.GRANTED_QOS_1, Properties.EMPTY));
        assertThrows(
                ProtocolException.class, () -> make(type, ReasonCode.SUCCESS, Properties.of(Property.TOPIC_ALIAS, 1)));
    }

    private static int firstByte(PacketType type) {
        return type.code() << 4 | (type == PacketType.PUBREL ? 2 : 0);
    }

    private static Packet make(PacketType type, ReasonCode reason, Properties properties) {
        return switch (type) {
            case PUBACK -> new PubAck(7, reason, properties);
            case PUBREC -> new PubRec(7, reason, properties);
            case PUBREL -> new PubRel(7, reason, properties);
            case PUBCOMP -> new PubComp(7, reason, properties);
            default -> throw new AssertionError(type);
        };
    }
}

package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.assertRefused;
import static io.mqttx.codec.Vectors.assertSameOnTheWire;
import static io.mqttx.codec.Vectors.decode;
import static io.mqttx.codec.Vectors.hex;
import static io.mqttx.packet.ProtocolVersion.V3_1;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ReasonCode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnAckTest {
    private static final Map<ReasonCode, Integer> RETURN_CODES = Map.ofEntries(
            Map.entry(ReasonCode.SUCCESS, 0),
            Map.entry(ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, 1),
            Map.entry(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, 2),
            Map.entry(ReasonCode.SERVER_UNAVAILABLE, 3),
            Map.entry(ReasonCode.SERVER_BUSY, 3),
            Map.entry(ReasonCode.USE_ANOTHER_SERVER, 3),
            Map.entry(ReasonCode.SERVER_MOVED, 3),
            Map.entry(ReasonCode.QUOTA_EXCEEDED, 3),
            Map.entry(ReasonCode.CONNECTION_RATE_EXCEEDED, 3),
            Map.entry(ReasonCode.BAD_USER_NAME_OR_PASSWORD, 4),
            Map.entry(ReasonCode.NOT_AUTHORIZED, 5),
            Map.entry(ReasonCode.BANNED, 5),
            Map.entry(ReasonCode.BAD_AUTHENTICATION_METHOD, 5));

    @Test
    void sessionPresentInEachVersion() {
        ConnAck ack = new ConnAck(true, ReasonCode.SUCCESS);

        assertSameOnTheWire(V3_1_1, ack, """
                20 CONNACK
                02 remaining length 2
                01 session present
                00 return code: accepted
                """);
        assertSameOnTheWire(V5, ack, """
                20 CONNACK
                03 remaining length 3
                01 session present
                00 reason: success
                00 no properties
                """);
        assertEquals("20020000", hex(MqttCodec.encode(ack, V3_1)), "3.1 cannot say it");
    }

    @Test
    void in31TheFirstByteSaysNothing() {
        assertEquals(new ConnAck(false, ReasonCode.SUCCESS), decode(V3_1, "20 02 01 00"));
        assertEquals(new ConnAck(false, ReasonCode.SUCCESS), decode(V3_1, "20 02 FF 00"));
    }

    @Test
    void propertiesInVersion5() {
        Properties properties = Properties.builder()
                .add(Property.RECEIVE_MAXIMUM, 10)
                .add(Property.MAXIMUM_QOS, 1)
                .add(Property.RETAIN_AVAILABLE, false)
                .userProperty("k", "v")
                .build();

        assertSameOnTheWire(V5, new ConnAck(false, ReasonCode.NOT_AUTHORIZED, properties), """
                20                CONNACK
                11                remaining length 17
                00                no session
                87                reason: not authorized
                0E                properties of 14 bytes
                21 000A           receive maximum
                24 01             maximum QoS
                25 00             retain not available
                26 0001 6B 0001 76 user property k=v
                """);
    }

    @ParameterizedTest
    @EnumSource
    @Statement(
            value = {"MQTT-3.2.2-4", "MQTT-3.2.2-6"},
            version = Version.V3_1_1)
    void aRefusalGetsTheReturnCodeThatComesNearestOrNone(ReasonCode reason) {
        if (!reason.allowedIn(PacketType.CONNACK)) {
            assertThrows(ProtocolException.class, () -> new ConnAck(false, reason));
            return;
        }
        ConnAck ack = new ConnAck(false, reason);
        if (RETURN_CODES.containsKey(reason)) {
            assertEquals("200200%02X".formatted(RETURN_CODES.get(reason)), hex(MqttCodec.encode(ack, V3_1_1)));
        } else {
            ProtocolException e = assertThrows(ProtocolException.class, () -> MqttCodec.encode(ack, V3_1_1));
            assertRefusal(e, reason, "[MQTT-3.2.2-6]");
        }
        assertEquals("200300%02X00".formatted(reason.code()), hex(MqttCodec.encode(ack, V5)));
    }

    @Test
    @Statement("MQTT-3.2.2-1")
    void reservedFlagsAreRefused() {
        for (int flags : new int[] {2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x81}) {
            String byteOfFlags = "%02X".formatted(flags);
            assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-3.2.2-1]", "20 03 " + byteOfFlags + " 00 00");
            assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-3.2.2-1]", "20 02 " + byteOfFlags + " 00");
        }
    }

    @Test
    @Statement("MQTT-3.2.2-8")
    void unknownCodesAreRefused() {
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "20 03 00 01 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "20 03 00 8E 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "3.2.2.3)", "20 02 00 06");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "3.2.2.3)", "20 02 00 87");
    }

    @Test
    @Statement("MQTT-3.2.2-6")
    @Statement(value = "MQTT-3.2.2-4", version = Version.V3_1_1)
    void aRefusalWithASessionIsRefused() {
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.2.2-6]", "20 03 01 87 00");
        assertRefused(V3_1_1, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.2.2-6]", "20 02 01 05");
    }

    @Test
    @Statement("MQTT-2.2.2-1")
    void theLengthsAreExact() {
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "20 02 00 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "20 01 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "20 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "20 04 00 00 00 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "20 03 00 00 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "20 01 00");
    }
}

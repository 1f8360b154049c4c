package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.assertRefused;
import static io.mqttx.codec.Vectors.assertSameOnTheWire;
import static io.mqttx.codec.Vectors.decode;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.Auth;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** PINGREQ, PINGRESP, DISCONNECT and AUTH. */
class ClosingPacketsTest {

    @ParameterizedTest
    @EnumSource
    void packetsWithoutBody(ProtocolVersion version) {
        assertSameOnTheWire(version, PingReq.INSTANCE, "C0 00 PINGREQ");
        assertSameOnTheWire(version, PingResp.INSTANCE, "D0 00 PINGRESP");
        assertSameOnTheWire(version, new Disconnect(ReasonCode.NORMAL_DISCONNECTION), "E0 00 DISCONNECT");
        assertRefused(version, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "C0 01 00");
        assertRefused(version, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "D0 01 00");
    }

    @Test
    @Statement("P5-60")
    void disconnectInVersion5() {
        assertSameOnTheWire(V5, new Disconnect(ReasonCode.DISCONNECT_WITH_WILL_MESSAGE), "E0 01 04");
        Properties properties = Properties.builder()
                .add(Property.SESSION_EXPIRY_INTERVAL, 1L)
                .add(Property.SERVER_REFERENCE, "b")
                .build();
        assertSameOnTheWire(V5, new Disconnect(ReasonCode.SERVER_MOVED, properties), """
                E0          DISCONNECT
                0B          remaining length 11
                9D          reason: server moved
                09          properties of nine bytes
                11 00000001 session expiry
                1C 0001 62  server reference b
                """);
        assertEquals(new Disconnect(ReasonCode.NORMAL_DISCONNECTION), decode(V5, "E0 01 00"));
        assertEquals(new Disconnect(ReasonCode.NORMAL_DISCONNECTION), decode(V5, "E0 02 00 00"));
    }

    @Test
    @Statement("MQTT-3.14.2-1")
    void disconnectThatIsWrongIsRefused() {
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "E0 01 01");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "E0 01 85");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "E0 03 00 00 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "E0 02 00 01");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.2.2.2)", "E0 04 00 02 24 01");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "E0 01 00");
        Disconnect reasoned = new Disconnect(ReasonCode.SERVER_BUSY);
        ProtocolException e = assertThrows(ProtocolException.class, () -> MqttCodec.encode(reasoned, V3_1_1));
        assertRefusal(e, ReasonCode.MALFORMED_PACKET, "section 3.14)");
        assertThrows(ProtocolException.class, () -> new Disconnect(ReasonCode.SUCCESS));
    }

    @Test
    void authInVersion5() {
        assertSameOnTheWire(V5, new Auth(ReasonCode.SUCCESS, Properties.EMPTY), "F0 00");
        Properties properties = Properties.builder()
                .add(Property.AUTHENTICATION_METHOD, "m")
                .add(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(new byte[] {-1}))
                .build();
        assertSameOnTheWire(V5, new Auth(ReasonCode.CONTINUE_AUTHENTICATION, properties), """
                F0         AUTH
                0A         remaining length 10
                18         reason: go on
                08         properties of eight bytes
                15 0001 6D authentication method m
                16 0001 FF authentication data
                """);
    }

    @Test
    @Statement({"MQTT-3.15.2-1", "P5-62"})
    void authThatIsWrongIsRefused() {
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "F0 02 01 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "F0 01 00");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§3.15.2.2.2)", "F0 02 18 00");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§3.15.2.2.2)", "F0 06 00 04 1F 0001 61");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "F0 07 00 04 15 0001 61 00");
        assertThrows(ProtocolException.class, () -> new Auth(ReasonCode.RE_AUTHENTICATE, Properties.EMPTY));
    }

    @ParameterizedTest
    @EnumSource(names = {"V3_1", "V3_1_1"})
    void authCameWithVersion5(ProtocolVersion version) {
        assertRefused(version, ReasonCode.MALFORMED_PACKET, "section 2.2.1)", "F0 00");
        Auth auth = new Auth(ReasonCode.SUCCESS, Properties.EMPTY);
        assertThrows(ProtocolException.class, () -> MqttCodec.encode(auth, version));
    }
}

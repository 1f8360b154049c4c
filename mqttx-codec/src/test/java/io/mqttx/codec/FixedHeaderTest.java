package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.assertRefused;
import static io.mqttx.codec.Vectors.bytes;
import static io.mqttx.codec.Vectors.decode;
import static io.mqttx.codec.Vectors.utf8;
import static io.mqttx.packet.ProtocolVersion.V3_1;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FixedHeaderTest {

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-2.1.3-1", "MQTT-3.6.1-1", "MQTT-3.8.1-1", "MQTT-3.10.1-1", "MQTT-3.15.1-1", "P5-06"})
    @Statement(
            value = {"MQTT-2.2.2-1", "MQTT-2.2.2-2", "MQTT-3.6.1-1", "MQTT-3.8.1-1", "MQTT-3.10.1-1"},
            version = Version.V3_1_1)
    void flagsThatAreNotThoseOfTheTableAreRefusedFromTheFirstByte(PacketType type) {
        if (type == PacketType.PUBLISH) {
            return;
        }
        boolean two = type == PacketType.PUBREL || type == PacketType.SUBSCRIBE || type == PacketType.UNSUBSCRIBE;
        for (ProtocolVersion version : ProtocolVersion.values()) {
            for (int flags = 0; flags < 16; flags++) {
                boolean sentAgain = version == V3_1 && two && flags == 0xA;
                if (flags != (two ? 2 : 0) && !sentAgain) {
                    PacketDecoder decoder = PacketDecoder.forVersion(version, DecoderOptions.defaults());
                    byte[] first = {(byte) (type.code() << 4 | flags)};
                    ProtocolException e = assertThrows(
                            ProtocolException.class,
                            () -> decoder.next(ByteBuffer.wrap(first)),
                            type + " with flags " + flags);
                    assertRefusal(e, ReasonCode.MALFORMED_PACKET, "[MQTT-2.1.3-1]");
                }
            }
        }
    }

    @Test
    void in31ThesePacketsMayBeMarkedAsSentAgain() {
        Subscription subscription = new Subscription(TopicFilter.of("a"), QoS.AT_MOST_ONCE);

        assertEquals(new PubRel(7), decode(V3_1, "6A 02 0007"));
        assertEquals(new Subscribe(7, List.of(subscription)), decode(V3_1, "8A 06 0007 0001 61 00"));
        assertEquals(new Unsubscribe(7, List.of(TopicFilter.of("a"))), decode(V3_1, "AA 05 0007 0001 61"));
    }

    @ParameterizedTest
    @EnumSource
    void packetType0IsRefused(ProtocolVersion version) {
        assertRefused(version, ReasonCode.MALFORMED_PACKET, "(§2.1.2)", "00 00");
        assertRefused(version, ReasonCode.MALFORMED_PACKET, "(§2.1.2)", "0F");
        assertThrows(ProtocolException.class, () -> PacketType.of(16));
    }

    @Test
    @Statement("MQTT-3.1.0-1")
    @Statement(value = "MQTT-3.1.0-1", version = Version.V3_1_1)
    void theFirstPacketToAServerIsConnect() {
        for (PacketType type : PacketType.values()) {
            if (type != PacketType.CONNECT) {
                PacketDecoder decoder = PacketDecoder.forServer(DecoderOptions.defaults());
                byte[] first = {(byte) (type.code() << 4 | type.reservedFlags())};
                ProtocolException e = assertThrows(ProtocolException.class, () -> decoder.next(ByteBuffer.wrap(first)));
                assertRefusal(e, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.1.0-1]");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"C0 8000", "C0 808000", "C0 80808000"})
    @Statement("MQTT-1.5.5-1")
    void anOverLongRemainingLengthIsRefusedInVersion5Only(String vector) {
        assertEquals(PingReq.INSTANCE, decode(V3_1, vector));
        assertEquals(PingReq.INSTANCE, decode(V3_1_1, vector));
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.5-1]", vector);
    }

    @Test
    @Statement("MQTT-1.5.5-1")
    void anOverLongRemainingLengthOfConnectIsJudgedByTheVersionThatItNames() {
        String rest = " 02 003C 0000";
        assertEquals(new Connect(V3_1_1, "", true), decode(V5, "10 8C00 0004 4D515454 04" + rest));
        assertRefused(
                V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.5-1]", "10 8D00 0004 4D515454 05 02 003C 00 0000");
    }

    @ParameterizedTest
    @EnumSource
    void aRemainingLengthOfFiveBytesIsRefusedAsSoonAsTheFourthSaysSo(ProtocolVersion version) {
        PacketDecoder decoder = PacketDecoder.forVersion(version, DecoderOptions.defaults());

        assertFalse(decoder.next(ByteBuffer.wrap(bytes("30 80 80 80"))));
        ProtocolException e = assertThrows(ProtocolException.class, () -> decoder.next(ByteBuffer.wrap(bytes("80"))));
        assertRefusal(e, ReasonCode.MALFORMED_PACKET, "(§1.5.5)");
        assertRefused(version, ReasonCode.MALFORMED_PACKET, "(§1.5.5)", "30 FFFFFFFF");
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "124", "125", "16380", "16381", "2097148", "2097149"})
    void remainingLengthsAroundTheirBordersArriveWhole(int payload) {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            Publish message = new Publish(TopicName.of("a"), ByteBuffer.allocate(payload));
            ByteBuffer encoded = MqttCodec.encode(message, version);

            assertEquals(List.of(message), MqttCodec.decode(encoded, version));
        }
    }

    @Test
    void severalPacketsAreReadOneAfterAnother() {
        assertEquals(
                List.of(new Publish(TopicName.of("a"), utf8("x")), PingReq.INSTANCE, new PubRel(1)),
                MqttCodec.decode(ByteBuffer.wrap(bytes("30 04 0001 61 78  C0 00  62 02 0001")), V3_1_1));
    }

    @Test
    void bytesThatEndInsideAPacketAreRefusedWhereTheyAreAllThereIs() {
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "C0");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "C0 00 30 05");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "");
    }
}

package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.assertRefused;
import static io.mqttx.codec.Vectors.assertSameOnTheWire;
import static io.mqttx.codec.Vectors.hex;
import static io.mqttx.packet.ProtocolVersion.V3_1;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** SUBSCRIBE, SUBACK, UNSUBSCRIBE and UNSUBACK. */
class SubscriptionPacketsTest {

    @ParameterizedTest
    @EnumSource(names = {"V3_1", "V3_1_1"})
    @Statement(
            value = {"MQTT-2.3.1-1", "MQTT-3.8.1-1", "MQTT-3.8.3-1"},
            version = Version.V3_1_1)
    void subscribeBeforeVersion5(ProtocolVersion version) {
        Subscribe subscribe = new Subscribe(
                10,
                List.of(
                        new Subscription(TopicFilter.of("a/+"), QoS.AT_MOST_ONCE),
                        new Subscription(TopicFilter.of("#"), QoS.EXACTLY_ONCE)));

        assertSameOnTheWire(version, subscribe, """
                82          SUBSCRIBE
                0C          remaining length 12
                000A        packet identifier 10
                0003 612F2B filter a/+
                00          maximum QoS 0
                0001 23     filter #
                02          maximum QoS 2
                """);
    }

    @Test
    @Statement({"MQTT-3.8.1-1", "MQTT-3.8.3-1", "MQTT-3.8.3-2"})
    void subscribeInVersion5() {
        Subscribe subscribe = new Subscribe(
                10,
                List.of(
                        new Subscription(
                                TopicFilter.of("é"), QoS.AT_LEAST_ONCE, true, true, RetainHandling.DO_NOT_SEND),
                        new Subscription(
                                TopicFilter.of("b"), QoS.EXACTLY_ONCE, false, true, RetainHandling.SEND_IF_NEW)),
                Properties.builder()
                        .add(Property.SUBSCRIPTION_IDENTIFIER, 268_435_455)
                        .userProperty("", "")
                        .build());

        assertSameOnTheWire(V5, subscribe, """
                82           SUBSCRIBE
                16           remaining length 22
                000A         packet identifier 10
                0A           properties of ten bytes
                0B FFFFFF7F  subscription identifier
                26 0000 0000 user property
                0002 C3A9    filter é
                2D           retain handling 2, retain as published, no local, QoS 1
                0001 62      filter b
                1A           retain handling 1, retain as published, QoS 2
                """);
    }

    @Test
    @Statement({"MQTT-2.2.1-3", "MQTT-3.8.3-1", "MQTT-3.8.3-2", "P5-54"})
    @Statement(
            value = {"MQTT-2.3.1-1", "MQTT-3.8.3-1", "MQTT-3.8.3-3"},
            version = Version.V3_1_1)
    void subscribeThatIsNotWholeIsRefused() {
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "82 00");
        assertRefused(V3_1_1, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.8.3-2]", "82 02 000A");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.8.3-2]", "82 03 000A 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", "82 06 0000 0001 61 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "subscription options", "82 05 000A 0001 61");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "topic filter", "82 06 000A 0003 61 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "property length", "82 02 000A");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.4-1]", "82 06 000A 0001 FF 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.4-2]", "82 07 000A 00 0001 00 00");
        assertRefused(V5, ReasonCode.TOPIC_FILTER_INVALID, "[MQTT-4.7.3-1]", "82 06 000A 00 0000 00");
        assertRefused(V5, ReasonCode.TOPIC_FILTER_INVALID, "[MQTT-4.7.1-2]", "82 08 000A 00 0002 612B 00");
        assertThrows(ProtocolException.class, () -> new Subscribe(1, List.of()));
        assertThrows(ProtocolException.class, () -> new Subscribe(0, List.of(plain())));
        assertThrows(ProtocolException.class, () -> new Subscribe(65_536, List.of(plain())));
    }

    @ParameterizedTest
    @ValueSource(ints = {0x04, 0x08, 0x10, 0x20, 0x2C, 0x40, 0x80})
    @Statement(value = "MQTT-3.8.3-4", version = Version.V3_1_1)
    void optionBitsOfVersion5AreRefusedBefore(int bits) {
        String vector = "82 06 000A 0001 61 %02X".formatted(bits);

        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-3.8.3-5]", vector);
        assertRefused(V3_1, ReasonCode.MALFORMED_PACKET, "[MQTT-3.8.3-5]", vector);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x40, 0x80, 0xC0})
    @Statement("MQTT-3.8.3-5")
    void reservedOptionBitsAreRefused(int bits) {
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-3.8.3-5]", "82 07 000A 00 0001 61 %02X".formatted(bits));
    }

    @Test
    @Statement({"P5-53", "MQTT-3.8.3-4"})
    void optionsThatMeanNothingAreRefused() {
        assertRefused(V3_1_1, ReasonCode.PROTOCOL_ERROR, "(§3.8.3.1)", "82 06 000A 0001 61 03");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§3.8.3.1)", "82 07 000A 00 0001 61 03");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§3.8.3.1)", "82 07 000A 00 0001 61 30");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.8.3-4]", """
                82                        SUBSCRIBE
                10                        remaining length 16
                000A                      packet identifier 10
                00                        no properties
                000A 2473686172652F672F61 filter $share/g/a
                04                        no local
                """);
    }

    @Test
    void optionsThatOnlyVersion5HasCannotBeWrittenBefore() {
        TopicFilter filter = TopicFilter.of("a");
        for (Subscription subscription : List.of(
                new Subscription(filter, QoS.AT_MOST_ONCE, true, false, RetainHandling.SEND),
                new Subscription(filter, QoS.AT_MOST_ONCE, false, true, RetainHandling.SEND),
                new Subscription(filter, QoS.AT_MOST_ONCE, false, false, RetainHandling.DO_NOT_SEND))) {
            Subscribe subscribe = new Subscribe(1, List.of(subscription));
            ProtocolException e = assertThrows(ProtocolException.class, () -> MqttCodec.encode(subscribe, V3_1_1));
            assertRefusal(e, ReasonCode.MALFORMED_PACKET, "[MQTT-3-8.3-4]");
        }
    }

    @Test
    @Statement({"P5-43", "P5-46", "P5-07"})
    void propertiesOfSubscribeThatAreWrongAreRefused() {
        String rest = " 0001 61 00";
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§2.2.2.2)", "82 0B 000A 04 0B 01 0B 02" + rest);
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§2.2.2.2)", "82 09 000A 02 0B 00" + rest);
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.2.2.2)", "82 0A 000A 03 23 0001" + rest);
    }

    @Test
    void subackInEachVersion() {
        SubAck ack = new SubAck(
                10,
                List.of(
                        ReasonCode.GRANTED_QOS_0,
                        ReasonCode.GRANTED_QOS_1,
                        ReasonCode.GRANTED_QOS_2,
                        ReasonCode.UNSPECIFIED_ERROR));

        assertSameOnTheWire(V3_1_1, ack, """
                90       SUBACK
                06       remaining length 6
                000A     packet identifier 10
                00 01 02 granted QoS 0, 1 and 2
                80       failure
                """);
        assertSameOnTheWire(V5, ack, """
                90       SUBACK
                07       remaining length 7
                000A     packet identifier 10
                00       no properties
                00 01 02 granted QoS 0, 1 and 2
                80       failure
                """);
    }

    @Test
    void anyRefusalIs80BeforeVersion5() {
        SubAck ack = new SubAck(10, List.of(ReasonCode.NOT_AUTHORIZED, ReasonCode.GRANTED_QOS_1));

        assertEquals(Vectors.vector("90 04 000A 80 01"), hex(MqttCodec.encode(ack, V3_1_1)));
        assertEquals(Vectors.vector("90 05 000A 00 87 01"), hex(MqttCodec.encode(ack, V5)));
    }

    @Test
    @Statement({"MQTT-3.9.3-1", "MQTT-3.9.3-2"})
    @Statement(value = "MQTT-3.9.3-2", version = Version.V3_1_1)
    void subackThatIsWrongIsRefused() {
        assertRefused(V3_1_1, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.9.3-1]", "90 02 000A");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.9.3-1]", "90 03 000A 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.4)", "90 03 000A 03");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-3.9.3-2]", "90 04 000A 00 87");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "90 04 000A 00 03");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "90 05 000A 00 00 11");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", "90 04 0000 00 00");
        assertThrows(ProtocolException.class, () -> new SubAck(1, List.of()));
        assertThrows(ProtocolException.class, () -> new SubAck(1, List.of(ReasonCode.NO_SUBSCRIPTION_EXISTED)));
    }

    @ParameterizedTest
    @EnumSource(names = {"V3_1", "V3_1_1"})
    @Statement(
            value = {"MQTT-3.10.1-1", "MQTT-3.10.3-1"},
            version = Version.V3_1_1)
    void unsubscribeBeforeVersion5(ProtocolVersion version) {
        assertSameOnTheWire(version, new Unsubscribe(10, List.of(TopicFilter.of("a/+"), TopicFilter.of("b"))), """
                A2          UNSUBSCRIBE
                0A          remaining length 10
                000A        packet identifier 10
                0003 612F2B filter a/+
                0001 62     filter b
                """);
    }

    @Test
    @Statement({"MQTT-3.10.1-1", "MQTT-3.10.3-1", "MQTT-3.10.3-2"})
    void unsubscribeInVersion5() {
        Properties properties = Properties.builder().userProperty("k", "v").build();

        assertSameOnTheWire(V5, new Unsubscribe(10, List.of(TopicFilter.of("$share/g/a")), properties), """
                A2                        UNSUBSCRIBE
                16                        remaining length 22
                000A                      packet identifier 10
                07                        properties of seven bytes
                26 0001 6B 0001 76        user property k=v
                000A 2473686172652F672F61 filter $share/g/a
                """);
    }

    @Test
    @Statement({"MQTT-2.2.1-3", "MQTT-3.10.3-1", "MQTT-3.10.3-2", "P5-54"})
    @Statement(
            value = {"MQTT-2.3.1-1", "MQTT-3.10.3-1", "MQTT-3.10.3-2"},
            version = Version.V3_1_1)
    void unsubscribeThatIsWrongIsRefused() {
        assertRefused(V3_1_1, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.10.3-2]", "A2 02 000A");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.10.3-2]", "A2 03 000A 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", "A2 05 0000 0001 61");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "A2 04 000A 00 01");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-1.5.4-1]", "A2 05 000A 0001 80");
        assertRefused(V5, ReasonCode.TOPIC_FILTER_INVALID, "[MQTT-4.7.1-1]", "A2 08 000A 00 0003 232F61");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.2.2.2)", "A2 08 000A 02 0B 01 0001 61");
        assertThrows(ProtocolException.class, () -> new Unsubscribe(1, List.of()));
    }

    @Test
    void unsubackHasReasonsSinceVersion5() {
        assertSameOnTheWire(V3_1_1, new UnsubAck(10, List.of()), """
                B0   UNSUBACK
                02   remaining length 2
                000A packet identifier 10
                """);
        UnsubAck ack = new UnsubAck(10, List.of(ReasonCode.SUCCESS, ReasonCode.NO_SUBSCRIPTION_EXISTED));
        assertSameOnTheWire(V5, ack, """
                B0   UNSUBACK
                05   remaining length 5
                000A packet identifier 10
                00   no properties
                00   success
                11   no subscription existed
                """);
        assertEquals("B002000A", hex(MqttCodec.encode(ack, V3_1_1)));
    }

    @Test
    @Statement({"MQTT-3.11.3-1", "MQTT-3.11.3-2"})
    void unsubackThatIsWrongIsRefused() {
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "B0 03 000A 00");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", "B0 01 00");
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.11.3-1]", "B0 03 000A 00");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.4)", "B0 04 000A 00 01");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]", "B0 04 0000 00 00");
        UnsubAck bare = new UnsubAck(10, List.of());
        ProtocolException e = assertThrows(ProtocolException.class, () -> MqttCodec.encode(bare, V5));
        assertRefusal(e, ReasonCode.PROTOCOL_ERROR, "[MQTT-3.11.3-1]");
    }

    private static Subscription plain() {
        return new Subscription(TopicFilter.of("a"), QoS.AT_MOST_ONCE);
    }
}

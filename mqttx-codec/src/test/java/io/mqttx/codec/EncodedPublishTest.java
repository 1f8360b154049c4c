package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.hex;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.packet.PacketGenerator;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EncodedPublishTest {
    private static final int[] NONE = {};

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 16_372, 16_376, 16_380})
    void aReceiverWithAnAliasGetsTheBytesOfTheEncoder(int payload) {
        Publish message = new Publish(TopicName.of("a/é"), ByteBuffer.allocate(payload))
                .withProperties(Properties.of(Property.CONTENT_TYPE, "x"));
        EncodedPublish encoded = EncodedPublish.of(message, V5);
        for (boolean known : new boolean[] {true, false}) {
            for (int[] identifiers : new int[][] {NONE, {7, 300}}) {
                Properties properties = message.properties().with(Property.TOPIC_ALIAS, 0xFFFF);
                for (int identifier : identifiers) {
                    properties =
                            Properties.decode(joined(properties, identifier), 0, joined(properties, identifier).length);
                }
                Publish expected = new Publish(
                        true,
                        QoS.AT_LEAST_ONCE,
                        true,
                        known ? TopicName.NONE : message.topic(),
                        9,
                        properties,
                        message.payload());
                ByteBuffer out = ByteBuffer.allocate(encoded.sizeOf(QoS.AT_LEAST_ONCE, identifiers, 0xFFFF, known));
                encoded.writeTo(out, true, QoS.AT_LEAST_ONCE, true, 9, identifiers, 0xFFFF, known);
                assertEquals(hex(MqttCodec.encode(expected, V5)), hex(out.flip()));
            }
        }
    }

    @Test
    void anAliasIsRefusedWhereThereIsNone() {
        Publish message = new Publish(TopicName.of("a"), ByteBuffer.allocate(0));
        ByteBuffer out = ByteBuffer.allocate(100);
        EncodedPublish older = EncodedPublish.of(message, V3_1_1);
        EncodedPublish current = EncodedPublish.of(message, V5);
        assertThrows(
                ProtocolException.class, () -> older.writeTo(out, false, QoS.AT_MOST_ONCE, false, 0, NONE, 1, false));
        assertThrows(
                ProtocolException.class,
                () -> current.writeTo(out, false, QoS.AT_MOST_ONCE, false, 0, NONE, 0x1_0000, false));
        assertEquals(0, out.position());
    }

    /** Properties and one more subscription identifier, as bytes. */
    private static byte[] joined(Properties properties, int identifier) {
        Properties one = Properties.of(Property.SUBSCRIPTION_IDENTIFIER, identifier);
        ByteBuffer both = ByteBuffer.allocate(properties.encodedLength() + one.encodedLength());
        properties.encodeTo(both);
        one.encodeTo(both);
        return both.array();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 110, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 350, 16_370, 16_376, 16_377, 16_378,
                16_379, 16_380, 16_381, 16_382, 16_383, 16_384, 16_385, 2_097_140, 2_097_150
            })
    void everyReceiverGetsTheBytesOfTheEncoder(int payload) {
        Publish message = new Publish(TopicName.of("a/é"), ByteBuffer.allocate(payload));
        for (ProtocolVersion version : ProtocolVersion.values()) {
            checkAllReceivers(message, version, NONE);
        }
        checkAllReceivers(message, V5, new int[] {1});
        checkAllReceivers(message, V5, new int[] {127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455});
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                0, 1, 100, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 16_370, 16_376, 16_377, 16_378, 16_379,
                16_380
            })
    void propertyLengthsAroundTheirBorders(int length) {
        Properties properties = Properties.builder()
                .add(Property.CONTENT_TYPE, "x".repeat(length))
                .build();
        Publish message = new Publish(TopicName.of("a"), ByteBuffer.allocate(3)).withProperties(properties);

        checkAllReceivers(message, V5, NONE);
        for (int count = 1; count < 5; count++) {
            checkAllReceivers(message, V5, new int[count * 2 - 1]);
        }
    }

    @Test
    void manyMessagesOfEveryKind() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            ProtocolVersion version = seed % 3 == 0 ? V3_1_1 : V5;
            Publish message = new PacketGenerator(random).publish(version);
            int[] identifiers = random.ints(random.nextInt(3), 1, 268_435_456).toArray();
            checkAllReceivers(message, version, version == V5 ? identifiers : NONE);
        }
    }

    @Test
    void beforeVersion5SubscriptionIdentifiersAreLeftOut() {
        Publish message = new Publish(TopicName.of("a"), ByteBuffer.allocate(3));
        EncodedPublish encoded = EncodedPublish.of(message, V3_1_1);
        ByteBuffer out = ByteBuffer.allocate(100);

        encoded.writeTo(out, false, QoS.AT_MOST_ONCE, false, 0, new int[] {5});

        assertEquals(hex(MqttCodec.encode(message, V3_1_1)), hex(out.flip()));
        assertEquals(out.remaining(), encoded.sizeOf(QoS.AT_MOST_ONCE, new int[] {5}));
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsWrittenWhereItDoesNotFit(QoS qos) {
        EncodedPublish encoded = EncodedPublish.of(new Publish(TopicName.of("a"), ByteBuffer.allocate(3)), V5);
        int packetId = qos == QoS.AT_MOST_ONCE ? 0 : 1;
        for (int[] identifiers : new int[][] {NONE, {1}}) {
            ByteBuffer out = ByteBuffer.allocate(encoded.sizeOf(qos, identifiers) - 1);
            assertThrows(
                    BufferOverflowException.class,
                    () -> encoded.writeTo(out, false, qos, false, packetId, identifiers));
            assertEquals(0, out.position());
        }
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        EncodedPublish encoded = EncodedPublish.of(new Publish(TopicName.of("a"), ByteBuffer.allocate(3)), V5);

        assertRefused(encoded, true, QoS.AT_MOST_ONCE, 0, NONE);
        assertRefused(encoded, false, QoS.AT_MOST_ONCE, 1, NONE);
        assertRefused(encoded, false, QoS.AT_LEAST_ONCE, 0, NONE);
        assertRefused(encoded, false, QoS.EXACTLY_ONCE, 65_536, NONE);
        assertRefused(encoded, false, QoS.EXACTLY_ONCE, 0, new int[] {1});
        for (int identifier : new int[] {0, -1, 268_435_456}) {
            ProtocolException e = assertThrows(
                    ProtocolException.class,
                    () -> encoded.writeTo(
                            ByteBuffer.allocate(99), false, QoS.AT_MOST_ONCE, false, 0, new int[] {identifier}));
            assertRefusal(e, ReasonCode.PROTOCOL_ERROR, "(§3.3.2.3.8)");
        }
    }

    @Test
    void whatTheVersionCannotSayIsRefusedAtOnce() {
        Publish byAlias = new Publish(TopicName.of("a"), ByteBuffer.allocate(0))
                .withProperties(Properties.of(Property.TOPIC_ALIAS, 1))
                .withTopic(TopicName.NONE);

        assertThrows(ProtocolException.class, () -> EncodedPublish.of(byAlias, V3_1_1));
        checkAllReceivers(byAlias, V5, NONE);
    }

    private static void assertRefused(EncodedPublish encoded, boolean dup, QoS qos, int packetId, int[] identifiers) {
        ByteBuffer out = ByteBuffer.allocate(99);
        ProtocolException e = assertThrows(
                ProtocolException.class, () -> encoded.writeTo(out, dup, qos, false, packetId, identifiers));
        assertRefusal(e, ReasonCode.MALFORMED_PACKET, "[MQTT-2.2.1-3]");
        assertEquals(0, out.position());
    }

    private static void checkAllReceivers(Publish message, ProtocolVersion version, int[] identifiers) {
        int[] given = identifiers.clone();
        for (int i = 0; i < given.length; i++) {
            given[i] = given[i] == 0 ? i + 1 : given[i];
        }
        EncodedPublish encoded = EncodedPublish.of(message, version);
        assertEquals(message, encoded.message());
        assertEquals(version, encoded.version());
        for (QoS qos : QoS.values()) {
            for (boolean dup : qos == QoS.AT_MOST_ONCE ? new boolean[] {false} : new boolean[] {false, true}) {
                for (boolean retain : new boolean[] {false, true}) {
                    int packetId = qos == QoS.AT_MOST_ONCE ? 0 : retain ? 0xFFFF : 0x0102;
                    Publish expected = withIdentifiers(message, version, given).with(qos, packetId);
                    expected = (dup ? expected.again() : expected).withRetain(retain);
                    ByteBuffer bytes = MqttCodec.encode(expected, version);
                    EncodedPublish without = EncodedPublish.of(message, version); // a receiver before this one
                    for (EncodedPublish each : List.of(encoded, without)) {
                        ByteBuffer out =
                                ByteBuffer.allocateDirect(bytes.remaining() + 7).position(5);
                        each.writeTo(out, dup, qos, retain, packetId, given);
                        assertEquals(bytes, out.flip().position(5));
                    }
                    assertEquals(bytes.remaining(), encoded.sizeOf(qos, given));
                    if (given.length == 0) {
                        assertEquals(bytes.remaining(), encoded.sizeOf(qos));
                    }
                }
            }
        }
    }

    private static Publish withIdentifiers(Publish message, ProtocolVersion version, int[] identifiers) {
        if (!version.hasProperties() || identifiers.length == 0) {
            return message;
        }
        ByteBuffer all = ByteBuffer.allocate(message.properties().encodedLength() + 5 * identifiers.length);
        message.properties().encodeTo(all);
        for (int identifier : identifiers) {
            Properties.of(Property.SUBSCRIPTION_IDENTIFIER, identifier).encodeTo(all);
        }
        return message.withProperties(Properties.decode(all.array(), 0, all.position()));
    }
}

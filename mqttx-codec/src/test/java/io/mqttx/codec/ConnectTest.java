package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.assertRefused;
import static io.mqttx.codec.Vectors.assertSameOnTheWire;
import static io.mqttx.codec.Vectors.bytes;
import static io.mqttx.codec.Vectors.decode;
import static io.mqttx.codec.Vectors.utf8;
import static io.mqttx.packet.ProtocolVersion.V3_1;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Will;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectTest {
    private static final Will WILL =
            new Will(TopicName.of("w"), utf8("gone"), QoS.AT_LEAST_ONCE, true, Properties.EMPTY);

    @Test
    void smallestConnectOfEachVersion() {
        assertSameOnTheWire(V3_1, new Connect(V3_1, "a", true), """
                10               CONNECT
                0F               remaining length 15
                0006 4D5149736470 protocol name MQIsdp
                03               level 3
                02               clean session
                003C             keep alive 60
                0001 61          client identifier a
                """);
        assertSameOnTheWire(V3_1_1, new Connect(V3_1_1, "", true), """
                10            CONNECT
                0C            remaining length 12
                0004 4D515454 protocol name MQTT
                04            level 4
                02            clean session
                003C          keep alive 60
                0000          no client identifier
                """);
        assertSameOnTheWire(V5, new Connect(V5, "", false), """
                10            CONNECT
                0D            remaining length 13
                0004 4D515454 protocol name MQTT
                05            version 5
                00            no flags
                003C          keep alive 60
                00            no properties
                0000          no client identifier
                """);
    }

    @Test
    @Statement({
        "MQTT-3.1.2-9",
        "MQTT-3.1.2-17",
        "MQTT-3.1.2-19",
        "MQTT-3.1.3-1",
        "MQTT-3.1.3-3",
        "MQTT-3.1.3-4",
        "MQTT-3.1.3-11",
        "MQTT-3.1.3-12"
    })
    void allFieldsOfVersion5InTheirOrder() {
        Properties willProperties = Properties.of(Property.WILL_DELAY_INTERVAL, 5L);
        Connect connect = new Connect(
                V5,
                "é",
                true,
                0xFFFF,
                Credentials.of("u", utf8("p")),
                new Will(TopicName.of("w"), utf8("gone"), QoS.EXACTLY_ONCE, true, willProperties),
                Properties.of(Property.SESSION_EXPIRY_INTERVAL, 0xFFFF_FFFFL));

        assertSameOnTheWire(V5, connect, """
                10            CONNECT
                29            remaining length 41
                0004 4D515454 protocol name MQTT
                05            version 5
                F6            user name, password, will retain, will QoS 2, will, clean start
                FFFF          keep alive 65535
                05            properties of five bytes
                11 FFFFFFFF   session expiry: never
                0002 C3A9     client identifier é
                05            will properties of five bytes
                18 00000005   will delay
                0001 77       will topic w
                0004 676F6E65 will payload gone
                0001 75       user name u
                0001 70       password p
                """);
    }

    @Test
    @Statement(
            value = {
                "MQTT-3.1.2-9",
                "MQTT-3.1.2-19",
                "MQTT-3.1.2-21",
                "MQTT-3.1.3-1",
                "MQTT-3.1.3-3",
                "MQTT-3.1.3-4",
                "MQTT-3.1.3-10",
                "MQTT-3.1.3-11"
            },
            version = Version.V3_1_1)
    void allFieldsOfVersion311InTheirOrder() {
        Connect connect = new Connect(V3_1_1, "c", false, 0, Credentials.of("u", utf8("p")), WILL, Properties.EMPTY);

        assertSameOnTheWire(V3_1_1, connect, """
                10            CONNECT
                1C            remaining length 28
                0004 4D515454 protocol name MQTT
                04            level 4
                EC            user name, password, will retain, will QoS 1, will
                0000          no keep alive
                0001 63       client identifier c
                0001 77       will topic w
                0004 676F6E65 will message gone
                0001 75       user name u
                0001 70       password p
                """);
    }

    @Test
    @Statement("P5-10")
    void aPasswordAloneIsAllowedInVersion5() {
        Connect connect = new Connect(V5, "c", true).withCredentials(Credentials.ofPassword(utf8("")));

        assertSameOnTheWire(V5, connect, """
                10            CONNECT
                10            remaining length 16
                0004 4D515454 protocol name MQTT
                05            version 5
                42            password, clean start
                003C          keep alive
                00            no properties
                0001 63       client identifier c
                0000          password of no bytes
                """);
    }

    @Test
    @Statement("MQTT-3.1.2-22")
    @Statement(value = "MQTT-3.1.2-22", version = Version.V3_1_1)
    void aPasswordAloneIsRefusedBeforeVersion5() {
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "[MQTT-3.1.2-22]", """
                10 0F 0004 4D515454 04 CONNECT, level 4
                42            password without user name
                003C 0001 63  keep alive, client identifier
                0000          password
                """);
        ProtocolException e = assertThrows(
                ProtocolException.class,
                () -> new Connect(V3_1_1, "c", true).withCredentials(Credentials.ofPassword(utf8("p"))));
        assertRefusal(e, ReasonCode.MALFORMED_PACKET, "[MQTT-3.1.2-22]");
    }

    @ParameterizedTest
    @CsvSource({
        "03, MQTT-3.1.2-3", // reserved bit
        "0A, MQTT-3.1.2-11", // will QoS 1 without a will
        "12, MQTT-3.1.2-11", // will QoS 2 without a will
        "22, MQTT-3.1.2-13", // will retain without a will
        "1E, MQTT-3.1.2-12", // will QoS 3
    })
    @Statement({"MQTT-3.1.2-3", "MQTT-3.1.2-11", "MQTT-3.1.2-12", "MQTT-3.1.2-13", "P5-09"})
    @Statement(
            value = {"MQTT-3.1.2-3", "MQTT-3.1.2-11", "MQTT-3.1.2-13", "MQTT-3.1.2-14", "MQTT-3.1.2-15"},
            version = Version.V3_1_1)
    void impossibleFlagsAreRefused(String flags, String statement) {
        String will = flags.equals("1E") ? "0001 77 0000" : "";
        String remaining = flags.equals("1E") ? "12" : "0D";
        String remaining5 = flags.equals("1E") ? "14" : "0E";
        String willOf5 = will.isEmpty() ? "" : "00 " + will;

        assertRefused(
                V3_1_1,
                ReasonCode.MALFORMED_PACKET,
                "[" + statement + "]",
                "10 " + remaining + " 0004 4D515454 04 " + flags + " 003C 0001 63 " + will);
        assertRefused(
                V5,
                ReasonCode.MALFORMED_PACKET,
                "[" + statement + "]",
                "10 " + remaining5 + " 0004 4D515454 05 " + flags + " 003C 00 0001 63 " + willOf5);
    }

    @Test
    @Statement({"MQTT-3.1.2-16", "MQTT-3.1.2-18"})
    @Statement(
            value = {"MQTT-3.1.2-11", "MQTT-3.1.2-18", "MQTT-3.1.2-20"},
            version = Version.V3_1_1)
    void aFieldWhoseFlagIsNotSetIsRefused() {
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", """
                10 10 0004 4D515454 04 02 003C CONNECT without further flags
                0001 63       client identifier c
                0001 75       what could be a user name
                """);
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "(§2.1.4)", """
                10 14 0004 4D515454 05 82 003C 00 CONNECT with a user name
                0001 63       client identifier c
                0001 75       user name
                0001 70       what could be a password
                """);
    }

    @Test
    @Statement({"MQTT-3.1.2-9", "MQTT-3.1.2-17", "MQTT-3.1.2-19", "MQTT-3.1.3-3"})
    @Statement(
            value = {"MQTT-3.1.2-9", "MQTT-3.1.2-19", "MQTT-3.1.2-21", "MQTT-3.1.3-3"},
            version = Version.V3_1_1)
    void aFieldThatItsFlagPromisesMustBeThere() {
        String head = " 0004 4D515454 04 ";
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "client identifier", "10 0A" + head + "02 003C");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "topic name", "10 0D" + head + "06 003C 0001 63");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "will payload", "10 10" + head + "06 003C 0001 63 0001 77");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "user name", "10 0D" + head + "82 003C 0001 63");
        assertRefused(V3_1_1, ReasonCode.MALFORMED_PACKET, "password", "10 10" + head + "C2 003C 0001 63 0001 75");
        assertRefused(V5, ReasonCode.MALFORMED_PACKET, "user name", "10 0E 0004 4D515454 05 82 003C 00 0001 63");
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] whole = MqttCodec.toBytes(
                new Connect(V5, "c", true).withWill(WILL).withCredentials(Credentials.of("u", utf8("p"))), V5);
        for (int length = 0; length < whole.length - 2; length++) {
            byte[] cut = java.util.Arrays.copyOf(whole, 2 + length);
            cut[1] = (byte) length;
            ProtocolException e = assertThrows(
                    ProtocolException.class, () -> MqttCodec.decode(ByteBuffer.wrap(cut), V5), "length " + length);
            DecoderFuzz.checkMessage(e);
        }
    }

    @Test
    @Statement("MQTT-4.7.3-1")
    @Statement(value = "MQTT-4.7.3-1", version = Version.V3_1_1)
    void aWillHasATopic() {
        assertRefused(V3_1_1, ReasonCode.TOPIC_NAME_INVALID, "[MQTT-4.7.3-1]", """
                10 11 0004 4D515454 04 06 003C CONNECT with a will
                0001 63       client identifier c
                0000          will topic, empty
                0000          will message, empty
                """);
        assertThrows(
                ProtocolException.class,
                () -> new Will(TopicName.NONE, utf8("x"), QoS.AT_MOST_ONCE, false, Properties.EMPTY));
    }

    @Test
    void aWillTopicHoldsNoWildcard() {
        assertRefused(V3_1_1, ReasonCode.TOPIC_NAME_INVALID, "[MQTT-3.3.2-2]", """
                10 12 0004 4D515454 04 06 003C CONNECT with a will
                0001 63       client identifier c
                0001 23       will topic #
                0000          will message, empty
                """);
    }

    @Test
    @Statement(value = "MQTT-3.1.3-8", version = Version.V3_1_1)
    @Statement("P5-38")
    void anEmptyClientIdentifierNeedsACleanSessionBeforeVersion5() {
        assertRefused(
                V3_1_1,
                ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                "[MQTT-3.1.3-8]",
                "10 0C 0004 4D515454 04 00 003C 0000");
        assertEquals(new Connect(V5, "", false), decode(V5, "10 0D 0004 4D515454 05 00 003C 00 0000"));
    }

    @Test
    @Statement("P5-26")
    void authenticationDataNeedsAMethod() {
        assertRefused(V5, ReasonCode.PROTOCOL_ERROR, "(§3.1.2.11.10)", """
                10 11 0004 4D515454 05 02 003C CONNECT
                04 16 0001 78 authentication data
                0000          client identifier
                """);
    }

    @Test
    void passwordWillPayloadAndUserNameMayTake65535BytesAndNoMore() {
        ByteBuffer longest = ByteBuffer.allocate(65_535);
        ByteBuffer longer = ByteBuffer.allocate(65_536);
        Connect connect = new Connect(V5, "x".repeat(65_535), true)
                .withCredentials(Credentials.of("y".repeat(65_535), longest))
                .withWill(new Will(TopicName.of("w"), longest, QoS.AT_MOST_ONCE, false, Properties.EMPTY));
        assertEquals(
                connect, MqttCodec.decode(MqttCodec.encode(connect, V5), V5).get(0));

        assertThrows(ProtocolException.class, () -> Credentials.ofPassword(longer));
        assertThrows(
                ProtocolException.class,
                () -> new Will(TopicName.of("w"), longer, QoS.AT_MOST_ONCE, false, Properties.EMPTY));
        assertThrows(ProtocolException.class, () -> Credentials.of("y".repeat(65_536)));
        assertThrows(ProtocolException.class, () -> new Connect(V5, "x".repeat(65_536), true));
        assertThrows(ProtocolException.class, () -> new Connect(V5, "", true).withKeepAlive(65_536));
        assertThrows(ProtocolException.class, () -> new Connect(V5, "", true).withKeepAlive(-1));
    }

    @ParameterizedTest
    @CsvSource({
        "0004 4D515454 06", // version 6
        "0004 4D515454 03", // MQTT, level 3
        "0004 4D515454 84", // version 4 as bridges write it
        "0006 4D5149736470 04", // MQIsdp, level 4
        "0006 4D5149736470 83", // version 3 as bridges write it
        "0004 6D717474 04", // in lower case
        "0003 4D5154 04",
        "0000 05",
    })
    @Statement({"MQTT-3.1.2-1", "MQTT-3.1.2-2"})
    @Statement(value = "MQTT-3.1.2-2", version = Version.V3_1_1)
    void aVersionThatIsNotSpokenHereIsNamed(String nameAndLevel) {
        byte[] body = bytes(nameAndLevel + " 02 003C 0000");
        String remaining = "%02X ".formatted(body.length);

        assertRefused(
                V5,
                ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                "[MQTT-3.1.2-2]",
                "10 " + remaining + nameAndLevel + " 02 003C 0000");
    }

    @Test
    void aServerAnswersInTheVersionThatConnectNames() {
        assertEquals(Optional.of(V3_1), versionAfter("10 0F 0006 4D5149736470 03 02 003C 0001 61"));
        assertEquals(Optional.of(V3_1_1), versionAfter("10 0C 0004 4D515454 04 02 003C 0000"));
        assertEquals(Optional.of(V5), versionAfter("10 0D 0004 4D515454 05 02 003C 00 0000"));
        assertEquals(Optional.of(V5), versionAfter("10 0D 0004 4D515454 05 03 003C 00 0000"), "refused flags");
        assertEquals(Optional.of(V5), versionAfter("10 0D 0004 4D515454 06 02 003C 00 0000"), "version 6");
        assertEquals(Optional.empty(), versionAfter("10 0C 0004 4D515454 03 02 003C 0000"));
        assertEquals(Optional.empty(), versionAfter("10 02 0004"));
    }

    @Test
    void anIdentifierIn31HasOneTo23Characters() {
        String longest = "ü".repeat(23);
        Connect connect = new Connect(V3_1, longest, true);
        assertEquals(
                connect, MqttCodec.decode(MqttCodec.encode(connect, V3_1), V3_1).get(0));

        Connect longer = new Connect(V3_1, longest + "x", true);
        ProtocolException e = assertThrows(ProtocolException.class, () -> MqttCodec.encode(longer, V3_1));
        assertRefusal(e, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "(3.1, section 3.1)");
        String tooLong = "10 26 0006 4D5149736470 03 02 003C 0018 " + "78".repeat(24);
        assertRefused(V3_1, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "(3.1, section 3.1)", tooLong);
        assertRefused(
                V3_1,
                ReasonCode.CLIENT_IDENTIFIER_NOT_VALID,
                "(3.1, section 3.1)",
                "10 0E 0006 4D5149736470 03 02 003C 0000");

        PacketDecoder lenient =
                PacketDecoder.forServer(DecoderOptions.defaults().withLongClientIdsIn31(true));
        assertTrue(lenient.next(ByteBuffer.wrap(bytes(tooLong))));
        assertEquals(new Connect(V3_1, "x".repeat(24), true), lenient.packet());
    }

    @Test
    void in31UserNameAndPasswordMayBeMissingInSpiteOfTheirFlags() {
        String flags = "0006 4D5149736470 03 C2 003C 0001 61";

        assertEquals(new Connect(V3_1, "a", true), decode(V3_1, "10 0F " + flags));
        assertEquals(
                new Connect(V3_1, "a", true).withCredentials(Credentials.of("u")),
                decode(V3_1, "10 12 " + flags + " 0001 75"));
        assertEquals(
                new Connect(V3_1, "a", true).withCredentials(Credentials.of("u", utf8("p"))),
                decode(V3_1, "10 15 " + flags + " 0001 75 0001 70"));
    }

    @Test
    void propertiesCameWithVersion5() {
        Properties properties = Properties.of(Property.RECEIVE_MAXIMUM, 1);
        assertThrows(ProtocolException.class, () -> new Connect(V3_1_1, "c", true).withProperties(properties));
        Will will = new Will(
                TopicName.of("w"), utf8(""), QoS.AT_MOST_ONCE, false, Properties.of(Property.WILL_DELAY_INTERVAL, 1L));
        assertThrows(ProtocolException.class, () -> new Connect(V3_1_1, "c", true).withWill(will));
    }

    @Test
    void credentialsAreNotShown() {
        Credentials credentials = Credentials.of("julia", utf8("secret"));

        assertEquals("user name, password", credentials.toString());
        assertEquals(Credentials.of("julia", utf8("secret")).hashCode(), credentials.hashCode());
        assertEquals(6, credentials.passwordLength());
        assertEquals(0, Credentials.NONE.passwordLength());
    }

    @Test
    void aWillPayloadIsNotMovedByWhoReadsIt() {
        ByteBuffer given = utf8("gone").asReadOnlyBuffer();
        Will will = new Will(TopicName.of("w"), given, QoS.AT_MOST_ONCE, false, Properties.EMPTY);

        given.get();
        will.payload().get();

        assertEquals(utf8("gone"), will.payload());
    }

    private static Optional<ProtocolVersion> versionAfter(String text) {
        PacketDecoder decoder = PacketDecoder.forServer(DecoderOptions.defaults());
        try {
            decoder.next(ByteBuffer.wrap(bytes(text)));
        } catch (ProtocolException e) {
            DecoderFuzz.checkMessage(e);
        }
        return decoder.version();
    }
}

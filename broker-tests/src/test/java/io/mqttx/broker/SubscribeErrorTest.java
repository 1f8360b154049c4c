package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.testkit.MemoryClient;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** SUBSCRIBE, UNSUBSCRIBE and topics that break the standard, byte by byte. */
class SubscribeErrorTest {

    /** Version 5 is told the code, then closed; before it, the connection is closed without a word. */
    private static void endsWith(ReasonCode reason, String bytesOf5) {
        try (TestBroker broker = new TestBroker()) {
            MemoryClient client = broker.connect("c");
            client.sendBytes(HexFormat.of().parseHex(bytesOf5.replace(" ", "")));
            assertEquals(List.of(new Disconnect(reason)), client.take(), bytesOf5);
            assertTrue(client.isClosed(), bytesOf5);
            assertEquals(0, broker.broker.metrics().get("subscriptions/count"), bytesOf5);
        }
    }

    private static void closesBefore5(String bytes) {
        try (TestBroker broker = new TestBroker()) {
            MemoryClient client = broker.connect(new Connect(V311, "c", true));
            client.sendBytes(HexFormat.of().parseHex(bytes.replace(" ", "")));
            assertEquals(List.of(), client.take(), bytes);
            assertTrue(client.isClosed(), bytes);
            assertEquals(0, broker.broker.metrics().get("subscriptions/count"), bytes);
        }
    }

    @Test
    @Statement({"MQTT-3.8.1-1", "MQTT-3.10.1-1"})
    @Statement(
            value = {"MQTT-3.8.1-1", "MQTT-3.10.1-1"},
            version = Version.V3_1_1)
    void flagsOtherThanTheReservedOnesAreMalformed() {
        endsWith(ReasonCode.MALFORMED_PACKET, "80 07 0001 00 0001 61 00");
        endsWith(ReasonCode.MALFORMED_PACKET, "8F 07 0001 00 0001 61 00");
        endsWith(ReasonCode.MALFORMED_PACKET, "A0 06 0001 00 0001 61");
        closesBefore5("80 06 0001 0001 61 00");
        closesBefore5("A0 05 0001 0001 61");
    }

    @Test
    @Statement({"MQTT-3.8.3-1", "MQTT-3.10.3-1", "MQTT-4.7.3-2"})
    @Statement(
            value = {"MQTT-3.8.3-1", "MQTT-3.10.3-1", "MQTT-4.7.3-2"},
            version = Version.V3_1_1)
    void filtersThatAreNoUtf8OrHoldTheNullCharacterAreMalformed() {
        endsWith(ReasonCode.MALFORMED_PACKET, "82 08 0001 00 0002 C328 00");
        endsWith(ReasonCode.MALFORMED_PACKET, "82 08 0001 00 0002 6100 00");
        endsWith(ReasonCode.MALFORMED_PACKET, "A2 07 0001 00 0002 C328");
        closesBefore5("82 07 0001 0002 C328 00");
        closesBefore5("82 07 0001 0002 6100 00");
        closesBefore5("A2 06 0001 0002 C328");
    }

    @Test
    @Statement({"MQTT-3.8.3-2", "MQTT-3.10.3-2", "P5-54"})
    @Statement(
            value = {"MQTT-3.8.3-3", "MQTT-3.10.3-2"},
            version = Version.V3_1_1)
    void aRequestWithoutAnyFilterIsAProtocolError() {
        endsWith(ReasonCode.PROTOCOL_ERROR, "82 03 0001 00");
        endsWith(ReasonCode.PROTOCOL_ERROR, "A2 03 0001 00");
        closesBefore5("82 02 0001");
        closesBefore5("A2 02 0001");
    }

    @Test
    @Statement("MQTT-3.8.3-4")
    void noLocalForASharedSubscriptionIsAProtocolError() {
        endsWith(ReasonCode.PROTOCOL_ERROR, "82 10 0001 00 000A 247368617265 2F672F61 04"); // $share/g/a
    }

    @Test
    @Statement({"MQTT-3.8.3-5", "P5-53"})
    @Statement(value = "MQTT-3.8.3-4", version = Version.V3_1_1)
    void optionsThatMeanNothingAreRefused() {
        endsWith(ReasonCode.MALFORMED_PACKET, "82 07 0001 00 0001 61 40");
        endsWith(ReasonCode.MALFORMED_PACKET, "82 07 0001 00 0001 61 80");
        endsWith(ReasonCode.PROTOCOL_ERROR, "82 07 0001 00 0001 61 03"); // QoS 3
        endsWith(ReasonCode.PROTOCOL_ERROR, "82 07 0001 00 0001 61 30"); // retain handling 3
        closesBefore5("82 06 0001 0001 61 03");
        closesBefore5("82 06 0001 0001 61 04");
        closesBefore5("82 06 0001 0001 61 80");
    }

    @Test
    @Statement({"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.3-1"})
    @Statement(
            value = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.3-1"},
            version = Version.V3_1_1)
    void wildcardsInTheWrongPlaceAndEmptyFiltersAreRefused() {
        for (String filter : List.of("0002 6123", "0003 232F61", "0002 612B", "0002 2B61", "0000")) {
            int length = filter.replace(" ", "").length() / 2;
            endsWith(
                    ReasonCode.TOPIC_FILTER_INVALID,
                    "82 " + HexFormat.of().toHexDigits((byte) (length + 4)) + " 0001 00" + filter + "00");
            closesBefore5("82 " + HexFormat.of().toHexDigits((byte) (length + 3)) + " 0001" + filter + "00");
        }
    }

    @Test
    @Statement({"MQTT-4.8.2-1", "MQTT-4.8.2-2"})
    void sharedFiltersWithoutANameOrAFilterAreRefused() {
        for (String filter : List.of("$share/g", "$share//a", "$share/g/", "$share/+/a", "$share/g#/a")) {
            byte[] bytes = filter.getBytes(StandardCharsets.UTF_8);
            endsWith(
                    ReasonCode.TOPIC_FILTER_INVALID,
                    "82" + HexFormat.of().toHexDigits((byte) (bytes.length + 6)) + "0001 00"
                            + HexFormat.of().toHexDigits((short) bytes.length)
                            + HexFormat.of().formatHex(bytes) + "00");
        }
    }

    @Test
    @Statement({"MQTT-4.7.0-1", "MQTT-4.7.3-1"})
    @Statement(
            value = {"MQTT-4.7.1-1", "MQTT-4.7.3-1"},
            version = Version.V3_1_1)
    void topicNamesWithWildcardsAreRefused() {
        endsWith(ReasonCode.TOPIC_NAME_INVALID, "30 06 0003 612F2B 00");
        endsWith(ReasonCode.TOPIC_NAME_INVALID, "30 06 0003 612F23 00");
        closesBefore5("30 05 0003 612F2B");
        closesBefore5("30 02 0000");
    }

    @Test
    @Statement({"P5-59", "MQTT-3.9.3-2", "P5-73"})
    @Statement(value = "MQTT-3.9.3-2", version = Version.V3_1_1)
    void anErrorThatConcernsTheWholeRequestIsRepeatedForEveryFilter() {
        SubscriptionOptions options = SubscriptionOptions.defaults().withMaxPerClient(1);
        try (TestBroker broker = new TestBroker(TestBroker.options().subscriptions(options))) {
            for (Connect connect : List.of(new Connect(V5, "new", true), new Connect(V311, "old", true))) {
                // given
                MemoryClient client = broker.connect(connect);
                broker.subscribe(client, to("only", QoS.AT_MOST_ONCE));

                // when
                List<Packet> answers = client.exchange(
                        new Subscribe(2, List.of(to("a", QoS.AT_MOST_ONCE), to("b", QoS.EXACTLY_ONCE))));

                // then
                ReasonCode no = connect.version() == V5 ? ReasonCode.QUOTA_EXCEEDED : ReasonCode.UNSPECIFIED_ERROR;
                assertEquals(List.of(new SubAck(2, List.of(no, no))), answers);
            }
        }
    }

    @Test
    @Statement("MQTT-4.7.3-3")
    @Statement(value = "MQTT-4.7.3-3", version = Version.V3_1_1)
    void filtersAsLongAsTheStandardAllowsAreTakenAndThoseWithTooManyLevelsAnswered() {
        try (TestBroker broker = new TestBroker()) {
            for (Connect connect : List.of(new Connect(V5, "new", true), new Connect(V311, "old", true))) {
                // given
                MemoryClient client = broker.connect(connect);
                String longest = "x".repeat(65_535);

                // when
                List<Packet> answers = client.exchange(new Subscribe(
                        1,
                        List.of(
                                to(longest, QoS.AT_MOST_ONCE),
                                to("/".repeat(60_000), QoS.AT_MOST_ONCE),
                                to("+/".repeat(30_000) + "#", QoS.AT_MOST_ONCE))));
                List<Packet> own = client.exchange(TestBroker.message(longest, "m"));

                // then
                ReasonCode no =
                        connect.version() == V5 ? ReasonCode.TOPIC_FILTER_INVALID : ReasonCode.UNSPECIFIED_ERROR;
                assertEquals(List.of(new SubAck(1, List.of(ReasonCode.GRANTED_QOS_0, no, no))), answers);
                assertEquals(List.of("m"), TestBroker.texts(own));
            }
        }
    }
}

package io.mqttx.broker.socket;

import static io.mqttx.broker.socket.SocketBroker.V311;
import static io.mqttx.broker.socket.SocketBroker.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.ByteClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bytes that no client may send, and what the broker says to each before it closes. */
class MalformedPacketTest {
    private static SocketBroker broker;

    @BeforeAll
    static void start() {
        broker = new SocketBroker();
    }

    @AfterEach
    void theOthersAreStillServed() {
        broker.connect(V5, "witness").exchange(PingResp.class, PingReq.INSTANCE);
        broker.dropClients();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    /** The reason codes are those of {@code §4.13.1}: 81 for what cannot be read, 82 for what may not be said. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "type 0                             | 00 00                                  | 81",
                "PINGREQ with flags                 | C1 00                                  | 81",
                "PINGREQ with a payload             | C0 01 00                               | 81",
                "SUBSCRIBE with wrong flags         | 80 06 0001 00 0001 61                  | 81",
                "UNSUBSCRIBE with wrong flags       | A0 06 0001 00 0001 61                  | 81",
                "PUBREL with wrong flags            | 60 02 0001                             | 81",
                "DISCONNECT with flags              | E1 00                                  | 81",
                "remaining length of five bytes     | 30 FF FF FF FF 01                      | 81",
                "QoS 3                              | 36 06 0001 61 0001 00                  | 81",
                "QoS 0 with DUP                     | 38 04 0001 61 00                       | 81",
                "identifier 0                       | 32 06 0001 61 0000 00                  | 81",
                "PUBLISH that ends in its topic     | 30 03 0005 61                          | 81",
                "topic with a plus                  | 30 05 0002 612B 00                     | 90",
                "topic with a hash                  | 30 04 0001 23 00                       | 90",
                "topic with U+0000                  | 30 04 0001 00 00                       | 81",
                "topic with a surrogate             | 30 06 0003 EDA080 00                   | 81",
                "topic that is not UTF-8            | 30 05 0002 C328 00                     | 81",
                "no topic and no alias              | 30 03 0000 00                          | 82",
                "alias 0                            | 30 07 0001 61 03 23 0000               | 94",
                "alias twice                        | 30 0A 0001 61 06 23 0001 23 0001       | 82",
                "unknown property                   | 30 06 0001 61 02 7E 00                 | 81",
                "property of another packet         | 30 07 0001 61 03 21 0001               | 81",
                "subscription identifier            | 30 06 0001 61 02 0B 01                 | 82",
                "properties longer than the packet  | 30 05 0001 61 05 01                    | 81",
                "property length of five bytes      | 30 08 0001 61 FF FF FF FF 01           | 81",
                "response topic with a wildcard     | 30 08 0001 61 04 08 0001 23            | 82",
                "payload format 2                   | 30 06 0001 61 02 01 02                 | 82",
                "SUBSCRIBE without filters          | 82 03 0001 00                          | 82",
                "SUBSCRIBE with identifier 0        | 82 07 0000 00 0001 61 00               | 81",
                "SUBSCRIBE asking for QoS 3         | 82 07 0001 00 0001 61 03               | 82",
                "SUBSCRIBE with retain handling 3   | 82 07 0001 00 0001 61 30               | 82",
                "SUBSCRIBE with reserved bits       | 82 07 0001 00 0001 61 40               | 81",
                "no local on a shared subscription  | 82 10 0001 00 000A 2473686172652F672F61 04 | 82",
                "SUBSCRIBE with identifier property 0 | 82 09 0001 02 0B00 0001 61 00        | 82",
                "SUBSCRIBE without options          | 82 06 0001 00 0001 61                  | 81",
                "UNSUBSCRIBE without filters        | A2 03 0001 00                          | 82",
                "PUBACK with identifier 0           | 40 02 0000                             | 81",
                "PUBACK with an unknown reason      | 40 03 0001 05                          | 81",
                "PUBACK that is too short           | 40 01 00                               | 81",
                "DISCONNECT with an unknown reason  | E0 01 01                               | 81",
                "CONNACK from a client              | 20 03 00 00 00                         | 82",
                "SUBACK from a client               | 90 04 0001 00 00                       | 82",
                "PINGRESP from a client             | D0 00                                  | 82",
                "AUTH without a method              | F0 00                                  | 82",
                "a second CONNECT                   | 10 0D 0004 4D515454 05 02 003C 00 0000 | 82",
            })
    @Statement({"MQTT-4.13.1-1", "MQTT-3.14.1-1", "P5-01", "P5-02", "P5-06", "P5-07", "P5-53", "P5-54", "P5-62"})
    void version5IsToldWhy(String name, String hex, String reason) {
        // given
        ByteClient client = broker.connect(V5, "malformed");

        // when
        client.sendHex(hex);

        // then
        assertEquals(
                Integer.parseInt(reason, 16),
                client.expect(Disconnect.class).reason().code(),
                name);
        client.expectClosed();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "type 0                           | 00 00",
                "type 15                          | F0 00",
                "PINGREQ with flags               | C1 00",
                "PINGREQ with a payload           | C0 01 00",
                "SUBSCRIBE with wrong flags       | 80 06 0001 0001 61 00",
                "PUBREL with wrong flags          | 60 02 0001",
                "DISCONNECT with flags            | E1 00",
                "remaining length of five bytes   | 30 FF FF FF FF 01",
                "QoS 3                            | 36 05 0001 61 0001",
                "QoS 0 with DUP                   | 38 03 0001 61",
                "identifier 0                     | 32 05 0001 61 0000",
                "empty topic                      | 30 02 0000",
                "topic with a plus                | 30 03 0001 2B",
                "topic with U+0000                | 30 03 0001 00",
                "topic with a surrogate           | 30 05 0003 EDA080",
                "SUBSCRIBE without filters        | 82 02 0001",
                "SUBSCRIBE with an empty filter   | 82 05 0001 0000 00",
                "SUBSCRIBE asking for QoS 3       | 82 06 0001 0001 61 03",
                "SUBSCRIBE with reserved bits     | 82 06 0001 0001 61 04",
                "filter with a hash in the middle | 82 08 0001 0003 232F61 00",
                "filter with a plus in a name     | 82 07 0001 0002 612B 00",
                "UNSUBSCRIBE without filters      | A2 02 0001",
                "PUBACK that is too long          | 40 03 0001 00",
                "CONNACK from a client            | 20 02 00 00",
                "a second CONNECT                 | 10 0C 0004 4D515454 04 02 003C 0000",
            })
    @Statement(
            value = {"MQTT-2.2.2-2", "MQTT-3.14.1-1", "MQTT-4.8.0-1", "MQTT-3.8.3-4", "MQTT-3.3.1-4"},
            version = Version.V3_1_1)
    void version311IsClosedWithoutAWord(String name, String hex) {
        ByteClient client = broker.connect(V311, "malformed");

        client.sendHex(hex);

        client.expectClosed();
    }

    /** Reason codes as they go over the wire; none: closed without a word. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "PINGREQ before CONNECT             | C0 00                                                    |",
                "3.1.1 with another name            | 10 0C 0004 4D515458 04 02 003C 0000                      | 01",
                "3.1.1 under the name of 3.1        | 10 0E 0006 4D5149736470 04 02 003C 0000                  | 01",
                "3.1.1 with the reserved flag       | 10 0C 0004 4D515454 04 03 003C 0000                      |",
                "3.1.1 with will QoS 3              | 10 12 0004 4D515454 04 1E 003C 0000 0001 61 0001 61      |",
                "3.1.1 with will QoS without a will | 10 0C 0004 4D515454 04 0A 003C 0000                      |",
                "3.1.1, password without user name  | 10 0F 0004 4D515454 04 42 003C 0000 0001 61              |",
                "3.1.1 that ends too soon           | 10 0A 0004 4D515454 04 02 003C                           |",
                "3.1.1 with bytes behind the end    | 10 0D 0004 4D515454 04 02 003C 0000 00                   |",
                "a version of the future            | 10 0C 0004 4D515454 06 02 003C 0000                      | 84",
                "5 with another name                | 10 0D 0004 4D515458 05 02 003C 00 0000                   | 01",
                "5 with the reserved flag           | 10 0D 0004 4D515454 05 03 003C 00 0000                   |",
                "5 with a receive maximum of 0      | 10 10 0004 4D515454 05 02 003C 03 210000 0000            |",
                "5 with a packet size of 0          | 10 12 0004 4D515454 05 02 003C 05 2700000000 0000        |",
                "5 with a property twice            | 10 13 0004 4D515454 05 02 003C 06 210001210001 0000      |",
                "5 with data and no method          | 10 11 0004 4D515454 05 02 003C 04 16000161 0000          |",
            })
    @Statement({"MQTT-3.1.2-1", "MQTT-3.1.2-2", "MQTT-3.1.2-3", "MQTT-3.1.4-1", "P5-09", "P5-14", "P5-35"})
    @Statement(
            value = {"MQTT-3.1.2-1", "MQTT-3.1.2-2", "MQTT-3.1.2-3", "MQTT-3.1.2-22", "MQTT-3.1.4-1"},
            version = Version.V3_1_1)
    void aConnectThatIsWrongIsRefused(String name, String hex, String code) {
        ByteClient client = broker.open("84".equals(code) ? V5 : V311); // whose CONNACK it is

        client.sendHex(hex);

        if (code != null) {
            client.expect(new ConnAck(false, ReasonCode.UNSUPPORTED_PROTOCOL_VERSION)); // 01 before version 5
        }
        client.expectClosed();
    }
}

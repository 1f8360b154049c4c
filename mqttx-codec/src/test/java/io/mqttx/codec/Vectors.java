package io.mqttx.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;

/**
 * Bytes that one can read: on each line upper-case hexadecimal digits, and behind them what they say.
 *
 * <pre>
 *   32          PUBLISH, QoS 1
 *   0003 612F62 topic a/b
 * </pre>
 *
 * <p>The first word that is no even number of such digits begins the comment, so a comment does not begin with a
 * number or an upper-case word of the letters A to F.
 */
public final class Vectors {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Vectors() {}

    /** The digits alone. */
    public static String vector(String text) {
        StringBuilder digits = new StringBuilder();
        for (String line : text.split("\n", -1)) {
            for (String word : line.strip().split(" +", -1)) {
                if (!word.matches("([0-9A-F]{2})+")) {
                    break;
                }
                digits.append(word);
            }
        }
        return digits.toString();
    }

    /** The bytes of a vector. */
    public static byte[] bytes(String text) {
        return HEX.parseHex(vector(text));
    }

    /** The digits of what is left in {@code bytes}, which is not moved. */
    public static String hex(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return HEX.formatHex(copy);
    }

    /** The bytes of a text. */
    public static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The one packet that these bytes are. */
    static Packet decode(ProtocolVersion version, String text) {
        List<Packet> packets = MqttCodec.decode(ByteBuffer.wrap(bytes(text)), version);
        assertEquals(1, packets.size(), "packets in " + text);
        return packets.get(0);
    }

    /** In both directions: the packet is written as these bytes, and they are read as the packet. */
    static void assertSameOnTheWire(ProtocolVersion version, Packet packet, String text) {
        assertEquals(vector(text), hex(MqttCodec.encode(packet, version)));
        assertEquals(packet, decode(version, text));
    }

    /** The bytes are refused, with this reason, and for this statement, which the message ends with. */
    static void assertRefused(ProtocolVersion version, ReasonCode reason, String statement, String text) {
        ProtocolException e = assertThrows(ProtocolException.class, () -> decode(version, text), text);
        assertRefusal(e, reason, statement);
    }

    /** This error says this. */
    static void assertRefusal(ProtocolException e, ReasonCode reason, String statement) {
        assertEquals(reason, e.reason(), e.getMessage());
        assertTrue(e.getMessage().contains(statement), e.getMessage() + " does not speak of " + statement);
        DecoderFuzz.checkMessage(e);
    }
}

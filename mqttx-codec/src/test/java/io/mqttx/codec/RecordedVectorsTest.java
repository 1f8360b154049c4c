package io.mqttx.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import io.mqttx.conformance.Repository;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Byte vectors recorded from another implementation, which lie beside the repository, not in it: in
 * {@code ../shared/vectors}, or where the system property or environment variable {@code MQTTX_VECTORS} says.
 */
class RecordedVectorsTest {
    /** Where that implementation and the standard differ: version and bytes, and what is right. */
    private static final Map<String, String> EXCEPTIONS = Map.of(
            // A bridge says so with the high bit of its version, which no standard has [MQTT-3.1.2-2].
            "3 101200064d51497364708300001e000474657374",
            "error: protocol version 131",
            "4 101200064d51497364708400001e000474657374",
            "error: protocol version 132",
            // Return codes of 3.1.1, and CONNACK without property length, in version 5 [MQTT-3.2.2-8] [MQTT-2.2.2-1].
            "5 20020001",
            "error: 0x01 is no reason code of CONNACK",
            "5 200101",
            "error: the packet ends inside its connect reason code",
            "5 20020100",
            "error: the packet ends inside its property length",
            // Maximum QoS 2 is said by leaving it out (§3.2.2.3.4).
            "5 205700005411000004d22101b0240225012700000064120004746573742201c81f00047465737426000474657374"
                    + "000474657374280129012a001304d21a0004746573741c0004746573741500047465737416000401020304",
            "error: Maximum QoS (0x24) is 0 to 1, not 2",
            "5 206400006111000004d22101b0240225012700000064120004746573742201c81f00047465737426000474657374"
                    + "00047465737426000474657374000474657374280129012a001304d21a0004746573741c000474657374"
                    + "1500047465737416000401020304",
            "error: Maximum QoS (0x24) is 0 to 1, not 2",
            // User name and password are not there, which 3.1 allows in spite of their flags (3.1, section 3.1).
            "3 102000064d514973647003f6001e0005746f70696300077061796c6f616400020000",
            "other packets: [connect]");

    private record Recorded(String name, int level, String hex, String kind, String error, String packets) {}

    @Test
    void everyRecordedVectorIsReadAsItWasThere() throws IOException {
        List<String> disagreements = new ArrayList<>();
        int agreed = 0;
        for (Recorded vector : read()) {
            String expected = EXCEPTIONS.getOrDefault(keyOf(vector), vector.kind());
            String actual = kindOf(vector);
            if (actual.startsWith(expected)) {
                agreed++;
            } else {
                disagreements.add(vector + ": " + actual);
            }
        }
        assertEquals(List.of(), disagreements);
        assertTrue(agreed > 100, "only " + agreed + " vectors");
    }

    private static String keyOf(Recorded vector) {
        return vector.level() + " " + vector.hex();
    }

    private static String kindOf(Recorded vector) {
        ProtocolVersion version = Arrays.stream(ProtocolVersion.values())
                .filter(known -> known.level() == vector.level())
                .findFirst()
                .orElse(ProtocolVersion.V5);
        List<String> types = new ArrayList<>();
        PacketDecoder decoder = PacketDecoder.forVersion(version, DecoderOptions.defaults());
        try {
            ByteBuffer in = ByteBuffer.wrap(HexFormat.of().parseHex(vector.hex()));
            while (decoder.next(in)) {
                Packet packet = decoder.packet();
                types.add(packet.type().name().toLowerCase(Locale.ROOT));
                DecoderFuzz.checkRoundTrip(packet, version);
            }
        } catch (ProtocolException e) {
            DecoderFuzz.checkMessage(e);
            boolean same = String.join(",", types).equals(vector.packets()) || EXCEPTIONS.containsKey(keyOf(vector));
            return (same ? "error: " : "other packets: " + types + ", ") + e.getMessage();
        }
        if (decoder.isInsidePacket()) {
            return "incomplete after " + types;
        }
        boolean same = String.join(",", types).equals(vector.packets());
        return same ? "valid" : "other packets: " + types;
    }

    private static List<Recorded> read() throws IOException {
        Path file = folder().resolve("mqtt-packet.tsv");
        if (!Files.isRegularFile(file)) {
            String message = "no recorded vectors at " + file + ": set MQTTX_VECTORS to their folder";
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(message);
            }
            System.err.println(message);
            abort(message);
        }
        List<Recorded> vectors = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            if (!line.startsWith("#")) {
                String[] fields = line.split("\t", -1);
                vectors.add(new Recorded(
                        fields[0], Integer.parseInt(fields[1]), fields[2], fields[3], fields[4], fields[5]));
            }
        }
        return vectors;
    }

    private static Path folder() {
        String named = System.getProperty("MQTTX_VECTORS", System.getenv().getOrDefault("MQTTX_VECTORS", ""));
        return named.isEmpty() ? Repository.root().resolveSibling("shared").resolve("vectors") : Path.of(named);
    }
}

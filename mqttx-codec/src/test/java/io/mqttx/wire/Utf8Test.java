package io.mqttx.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Utf8Test {

    @Test
    @Statement("MQTT-1.5.4-1")
    @Statement(value = "MQTT-1.5.3-1", version = Version.V3_1_1)
    void everyCharacterIsEncodedDecodedAndMeasuredAsTheJdkDoes() {
        for (int point = 1; point <= Character.MAX_CODE_POINT; point++) {
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                continue;
            }
            String text = Character.toString(point);
            byte[] expected = text.getBytes(StandardCharsets.UTF_8);
            ByteBuffer out = ByteBuffer.allocate(4);
            Utf8.encodeTo(text, out);

            assertEquals(expected.length, Utf8.encodedLength(text), text);
            assertArrayEquals(expected, Utf8.encode(text));
            assertArrayEquals(expected, Arrays.copyOf(out.array(), out.position()));
            assertEquals(Utf8.NO_FAULT, Utf8.fault(expected, 0, expected.length));
            assertEquals(text, Utf8.decode(expected, 0, expected.length));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "80, ill-formed", // continuation without a start
        "BF, ill-formed",
        "C3, ill-formed", // cut short
        "E282, ill-formed",
        "F09F98, ill-formed",
        "C328, ill-formed", // no continuation
        "E28228, ill-formed",
        "F09F9828, ill-formed",
        "C080, ill-formed", // over-long
        "C1BF, ill-formed",
        "E09FBF, ill-formed",
        "F08FBFBF, ill-formed",
        "F4908080, ill-formed", // beyond U+10FFFF
        "F5808080, ill-formed",
        "FE, ill-formed",
        "FF, ill-formed",
        "EDA080, surrogate",
        "EDBFBF, surrogate",
        "EDA0BDEDB880, surrogate", // a pair of them, as some encoders write
    })
    @Statement("MQTT-1.5.4-1")
    @Statement(value = "MQTT-1.5.3-1", version = Version.V3_1_1)
    void illFormedBytesAreFoundWhereverTheyStand(String hex, String fault) {
        byte[] wrong = HexFormat.of().parseHex(hex);
        for (int before = 0; before < 20; before++) {
            byte[] bytes = new byte[before + wrong.length];
            Arrays.fill(bytes, (byte) 'a');
            System.arraycopy(wrong, 0, bytes, before, wrong.length);

            String found = Utf8.fault(bytes, 0, bytes.length);

            assertTrue(found.contains(fault) && found.endsWith("[MQTT-1.5.4-1]"), found);
        }
    }

    @Test
    @Statement("MQTT-1.5.4-2")
    @Statement(value = "MQTT-1.5.3-2", version = Version.V3_1_1)
    void theNullCharacterIsFoundWhereverItStands() {
        for (int length = 1; length < 20; length++) {
            for (int at = 0; at < length; at++) {
                byte[] bytes = new byte[length];
                Arrays.fill(bytes, (byte) 0x7F);
                bytes[at] = 0;
                assertEquals("string holds U+0000 [MQTT-1.5.4-2]", Utf8.fault(bytes, 0, length));
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Utf8.encode("a\0"));
        assertThrows(IllegalArgumentException.class, () -> Utf8.encodedLength("é\0"));
    }

    @Test
    void bytesOutsideTheRangeDoNotMatter() {
        byte[] bytes = {0, 'a', 'b', (byte) 0xC3};

        assertEquals(Utf8.NO_FAULT, Utf8.fault(bytes, 1, 3));
        assertEquals("ab", Utf8.decode(bytes, 1, 3));
        assertEquals("ill-formed UTF-8 [MQTT-1.5.4-1]", Utf8.fault(new byte[] {(byte) 0xC3, (byte) 0xA9}, 0, 1));
    }

    @Test
    void agreesWithTheJdkOnRandomBytes() {
        Random random = new Random(11);
        int[] likely = {'a', 0x80, 0xBF, 0xC2, 0xC3, 0xE0, 0xE2, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0x90, 0x9F, 0xA0};
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new byte[1 + random.nextInt(12)];
            for (int at = 0; at < bytes.length; at++) {
                bytes[at] = (byte) likely[random.nextInt(likely.length)];
            }
            assertEquals(isWellFormed(bytes), Utf8.fault(bytes, 0, bytes.length).isEmpty(), Arrays.toString(bytes));
        }
    }

    @Test
    void halfASurrogatePairCannotBeEncoded() {
        for (String text : new String[] {"\uD83D", "\uDE00", "a\uD83Db", "\uD83D\uD83D\uDE00", "\uDE00\uD83D"}) {
            assertThrows(IllegalArgumentException.class, () -> Utf8.encode(text));
            assertThrows(IllegalArgumentException.class, () -> Utf8.encodedLength(text));
        }
    }

    @Test
    @Statement("MQTT-4.7.3-3")
    void a65536thByteCannotBeEncoded() {
        assertEquals(65_535, Utf8.encode("x".repeat(65_535)).length);
        assertEquals(65_535, Utf8.encodedLength("€".repeat(21_845)));
        assertThrows(IllegalArgumentException.class, () -> Utf8.encode("x".repeat(65_536)));
        assertThrows(IllegalArgumentException.class, () -> Utf8.encodedLength("€".repeat(21_845) + "x"));
    }

    private static boolean isWellFormed(byte[] bytes) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return text.hasRemaining();
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}

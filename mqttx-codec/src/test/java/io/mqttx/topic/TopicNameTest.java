package io.mqttx.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNameTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", "/", "//", " ", "a b", "sensors/1/temperature", "$SYS/x", "é/\uFEFF/\uD83D\uDE00"})
    @Statement("P5-68")
    void aNameIsTheSameFromTextAndFromBytes(String text) {
        byte[] utf8 = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);

        TopicName fromText = TopicName.of(text);
        TopicName fromBytes = TopicName.ofUtf8(utf8, 1, utf8.length - 1);

        assertEquals(fromText, fromBytes);
        assertEquals(fromText.hashCode(), fromBytes.hashCode());
        assertEquals(text, fromBytes.text());
        assertEquals(text, fromBytes.toString());
        assertEquals(utf8.length - 2, fromText.encodedLength());
        assertTrue(fromText.isSpelled(utf8, 1, utf8.length - 1));
        assertFalse(fromText.isSpelled(utf8, 0, utf8.length - 2));
        ByteBuffer out = ByteBuffer.allocate(utf8.length);
        fromBytes.encodeTo(out);
        assertEquals(ByteBuffer.wrap(utf8, 1, utf8.length - 2), out.flip());
    }

    @Test
    @Statement("MQTT-4.7.3-1")
    @Statement(value = "MQTT-4.7.3-1", version = Version.V3_1_1)
    void anEmptyNameIsRefused() {
        assertRefused("", "[MQTT-4.7.3-1]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"+", "#", "a/+", "a/#", "a+", "12345678+", "1234567#", "+2345678", "123456789012345#", "é+"})
    @Statement("MQTT-3.3.2-2")
    @Statement(value = "MQTT-3.3.2-2", version = Version.V3_1_1)
    void aWildcardIsRefusedAnywhere(String text) {
        assertRefused(text, "[MQTT-3.3.2-2]");
    }

    @Test
    @Statement("MQTT-4.7.3-2")
    @Statement(value = "MQTT-4.7.3-2", version = Version.V3_1_1)
    void theNullCharacterIsRefused() {
        assertRefused("a\0b", "[MQTT-1.5.4-2]");
        assertRefused("12345678\0", "[MQTT-1.5.4-2]");
    }

    @Test
    @Statement("MQTT-1.5.4-1")
    @Statement(value = "MQTT-1.5.3-1", version = Version.V3_1_1)
    void halfASurrogatePairIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> TopicName.of("\uD83D"));
        assertThrows(IllegalArgumentException.class, () -> TopicName.of("a\uDE00"));
    }

    @Test
    @Statement("MQTT-4.7.3-3")
    @Statement(value = "MQTT-4.7.3-3", version = Version.V3_1_1)
    void moreThan65535BytesAreRefused() {
        String longest = "é".repeat(32_767) + "x";

        assertEquals(65_535, TopicName.of(longest).encodedLength());
        assertRefused(longest + "x", "65535");
        byte[] utf8 = (longest + "x").getBytes(StandardCharsets.UTF_8);
        assertThrows(IllegalArgumentException.class, () -> TopicName.ofUtf8(utf8, 0, utf8.length));
    }

    @Test
    @Statement("P5-68")
    void levelsMayBeEmptyAndCaseCounts() {
        assertEquals(List.of("", "a", "", ""), TopicName.of("/a//").levels());
        assertEquals(4, TopicName.of("/a//").levelCount());
        assertEquals(1, TopicName.of("a").levelCount());
        assertNotEquals(TopicName.of("a"), TopicName.of("A"));
        assertNotEquals(TopicName.of("a"), TopicName.of("a/"));
        assertNotEquals(TopicName.of("a"), TopicName.of("/a"));
    }

    @Test
    @Statement("MQTT-4.7.3-4")
    @Statement(value = "MQTT-4.7.3-4", version = Version.V3_1_1)
    void namesAreNotNormalised() {
        assertNotEquals(TopicName.of("é"), TopicName.of("e\u0301"));
    }

    @Test
    void aNameThatBeginsWithADollarIsReserved() {
        assertTrue(TopicName.of("$SYS").isReserved());
        assertFalse(TopicName.of("a/$SYS").isReserved());
        assertFalse(TopicName.NONE.isReserved());
    }

    @Test
    void theAbsentNameIsNone() {
        assertTrue(TopicName.NONE.isNone());
        assertFalse(TopicName.of("a").isNone());
        assertEquals(0, TopicName.NONE.encodedLength());
        assertEquals("", TopicName.NONE.text());
    }

    @Test
    void aNameDoesNotChangeWithTheBytesItWasMadeFrom() {
        byte[] bytes = "a/b".getBytes(StandardCharsets.UTF_8);
        TopicName name = TopicName.ofUtf8(bytes, 0, 3);

        bytes[0] = 'z';

        assertEquals("a/b", name.text());
    }

    private static void assertRefused(String text, String statement) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        for (IllegalArgumentException e : List.of(
                assertThrows(IllegalArgumentException.class, () -> TopicName.of(text)),
                assertThrows(IllegalArgumentException.class, () -> TopicName.ofUtf8(utf8, 0, utf8.length)))) {
            assertTrue(e.getMessage().contains(statement), e.getMessage());
        }
    }

    @Test
    @Statement("MQTT-3.3.2-2")
    @Statement(value = "MQTT-3.3.2-2", version = Version.V3_1_1)
    void aWildcardIsFoundWhereverItStandsAndADifferenceToo() {
        for (int length = 1; length < 40; length++) {
            TopicName plain = TopicName.of("x".repeat(length));
            for (int at = 0; at < length; at++) {
                byte[] bytes = plain.text().getBytes(StandardCharsets.UTF_8);
                bytes[at] = '#';
                assertThrows(IllegalArgumentException.class, () -> TopicName.ofUtf8(bytes, 0, bytes.length));
                bytes[at] = '+';
                assertThrows(IllegalArgumentException.class, () -> TopicName.ofUtf8(bytes, 0, bytes.length));
                assertFalse(plain.isSpelled(bytes, 0, bytes.length));
            }
        }
    }
}

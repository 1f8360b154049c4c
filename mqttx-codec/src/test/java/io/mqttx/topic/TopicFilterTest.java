package io.mqttx.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicFilterTest {

    @ParameterizedTest
    @CsvSource({
        "a, a",
        "a/b, a/b",
        "sport/tennis/player1/#, sport/tennis/player1",
        "sport/tennis/player1/#, sport/tennis/player1/ranking",
        "sport/tennis/player1/#, sport/tennis/player1/score/wimbledon",
        "sport/#, sport",
        "#, a",
        "#, /",
        "#, a/b/c",
        "/#, /",
        "/#, /a",
        "+, a",
        "+/+, /finance",
        "/+, /finance",
        "+/#, a",
        "+/#, a/b",
        "sport/tennis/+, sport/tennis/player1",
        "sport/+, sport/",
        "+/tennis/#, sport/tennis/x/y",
        "sport/+/player1, sport/tennis/player1",
        "+/+/+, //",
        "a//b, a//b",
        "a/+/b, a//b",
        "$SYS/#, $SYS/monitor/Clients",
        "$SYS/#, $SYS",
        "$SYS/monitor/+, $SYS/monitor/Clients",
        "é/+, é/ü",
        "$share/g/a/+, a/b",
        "$share/g/$SYS/#, $SYS/x",
        "$share/g/#, a",
        "a/$b, a/$b",
        "a/+, a/$b",
    })
    @Statement({"MQTT-4.7.1-1", "MQTT-4.7.1-2", "MQTT-4.7.2-1", "MQTT-4.7.3-4", "P5-68"})
    @Statement(
            value = {"MQTT-4.7.1-2", "MQTT-4.7.1-3", "MQTT-4.7.2-1", "MQTT-4.7.3-4"},
            version = Version.V3_1_1)
    void matches(String filter, String topic) {
        assertTrue(TopicFilter.of(filter).matches(TopicName.of(topic)));
    }

    @ParameterizedTest
    @CsvSource({
        "a, b",
        "a, A",
        "a, a/",
        "a, /a",
        "a/, a",
        "+, /finance",
        "+, a/b",
        "sport/+, sport",
        "sport/#, sports",
        "sport/+/x, sport/x",
        "a/+/b, a/b",
        "a/b/#, a",
        "a/b/#, a/bc",
        "+/+, a",
        "+/+, a/b/c",
        "/+, finance",
        "/#, a",
        "#, $SYS",
        "#, $SYS/x",
        "+/monitor/Clients, $SYS/monitor/Clients",
        "+/#, $SYS",
        "+, $SYS",
        "$share/g/#, $SYS/x",
        "$share/g/+/x, $SYS/x",
        "$share/g/a, $share/g/a",
        "a//b, a/b",
        "é, e",
    })
    @Statement({"MQTT-4.7.1-2", "MQTT-4.7.2-1", "MQTT-4.7.3-4", "P5-68"})
    @Statement(
            value = {"MQTT-4.7.1-3", "MQTT-4.7.2-1", "MQTT-4.7.3-4"},
            version = Version.V3_1_1)
    void doesNotMatch(String filter, String topic) {
        assertFalse(TopicFilter.of(filter).matches(TopicName.of(topic)));
    }

    @Test
    void nothingMatchesTheAbsentName() {
        assertFalse(TopicFilter.of("#").matches(TopicName.NONE));
    }

    @Test
    void matchesWhatTheLevelsSayForManyFiltersAndNames() {
        Random random = new Random(5);
        String[] levels = {"", "a", "b", "ab", "$x", "+"};
        int matched = 0;
        for (int i = 0; i < 50_000; i++) {
            String filter = join(random, levels, random.nextInt(4) == 0);
            String topic = join(random, new String[] {"", "a", "b", "ab", "$x"}, false);
            if (filter.isEmpty() || topic.isEmpty()) {
                continue;
            }
            boolean expected = matchesByLevels(filter, topic);
            matched += expected ? 1 : 0;
            assertEquals(expected, TopicFilter.of(filter).matches(TopicName.of(topic)), filter + " and " + topic);
        }
        assertTrue(matched > 1000, "matched only " + matched);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sport/tennis#", "sport/tennis/#/ranking", "##", "#/", "a#", "#a", "/#/"})
    @Statement("MQTT-4.7.1-1")
    @Statement(value = "MQTT-4.7.1-2", version = Version.V3_1_1)
    void aHashThatIsNotTheWholeLastLevelIsRefused(String text) {
        assertRefused(text, "[MQTT-4.7.1-1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"sport+", "+a", "++", "a/b+/c", "a/+b", "+/a+"})
    @Statement("MQTT-4.7.1-2")
    @Statement(value = "MQTT-4.7.1-3", version = Version.V3_1_1)
    void aPlusThatIsNotAWholeLevelIsRefused(String text) {
        assertRefused(text, "[MQTT-4.7.1-2]");
    }

    @Test
    @Statement({"MQTT-4.7.3-1", "MQTT-4.7.3-2", "MQTT-4.7.3-3"})
    @Statement(
            value = {"MQTT-4.7.3-1", "MQTT-4.7.3-2", "MQTT-4.7.3-3"},
            version = Version.V3_1_1)
    void anEmptyFilterTheNullCharacterAndTooManyBytesAreRefused() {
        assertRefused("", "[MQTT-4.7.3-1]");
        assertRefused("a\0", "[MQTT-1.5.4-2]");
        assertRefused("x".repeat(65_536), "65535");
        assertEquals(65_535, TopicFilter.of("x".repeat(65_535)).encodedLength());
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share//a", "$share/+/a", "$share/#/a", "$share/a+/a", "$share/a#b/c"})
    @Statement("MQTT-4.8.2-1")
    void aShareNameIsNotEmptyAndHoldsNoWildcard(String text) {
        assertRefused(text, "[MQTT-4.8.2-1]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"$share/", "$share/name", "$share/name/", "$share//"})
    @Statement("MQTT-4.8.2-2")
    void aSharedSubscriptionHasAFilter(String text) {
        assertRefused(text, "[MQTT-4.8.2-2]");
    }

    @Test
    void aSharedFilterKnowsItsParts() {
        TopicFilter shared = TopicFilter.of("$share/grüppe/a/+/#");

        assertTrue(shared.isShared());
        assertTrue(shared.hasWildcard());
        assertEquals("grüppe", shared.shareName());
        assertEquals("$share/grüppe/a/+/#", shared.text());
        assertEquals(TopicFilter.of("a/+/#"), shared.unshared());
        assertEquals("a/+/#", shared.unshared().text());
        assertTrue(shared.unshared().matches(TopicName.of("a/b/c")));
        assertEquals(List.of("a", "+", "#"), shared.levels());
        assertEquals(3, shared.levelCount());
        assertNotEquals(shared, shared.unshared());
    }

    @Test
    void aPlainFilterIsNotShared() {
        for (String text : List.of("$share", "$shared/a/b", "share/a/b", "a/$share/b", "/")) {
            TopicFilter filter = TopicFilter.of(text);
            assertFalse(filter.isShared(), text);
            assertFalse(filter.hasWildcard(), text);
            assertEquals("", filter.shareName());
            assertSame(filter, filter.unshared());
        }
        assertEquals(List.of("", ""), TopicFilter.of("/").levels());
    }

    @Test
    void aFilterIsTheSameFromTextAndFromBytes() {
        for (String text : List.of("a", "$share/g/é/#", "+/b")) {
            byte[] utf8 = ("<" + text + ">").getBytes(StandardCharsets.UTF_8);
            TopicFilter filter = TopicFilter.ofUtf8(utf8, 1, utf8.length - 1);
            ByteBuffer out = ByteBuffer.allocate(filter.encodedLength());
            filter.encodeTo(out);

            assertEquals(TopicFilter.of(text), filter);
            assertEquals(TopicFilter.of(text).hashCode(), filter.hashCode());
            assertEquals(text, filter.toString());
            assertEquals(ByteBuffer.wrap(utf8, 1, utf8.length - 2), out.flip());
        }
    }

    private static String join(Random random, String[] levels, boolean hash) {
        StringBuilder text = new StringBuilder();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : "/").append(levels[random.nextInt(levels.length)]);
        }
        return hash ? text + "/#" : text.toString();
    }

    /** The rules of §4.7.1 and §4.7.2 word by word, as slowly as they are read. */
    private static boolean matchesByLevels(String filter, String topic) {
        List<String> wanted = List.of(filter.split("/", -1));
        List<String> given = List.of(topic.split("/", -1));
        if (topic.startsWith("$") && (wanted.get(0).equals("+") || wanted.get(0).equals("#"))) {
            return false;
        }
        for (int i = 0; i < wanted.size(); i++) {
            if (wanted.get(i).equals("#")) {
                return given.size() >= i;
            }
            if (i >= given.size()
                    || !wanted.get(i).equals("+") && !wanted.get(i).equals(given.get(i))) {
                return false;
            }
        }
        return wanted.size() == given.size();
    }

    private static void assertRefused(String text, String statement) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        for (IllegalArgumentException e : List.of(
                assertThrows(IllegalArgumentException.class, () -> TopicFilter.of(text)),
                assertThrows(IllegalArgumentException.class, () -> TopicFilter.ofUtf8(utf8, 0, utf8.length)))) {
            assertTrue(e.getMessage().contains(statement), e.getMessage());
        }
    }
}

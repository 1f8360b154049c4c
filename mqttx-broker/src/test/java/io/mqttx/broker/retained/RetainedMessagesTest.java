package io.mqttx.broker.retained;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RetainedMessagesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final List<String> LEVELS = List.of("a", "b", "", "$x");

    /** What a store would have on disk. */
    private static final class Journal implements Storage {
        final Map<TopicName, Publish> kept = new HashMap<>();

        @Override
        public CompletionStage<Void> apply(List<Change> changes) {
            changes.forEach(change -> {
                if (change instanceof Change.RetainedPut put) {
                    kept.put(put.message().publish().topic(), put.message().publish());
                } else if (change instanceof Change.RetainedCleared cleared) {
                    kept.remove(cleared.topic());
                }
            });
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<List<Kept.Entry>> read(long session, long[] sequences) {
            return CompletableFuture.completedFuture(List.of());
        }

        @Override
        public void load(Loader into) {
            // not asked
        }

        @Override
        public void close() {
            // nothing to close
        }

        @Override
        public String description() {
            return "a map";
        }
    }

    private final Journal journal = new Journal();
    private long now;
    private final RetainedMessages retained =
            new RetainedMessages(10, journal, new Clocks(() -> now, InstantSource.system()));

    private SharedMessage message(String topic, int payloadLength) {
        return new SharedMessage("", new Publish(TopicName.of(topic), ByteBuffer.allocate(payloadLength)), now);
    }

    private SharedMessage expiring(String topic, long seconds) {
        Publish publish =
                message(topic, 1).publish().withProperties(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, seconds));
        return new SharedMessage("", publish, now);
    }

    private static String random(Random random, List<String> from) {
        String text = IntStream.range(0, 1 + random.nextInt(3))
                .mapToObj(i -> from.get(random.nextInt(from.size())))
                .collect(Collectors.joining("/"));
        return text.isEmpty() ? "a" : text;
    }

    @Test
    void theTreeFindsWhatAListOfTopicsFindsThroughAnyChanges() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            RetainedMessages messages =
                    new RetainedMessages(20, journal, new Clocks(() -> now, InstantSource.system()));
            Map<String, SharedMessage> model = new HashMap<>();
            for (int step = 0; step < 300; step++) {
                // given
                SharedMessage next = message(random(random, LEVELS), random.nextInt(3));
                String topic = next.publish().topic().text();
                boolean room = next.publish().payloadLength() == 0 || model.size() < 20 || model.containsKey(topic);
                assertEquals(room, messages.put(next));
                if (next.publish().payloadLength() == 0) {
                    model.remove(topic);
                } else if (room) {
                    model.put(topic, next);
                }
                assertEquals(model.size(), messages.size());

                // when
                TopicFilter filter = TopicFilter.of(
                        random(random, List.of("a", "b", "", "$x", "+", "+")) + (random.nextInt(3) == 0 ? "/#" : ""));
                Set<SharedMessage> found = new HashSet<>();
                messages.match(filter, message -> assertTrue(found.add(message)));

                // then
                Set<SharedMessage> expected = model.values().stream()
                        .filter(message -> filter.matches(message.publish().topic()))
                        .collect(Collectors.toSet());
                assertEquals(expected, found, () -> "filter " + filter);
                assertEquals(model.keySet(), topicsOf(journal));
            }
            model.keySet().forEach(topic -> messages.put(message(topic, 0)));
            assertEquals(Map.of(), journal.kept);
        }
    }

    private static Set<String> topicsOf(Journal journal) {
        return journal.kept.keySet().stream().map(TopicName::text).collect(Collectors.toSet());
    }

    @Test
    void anExpiredMessageIsForgottenByTheStoreAsWellWhenSomebodyLooks() {
        // given
        retained.put(expiring("a", 5));
        now += 5 * SECOND;

        // when
        retained.match(TopicFilter.of("#"), message -> {
            throw new AssertionError("expired");
        });

        // then
        assertEquals(0, retained.size());
        assertEquals(Map.of(), journal.kept);
    }

    @Test
    void whatHasExpiredMakesRoomAndTheSearchForItIsNotMadeForEachMessage() {
        // given
        IntStream.range(0, 10).forEach(i -> retained.put(expiring("t" + i, i < 5 ? 5 : 100)));

        // when
        boolean full = retained.put(message("more", 1));
        now += 50 * SECOND;
        boolean tooSoon = retained.put(message("more", 1));
        now += 10 * SECOND;
        boolean swept = retained.put(message("more", 1));

        // then
        assertFalse(full);
        assertFalse(tooSoon);
        assertTrue(swept);
        assertEquals(6, retained.size());
    }

    @Test
    void whatTheBrokerSaysOfItselfTakesNobodysPlace() {
        // when
        IntStream.range(0, 20).forEach(i -> assertTrue(retained.put(message("$SYS/" + i, 1))));

        // then
        assertEquals(0, retained.size());
        IntStream.range(0, 10).forEach(i -> assertTrue(retained.put(message("t" + i, 1))));
        assertFalse(retained.put(message("more", 1)));
    }
}

package io.mqttx.broker.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.storage.rocksdb.RocksDbOptions;
import io.mqttx.storage.rocksdb.RocksDbStorage;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Any changes at all, sensible or late, in groups of any size: what RocksDB has afterwards is what the model has.
 * {@code -Dmqttx.seed=} plays one life again that failed.
 */
class StoragePropertyTest {
    private static final int LIVES = Integer.getInteger("mqttx.simulation.runs", 1200) / 40;
    private static final int STEPS = 400;
    private static final int SESSIONS = 4;

    @TempDir
    Path directory;

    @Test
    void rocksDbKeepsWhatTheModelKeeps() {
        long first = Long.getLong("mqttx.seed", 1);
        long lives = Long.getLong("mqttx.seed") == null ? LIVES : 1;
        for (long seed = first; seed < first + lives; seed++) {
            try {
                new Life(seed).live();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("again with -Dmqttx.seed=" + seed, e);
            }
        }
    }

    private final class Life {
        private final Random random;
        private final RocksDbOptions options;
        private final MemoryStorage model = new MemoryStorage();
        private Storage tried;
        private long sequences;
        private long order;

        Life(long seed) {
            random = new Random(seed);
            Duration sync = random.nextBoolean() ? Duration.ofMillis(1) : Duration.ofSeconds(10);
            options = RocksDbOptions.in(directory.resolve("life" + seed)).withSyncEvery(sync);
        }

        void live() {
            tried = RocksDbStorage.open(options);
            for (int step = 0; step < STEPS; step++) {
                List<Change> changes = changes();
                model.apply(changes);
                var done = tried.apply(changes).toCompletableFuture();
                if (random.nextInt(8) == 0) {
                    StorageContract.join(done); // the end of a group
                }
                if (random.nextInt(10) == 0) {
                    read();
                }
                if (random.nextInt(150) == 0) {
                    compare();
                }
            }
            compare();
            tried.close();
        }

        private void compare() {
            tried.close();
            tried = RocksDbStorage.open(options);
            assertEquals(LoadedState.of(model), LoadedState.of(tried));
        }

        private void read() {
            long session = session();
            long[] wanted =
                    LongStream.range(0, 8).map(i -> sequence()).distinct().toArray();
            assertEquals(plain(model, session, wanted), plain(tried, session, wanted));
        }

        private static List<Kept.Entry> plain(Storage storage, long session, long[] wanted) {
            return StorageContract.join(storage.read(session, wanted).toCompletableFuture()).stream()
                    .map(LoadedState::plain)
                    .toList();
        }

        private List<Change> changes() {
            List<Change> changes = new ArrayList<>();
            int count = random.nextInt(5);
            for (int i = 0; i < count; i++) {
                changes.add(change());
            }
            return changes;
        }

        private Change change() {
            return switch (random.nextInt(20)) {
                case 0 -> new Change.SessionPut(new Kept.Session(session(), "c", random.nextInt(9), random.nextInt(9)));
                case 1 -> random.nextInt(4) == 0 ? new Change.SessionEnded(session()) : queued();
                case 2 -> StorageContract.subscribed(session(), filter());
                case 3 -> new Change.Unsubscribed(session(), TopicFilter.of(filter()));
                case 4 ->
                    new Change.WillPut(
                            session(), new Kept.Will("p", "u", publish("will"), random.nextInt(9), random.nextInt(9)));
                case 5 -> new Change.WillCleared(session());
                case 6 -> new Change.RetainedPut(new Kept.Message("p", publish(filter()), random.nextInt(9)));
                case 7 -> new Change.RetainedCleared(TopicName.of(filter()));
                case 8 -> new Change.Received(session(), packetId());
                case 9 -> new Change.Concluded(session(), packetId());
                case 10 -> new Change.Dequeued(session(), sequence());
                case 11, 12 -> new Change.Sent(session(), sequence(), packetId(), ++order);
                case 13 -> new Change.Released(session(), sequence(), packetId(), ++order);
                case 14 -> new Change.Completed(session(), sequence(), packetId());
                case 15 -> new Change.Completed(session(), 0, packetId());
                default -> queued();
            };
        }

        private Change queued() {
            List<Change.Receiver> receivers = new ArrayList<>();
            int count = 1 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                Kept.Terms terms = new Kept.Terms(
                        random.nextBoolean() ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE,
                        random.nextBoolean(),
                        random.nextBoolean(),
                        random.ints(random.nextInt(3), 1, 1000).toArray(),
                        random.nextBoolean() ? "" : "$share/g/t");
                receivers.add(new Change.Receiver(session(), ++sequences, terms));
            }
            return new Change.Queued(new Kept.Message("p", publish("t"), random.nextInt(9)), receivers);
        }

        private Publish publish(String topic) {
            byte[] payload = new byte[random.nextInt(random.nextInt(4) == 0 ? 3000 : 30)];
            random.nextBytes(payload);
            return new Publish(
                    QoS.AT_LEAST_ONCE, random.nextBoolean(), TopicName.of(topic), 1, ByteBuffer.wrap(payload));
        }

        private long session() {
            return 1L + random.nextInt(SESSIONS);
        }

        private String filter() {
            return "topic" + random.nextInt(5);
        }

        private int packetId() {
            return 1 + random.nextInt(5);
        }

        /** One of the latest, most likely. */
        private long sequence() {
            return Math.max(1, sequences - random.nextInt(random.nextBoolean() ? 10 : 200));
        }
    }
}

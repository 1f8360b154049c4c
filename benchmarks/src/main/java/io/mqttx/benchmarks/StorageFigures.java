package io.mqttx.benchmarks;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscription;
import io.mqttx.storage.rocksdb.RocksDbOptions;
import io.mqttx.storage.rocksdb.RocksDbStorage;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * What durability costs: batches a second, bytes on the disk for each message, and how long a start takes. No JMH: what
 * is measured are seconds of a whole storage.
 *
 * <pre>java -cp benchmarks.jar io.mqttx.benchmarks.StorageFigures DIRECTORY</pre>
 */
public final class StorageFigures {
    private static final long SECONDS = 4;
    private static final int WINDOW = 100; // batches that a producer has on the way
    private static final Kept.Terms TERMS = new Kept.Terms(QoS.AT_LEAST_ONCE, false, true, new int[0], "");
    private static final int PAYLOAD = 200; // random bytes: what could be compressed would flatter the disk

    private StorageFigures() {}

    /** @param args a directory on the disk to be measured; it is emptied */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        for (int producers : new int[] {1, 8}) {
            for (Duration sync : List.of(Duration.ZERO, Duration.ofMillis(100))) {
                throughput(directory, producers, sync, false);
                throughput(directory, producers, sync, true);
            }
        }
        load(directory);
        empty(directory);
    }

    /** @param consumed whether each message is acknowledged and gone when a hundred more have come */
    private static void throughput(Path directory, int producers, Duration sync, boolean consumed) throws Exception {
        empty(directory);
        AtomicLong done = new AtomicLong();
        long begin = System.nanoTime();
        long until = begin + TimeUnit.SECONDS.toNanos(SECONDS);
        try (RocksDbStorage storage =
                RocksDbStorage.open(RocksDbOptions.in(directory).withSyncEvery(sync))) {
            List<Thread> threads = new ArrayList<>();
            for (int i = 1; i <= producers; i++) {
                int session = i;
                threads.add(new Thread(() -> done.addAndGet(produce(storage, session, until, consumed))));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        System.out.printf(
                "%d producers, %s, messages %s: %,.0f messages a second, %.0f bytes a message left on disk%n",
                producers,
                sync.isZero() ? "sync" : "every " + sync.toMillis() + " ms",
                consumed ? "consumed" : "kept",
                done.get() / seconds,
                (double) size(directory) / done.get());
    }

    private static long produce(Storage storage, int session, long until, boolean consumed) {
        storage.apply(List.of(session(session)));
        Queue<CompletableFuture<Void>> onTheWay = new ArrayDeque<>();
        long count = 0;
        while (System.nanoTime() < until) {
            count++;
            long sequence = count * 64 + session;
            onTheWay.add(storage.apply(List.of(queued(session, sequence), new Change.Sent(session, sequence, 1, count)))
                    .toCompletableFuture());
            if (onTheWay.size() >= WINDOW) {
                onTheWay.remove().join();
            }
            if (consumed && count > WINDOW) {
                storage.apply(List.of(new Change.Completed(session, sequence - 64L * WINDOW, 1)));
            }
        }
        onTheWay.forEach(CompletableFuture::join);
        return count;
    }

    /** 100,000 sessions with ten messages and a subscription each, and 100,000 retained messages. */
    private static void load(Path directory) throws Exception {
        empty(directory);
        RocksDbOptions options = RocksDbOptions.in(directory).withSyncEvery(Duration.ofSeconds(1));
        long begin = System.nanoTime();
        try (RocksDbStorage storage = RocksDbStorage.open(options)) {
            long sequence = 0;
            for (int session = 1; session <= 100_000; session++) {
                List<Change> changes = new ArrayList<>();
                changes.add(session(session));
                Subscription subscription = new Subscription(TopicFilter.of("a/" + session), QoS.AT_LEAST_ONCE);
                changes.add(new Change.Subscribed(session, new Kept.Subscribed(subscription, 0)));
                for (int i = 0; i < 10; i++) {
                    changes.add(queued(session, ++sequence));
                }
                changes.add(new Change.RetainedPut(message("a/" + session)));
                var done = storage.apply(changes);
                if (session % 1000 == 0) {
                    done.toCompletableFuture().join();
                }
            }
        }
        System.out.printf("filled in %.1f s, %,d bytes on disk%n", (System.nanoTime() - begin) / 1e9, size(directory));
        for (int i = 0; i < 3; i++) {
            long start = System.nanoTime();
            try (RocksDbStorage storage = RocksDbStorage.open(options)) {
                Counting counting = new Counting();
                storage.load(counting);
                System.out.printf(
                        "opened and loaded in %.2f s: %s; heap in use after it %,d kB%n",
                        (System.nanoTime() - start) / 1e9, counting, heap() >> 10);
            }
        }
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static Change session(long key) {
        return new Change.SessionPut(new Kept.Session(key, "client" + key, 3600, 0));
    }

    private static Change queued(long session, long sequence) {
        return new Change.Queued(
                message("some/topic/of/" + session), List.of(new Change.Receiver(session, sequence, TERMS)));
    }

    private static Kept.Message message(String topic) {
        byte[] payload = new byte[PAYLOAD];
        ThreadLocalRandom.current().nextBytes(payload);
        Publish publish = new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of(topic), 1, ByteBuffer.wrap(payload));
        return new Kept.Message("publisher", publish, 1);
    }

    private static long size(Path directory) throws IOException {
        long size = 0;
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                size += Files.size(file);
            }
        }
        return size;
    }

    private static void empty(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /** Counts what it is told. */
    private static final class Counting implements Storage.Loader {
        private int sessions;
        private int subscriptions;
        private int messages;
        private int retained;

        @Override
        public void session(Kept.Session session) {
            sessions++;
        }

        @Override
        public void subscribed(Kept.Subscribed subscribed) {
            subscriptions++;
        }

        @Override
        public void will(Kept.Will will) {}

        @Override
        public void queued(long sequence, boolean counted, boolean shared, int bytes) {
            messages++;
        }

        @Override
        public void sent(int packetId, long order, Kept.Entry entry) {
            messages++;
        }

        @Override
        public void released(int packetId, long order) {}

        @Override
        public void received(int packetId) {}

        @Override
        public void retained(Kept.Message message) {
            retained++;
        }

        @Override
        public String toString() {
            return sessions + " sessions, " + subscriptions + " subscriptions, " + messages + " messages, " + retained
                    + " retained";
        }
    }
}

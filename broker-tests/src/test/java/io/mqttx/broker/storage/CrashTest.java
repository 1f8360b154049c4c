package io.mqttx.broker.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.storage.rocksdb.RocksDbOptions;
import io.mqttx.storage.rocksdb.RocksDbStorage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Another process applies changes from several threads and is killed in the middle of it. All that it was told is safe
 * must be there, and of each batch all or nothing: each thread's sessions have what they had after one of its batches.
 */
class CrashTest {
    private static final int ROUNDS = 12;
    private static final int THREADS = 3;
    private static final int WINDOW = 10; // so many batches later a message goes again, if it does
    private static final long SEQUENCES = 1L << 32; // for each thread of each round

    @TempDir
    Path directory;

    @Test
    void whoIsKilledHasLostNothingThatWasSafeAndNoHalfOfAnything() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            long[] safe = runAndKill(round);
            LoadedState state = new LoadedState();
            try (Storage storage = open(directory, round)) {
                storage.load(state);
                for (int thread = 0; thread < THREADS; thread++) {
                    check(storage, state, round * THREADS + thread, safe[thread]);
                }
            }
            assertEquals(2 * THREADS * (round + 1), state.sessions.size(), "those of the rounds before are there");
        }
    }

    /** How many batches of each thread were safe when the process was killed. */
    private long[] runAndKill(int round) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Applying.class.getName(),
                directory.toString(),
                Integer.toString(round)));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long[] safe = new long[THREADS];
        long lines = 0;
        long enough = 200 + 300L * round;
        try (BufferedReader in = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] words = line.split(" ", -1);
                if (words.length == 3 && words[2].equals(".")) { // a whole line
                    safe[Integer.parseInt(words[0])] = Long.parseLong(words[1]);
                }
                if (++lines == enough) {
                    process.toHandle().destroyForcibly(); // and what it said before can be read to the end
                }
            }
        }
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertTrue(lines >= enough, "it was killed at work");
        return safe;
    }

    private static void check(Storage storage, LoadedState state, int thread, long safe) {
        List<TreeSet<Long>> found = new ArrayList<>();
        for (int half = 0; half < 2; half++) {
            TreeSet<Long> sequences = new TreeSet<>();
            state.sessions.get(2L * thread + half + 1).queue().forEach(waiting -> sequences.add(waiting.sequence()));
            found.add(sequences);
        }
        long last = (found.get(0).last() - SEQUENCES * thread) / 2;
        assertTrue(last >= safe, "batch " + safe + " was safe, and " + last + " is the last that is there");
        for (int half = 0; half < 2; half++) {
            assertEquals(expected(thread, half, last), found.get(half), "batches are whole up to " + last);
            long[] all = found.get(half).stream().mapToLong(Long::longValue).toArray();
            long session = 2L * thread + half + 1;
            List<Kept.Entry> entries =
                    StorageContract.join(storage.read(session, all).toCompletableFuture());
            assertEquals(all.length, entries.size(), "each message is there");
        }
    }

    /** What a session has after this many batches. */
    private static Set<Long> expected(int thread, int half, long batches) {
        Set<Long> expected = new TreeSet<>();
        for (long batch = 1; batch <= batches; batch++) {
            expected.add(sequence(thread, half, batch));
            if (takesAway(batch)) {
                expected.remove(sequence(thread, half, batch - WINDOW));
            }
        }
        return expected;
    }

    private static long sequence(int thread, int half, long batch) {
        return SEQUENCES * thread + 2 * batch + half;
    }

    private static boolean takesAway(long batch) {
        return batch > WINDOW && batch % 5 != 0;
    }

    private static RocksDbStorage open(Path directory, int round) {
        RocksDbOptions options = RocksDbOptions.in(directory.resolve("data"));
        return RocksDbStorage.open(round % 3 == 2 ? options.withSyncEvery(Duration.ofMillis(20)) : options);
    }

    /** The process that is killed. */
    static final class Applying {
        private Applying() {}

        public static void main(String[] args) {
            int round = Integer.parseInt(args[1]);
            RocksDbStorage storage = open(Path.of(args[0]), round);
            storage.load(new LoadedState());
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                new Thread(() -> apply(storage, number, round * THREADS + number)).start();
            }
        }

        private static void apply(Storage storage, int number, int thread) {
            PrintStream out = System.out;
            for (long batch = 1; ; batch++) {
                List<Change> changes = changes(thread, batch);
                long safe = batch;
                var stage = storage.apply(changes)
                        .thenRun(() -> {
                            out.print(number + " " + safe + " .\n");
                            out.flush();
                        })
                        .toCompletableFuture();
                if (batch % 20 == 0) {
                    StorageContract.join(stage);
                }
            }
        }

        private static List<Change> changes(int thread, long batch) {
            long first = 2L * thread + 1;
            List<Change> changes = new ArrayList<>();
            if (batch == 1) {
                changes.add(StorageContract.session(first));
                changes.add(StorageContract.session(first + 1));
            }
            List<Change.Receiver> receivers = List.of(
                    new Change.Receiver(first, sequence(thread, 0, batch), StorageContract.terms()),
                    new Change.Receiver(first + 1, sequence(thread, 1, batch), StorageContract.terms()));
            changes.add(new Change.Queued(StorageContract.message("t", (int) batch), receivers));
            if (takesAway(batch)) {
                changes.add(new Change.Dequeued(first, sequence(thread, 0, batch - WINDOW)));
                changes.add(new Change.Sent(first + 1, sequence(thread, 1, batch - WINDOW), 1, batch));
                changes.add(new Change.Completed(first + 1, sequence(thread, 1, batch - WINDOW), 1));
            }
            return changes;
        }
    }
}

package io.mqttx.storage.rocksdb;

import static io.mqttx.storage.rocksdb.Told.queued;
import static io.mqttx.storage.rocksdb.Told.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Change;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A byte that is not what was written, or a file that is gone: the start is refused in one sentence, or everything is
 * there. Of the log, the last write may be dropped, with a word.
 */
class DamageTest {
    private static final int FLIPS = Integer.getInteger("mqttx.damage.flips", 30); // of each kind of file
    private static final long SEED = Long.getLong("mqttx.damage.seed", System.nanoTime());
    private static final int MESSAGES = 60;

    @TempDir
    Path place;

    private final Random random = new Random(SEED);
    private final List<String> findings = new ArrayList<>();
    private Path whole;
    private List<String> everything;

    /** Some of the state in sorted files, some in the log; the storage was never closed. */
    @BeforeEach
    void fill() throws IOException {
        Path data = place.resolve("data");
        for (int start = 0; start < 2; start++) {
            try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(data))) {
                apply(storage, session(1), new Change.RetainedPut(Told.message("r", 100 + start)));
                for (int i = 1; i <= MESSAGES / 2; i++) { // a record of the log each, some of two rows
                    apply(storage, queued(i % 5 == 0 ? 3000 : 50, start * MESSAGES / 2 + i, 1));
                }
                whole = start == 1 ? copy(data, "whole") : place;
            }
        }
        everything = state(copy(whole, "first"));
        assertEquals(2 + MESSAGES, everything.size());
    }

    private static void apply(RocksDbStorage storage, Change... changes) {
        storage.apply(List.of(changes)).toCompletableFuture().join();
    }

    @Test
    void aByteThatIsWrongIsNoticedAndNothingGoesWithoutAWord() throws IOException {
        for (String kind : List.of(".*\\.sst", "\\d+\\.log", "MANIFEST-.*", "CURRENT")) {
            for (int i = 0; i < FLIPS; i++) {
                Path damaged = copy(whole, kind.replaceAll("\\W", "") + i);
                List<Path> files = files(damaged, kind);
                Path file = files.get(random.nextInt(files.size()));
                try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                    long at = random.nextLong(bytes.length());
                    flip(bytes, at, random.nextInt(Byte.SIZE));
                    judge(damaged, file.getFileName() + " with a wrong byte at " + at);
                }
            }
        }
        assertEquals(List.of(), findings, () -> "seed " + SEED);
    }

    /** A wrong length may look as if the file had been cut there, which a power cut does: at the end, and not before. */
    @Test
    void aLengthThatIsWrongIsNotTakenForTheEnd() throws IOException {
        for (String kind : List.of("\\d+\\.log", "MANIFEST-.*")) {
            for (int i = 0; i < FLIPS; i++) {
                Path damaged = copy(whole, "length" + kind.charAt(0) + i);
                List<Path> files = files(damaged, kind);
                Path file = files.get(files.size() - 1);
                List<Integer> records = records(Files.readAllBytes(file));
                int at = records.get(random.nextInt(records.size())) + 4 + random.nextInt(2); // behind the checksum
                try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
                    flip(bytes, at, random.nextInt(Byte.SIZE));
                }
                judge(damaged, file.getFileName() + " with a wrong length at " + at);
            }
        }
        assertEquals(List.of(), findings, () -> "seed " + SEED);
    }

    /** With some wrong types RocksDB alone never comes back from opening. */
    @Test
    void aTypeThatIsWrongIsNoticed() throws IOException {
        for (String kind : List.of("\\d+\\.log", "MANIFEST-.*")) {
            Path file = files(whole, kind).get(0);
            List<Integer> records = records(Files.readAllBytes(file));
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                for (int record : List.of(0, records.size() / 2, records.size() - 1)) {
                    Path damaged = copy(whole, "type" + kind.charAt(0) + bit + "-" + record);
                    int at = records.get(record) + 6;
                    try (RandomAccessFile bytes = new RandomAccessFile(
                            damaged.resolve(file.getFileName()).toFile(), "rw")) {
                        flip(bytes, at, bit);
                    }
                    judge(damaged, file.getFileName() + " with a wrong type at " + at + ", bit " + bit);
                }
            }
        }
        assertEquals(List.of(), findings);
    }

    /** Zeros where a record begins look to RocksDB as if nothing had been written there. */
    @Test
    void zerosAreNoticed() throws IOException {
        for (String kind : List.of("\\d+\\.log", "MANIFEST-.*")) {
            Path file = files(whole, kind).get(0);
            for (int record : records(Files.readAllBytes(file))) {
                putZeros(file.getFileName().toString(), record);
            }
        }
        putZeros("CURRENT", 0);
        assertEquals(List.of(), findings);
    }

    private void putZeros(String name, int at) throws IOException {
        Path damaged = copy(whole, "zeros" + name.charAt(0) + at);
        try (RandomAccessFile bytes = new RandomAccessFile(damaged.resolve(name).toFile(), "rw")) {
            bytes.seek(at);
            bytes.write(new byte[(int) Math.min(16, bytes.length() - at)]);
        }
        judge(damaged, name + " with zeros at " + at);
    }

    private static void flip(RandomAccessFile bytes, long at, int bit) throws IOException {
        bytes.seek(at);
        int was = bytes.read();
        bytes.seek(at);
        bytes.write(was ^ 1 << bit);
    }

    /** Where they begin: headers of seven bytes, in blocks of 32 KiB. */
    private static List<Integer> records(byte[] log) {
        List<Integer> starts = new ArrayList<>();
        for (int at = 0; at + 7 <= log.length; ) {
            int left = 32768 - at % 32768;
            if (left < 7) {
                at += left;
                continue;
            }
            starts.add(at);
            at += 7 + (log[at + 4] & 0xFF) + ((log[at + 5] & 0xFF) << 8);
        }
        return starts;
    }

    @Test
    void aFileThatIsGoneIsMissed() throws IOException {
        int number = 0;
        for (Path file : files(whole, ".*\\.sst|.*\\.log|MANIFEST-.*|CURRENT")) {
            Path damaged = copy(whole, "without" + number++);
            Files.delete(damaged.resolve(file.getFileName()));
            judge(damaged, "without " + file.getFileName());
        }
        assertEquals(List.of(), findings);
    }

    private void judge(Path directory, String what) {
        try (Warnings warnings = new Warnings()) {
            try {
                List<String> found = state(directory);
                boolean lastDropped = found.equals(everything.subList(0, everything.size() - 1));
                if (!found.equals(everything) && !(lastDropped && !warnings.lines.isEmpty())) {
                    findings.add(what + ": " + found.size() + " of " + everything.size() + ", said " + warnings.lines);
                }
            } catch (UncheckedIOException refusal) {
                if (refusal.getMessage().lines().count() != 1) {
                    findings.add(what + ": " + refusal.getMessage());
                }
            } catch (RuntimeException e) {
                findings.add(what + ": " + e);
            }
        }
    }

    /** All that is there and can be read, the messages last. */
    private static List<String> state(Path directory) {
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(directory))) {
            List<String> told = new ArrayList<>(Told.by(storage));
            told.sort((a, b) -> Boolean.compare(a.startsWith("queued"), b.startsWith("queued")));
            long[] all = LongStream.rangeClosed(1, MESSAGES).toArray();
            int readable = storage.read(1, all).toCompletableFuture().join().size();
            assertTrue(
                    readable
                            == told.stream()
                                    .filter(line -> line.startsWith("queued"))
                                    .count(),
                    "all can be read");
            return told;
        }
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = Files.createDirectory(place.resolve(name));
        for (Path file : files(from, ".*")) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
        return to;
    }

    private static List<Path> files(Path directory, String pattern) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .sorted()
                    .toList();
        }
    }

    /** What the storage warns of. */
    private static final class Warnings extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger(Database.class.getPackageName());
        private final List<String> lines = new ArrayList<>();

        Warnings() {
            logger.setUseParentHandlers(false);
            logger.addHandler(this);
        }

        @Override
        public void publish(LogRecord line) {
            lines.add(line.getMessage());
        }

        @Override
        public void flush() {
            // nothing is kept back
        }

        @Override
        public void close() {
            logger.removeHandler(this);
            logger.setUseParentHandlers(true);
        }
    }
}

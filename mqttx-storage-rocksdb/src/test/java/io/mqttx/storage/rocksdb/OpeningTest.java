package io.mqttx.storage.rocksdb;

import static io.mqttx.storage.rocksdb.Told.queued;
import static io.mqttx.storage.rocksdb.Told.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mqttx.broker.spi.Change;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** A directory that can be used, and each that cannot, with the sentence that says why. */
class OpeningTest {
    @TempDir
    Path place;

    @Test
    void aDirectoryThatIsNotThereIsMade() {
        Path deep = place.resolve("a/b/c");
        RocksDbStorage.open(RocksDbOptions.in(deep)).close();
        assertTrue(Files.isDirectory(deep));
    }

    @Test
    void aFileIsNoDirectory() throws Exception {
        Path file = Files.createFile(place.resolve("file"));
        assertEquals(file + " is no directory", refusal(file));
        assertTrue(refusal(file.resolve("below")).contains("cannot be made"));
    }

    /** While a write is on its way to the file, the end of the log looks torn to others. */
    @Test
    void whoFindsTheDirectoryInUseLeavesTheLogOfTheOtherAlone() throws Exception {
        try (RocksDbStorage first = RocksDbStorage.open(RocksDbOptions.in(place))) {
            fill(first);
            Files.write(log(place), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
            long length = Files.size(log(place));
            assertEquals(place + " is in use by another broker", refusal(place));
            assertEquals(length, Files.size(log(place)));
        }
    }

    @Test
    void oneDirectoryIsForOneStorage() {
        RocksDbStorage first = RocksDbStorage.open(RocksDbOptions.in(place));
        assertEquals(place + " is in use by another broker", refusal(place));
        first.close();
        RocksDbStorage.open(RocksDbOptions.in(place)).close();
    }

    @Test
    void anUnknownFormatIsNotTouched() throws Exception {
        filled();
        try (RocksDB database = RocksDB.open(place.toString())) {
            database.put(Keys.format(), Values.format(7));
        }
        assertEquals(
                place + " was written by another version of MqttX: its format is 7, known here is 1", refusal(place));
    }

    @Test
    void theDatabaseOfSomethingElseIsNotTouched() throws Exception {
        try (Options options = new Options().setCreateIfMissing(true);
                RocksDB database = RocksDB.open(options, place.toString())) {
            database.put(new byte[] {9}, new byte[] {9});
        }
        assertEquals(place + " holds a database of something else", refusal(place));
    }

    @Test
    void aTornEndOfTheLogIsCutOff() throws Exception {
        Path copy = copyOfLog();
        Path log = log(copy);
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.setLength(file.length() - 3);
        }
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(copy))) {
            List<String> told = Told.by(storage);
            assertEquals(100, told.size(), "all but the last message");
            assertEquals("queued 99", told.get(99));
        }
    }

    /** Sectors reach the disk in any order: the last write can have its length, and a gap. */
    @Test
    void aLastWriteWithAGapIsCutOff() throws Exception {
        Path copy = copyOfLog();
        try (RandomAccessFile file = new RandomAccessFile(log(copy).toFile(), "rw")) {
            file.seek(file.length() - 20);
            file.write(new byte[8]);
        }
        for (int start = 1; start <= 2; start++) {
            try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(copy))) {
                assertEquals(100, Told.by(storage).size(), "all but the last message");
            }
        }
    }

    @Test
    void aLastWriteOfWhichWholePartsAreLeftIsCutOff() throws Exception {
        Path copy = copyOfLog(queued(100_000, 101, 1)); // in blocks of 32 KiB
        try (RandomAccessFile file = new RandomAccessFile(log(copy).toFile(), "rw")) {
            file.setLength(2 * 32_768);
        }
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(copy))) {
            assertEquals(101, Told.by(storage).size(), "all but the last message");
        }
    }

    @Test
    void withSyncsNowAndThenAGapInTheLogEndsIt() throws Exception {
        Path copy = copyOfLog();
        try (RandomAccessFile file = new RandomAccessFile(log(copy).toFile(), "rw")) {
            file.seek(file.length() / 2);
            file.write(new byte[512]);
        }
        RocksDbOptions options = RocksDbOptions.in(copy).withSyncEvery(Duration.ofSeconds(1));
        try (RocksDbStorage storage = RocksDbStorage.open(options)) {
            int told = Told.by(storage).size();
            assertTrue(told > 30 && told < 70, () -> told + " were read");
        }
    }

    @Test
    void aFaultInTheMiddleOfTheLogStopsTheStart() throws Exception {
        Path copy = copyOfLog();
        Path log = log(copy);
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "rw")) {
            file.seek(file.length() / 2);
            file.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8});
        }
        String refusal = refusal(copy);
        assertTrue(refusal.startsWith("the data in " + copy + " is damaged: "), refusal);
    }

    @Test
    void aFileThatIsMissingStopsTheStart() throws Exception {
        filled();
        Files.delete(place.resolve("CURRENT"));
        try (Stream<Path> files = Files.list(place)) {
            Path manifest = files.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(place.resolve("CURRENT"), "MANIFEST-999999\n");
            assertTrue(Files.exists(manifest));
        }
        assertTrue(refusal(place).contains(place.toString()));
    }

    @Test
    void aRowThatCannotBeReadStopsTheStart() throws Exception {
        filled();
        try (RocksDB database = RocksDB.open(place.toString())) {
            database.put(Keys.of(1, Keys.Row.of(Keys.Part.RECORD)), new byte[] {9, 9});
        }
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(place))) {
            UncheckedIOException refused = assertThrows(UncheckedIOException.class, () -> Told.by(storage));
            assertEquals("the data in " + place + " is damaged: a row has version 9, known is 1", refused.getMessage());
        }
    }

    @Test
    void rowsThatNothingRefersToAreSweptOut() throws Exception {
        filled();
        byte[] lost = Keys.of(77, Keys.Row.of(Keys.Part.QUEUED, 5));
        byte[] unreferred = Keys.message(1_000_000);
        byte[] notQueued = Keys.of(1, Keys.Row.of(Keys.Part.SENT, 9_999));
        try (RocksDB database = RocksDB.open(place.toString());
                WriteBatch batch = new WriteBatch()) {
            batch.put(lost, Values.present());
            batch.put(unreferred, Values.message(Told.message("t", 9)));
            batch.put(notQueued, Values.sent(1, 1));
            database.write(new WriteOptions(), batch);
        }
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(place))) {
            assertEquals(101, Told.by(storage).size());
        }
        try (RocksDB database = RocksDB.open(place.toString())) {
            for (byte[] key : List.of(lost, unreferred, notQueued)) {
                assertEquals(null, database.get(key));
            }
        }
    }

    @Test
    void whoAppliesWithoutLoadingChangesWhatIsThereAllTheSame() {
        filled();
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(place))) {
            storage.apply(List.of(new Change.Dequeued(1, 1)));
        }
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(place))) {
            assertEquals(100, Told.by(storage).size());
        }
    }

    @Test
    void aClosedStorageRefuses() {
        for (boolean used : new boolean[] {true, false}) {
            RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(place));
            if (used) {
                Told.by(storage);
            }
            storage.close();
            storage.close();
            CompletableFuture<Void> refused = storage.apply(List.of(session(1))).toCompletableFuture();
            assertThrows(CompletionException.class, refused.orTimeout(10, TimeUnit.SECONDS)::join);
        }
    }

    /** A real disk that is really full, where the machine lets us have one. */
    @Test
    void aFullDiskIsWaitedFor() throws Exception {
        Path small = Files.createDirectory(place.resolve("small"));
        assumeTrue(ran("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small.toString()), "cannot mount a disk");
        try {
            fillAndFree(small);
        } finally {
            assertTrue(ran("umount", small.toString()));
        }
    }

    private static void fillAndFree(Path small) throws Exception {
        Path ballast = small.resolve("ballast");
        Files.write(ballast, new byte[14 << 20]);
        Path data = small.resolve("data");
        RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(data));
        storage.apply(List.of(session(1)));
        int number = 0;
        CompletableFuture<Void> last = new CompletableFuture<>();
        while (storage.trouble().isEmpty() && number < 3000) {
            number++;
            last = storage.apply(List.of(queued(20_000, number, 1))).toCompletableFuture();
            if (number % 10 == 0) {
                CompletableFuture.anyOf(last, new CompletableFuture<>().completeOnTimeout("", 2, TimeUnit.SECONDS))
                        .join();
            }
        }
        assertTrue(
                storage.trouble().orElseThrow().contains("No space left"),
                storage.trouble().orElse(""));
        assertFalse(last.isDone());
        Files.delete(ballast);
        last.orTimeout(60, TimeUnit.SECONDS).join();
        assertTrue(storage.trouble().isEmpty());
        storage.close();
        try (RocksDbStorage again = RocksDbStorage.open(RocksDbOptions.in(data))) {
            assertEquals(1 + number, Told.by(again).size());
        }
    }

    private static boolean ran(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such command
        }
    }

    /** A session with a hundred messages. */
    private void filled() {
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(place))) {
            fill(storage);
        }
    }

    private static void fill(RocksDbStorage storage) {
        storage.apply(List.of(session(1))).toCompletableFuture().join();
        for (int i = 1; i <= 100; i++) {
            storage.apply(List.of(queued(100, i, 1))).toCompletableFuture().join(); // a record of the log each
        }
    }

    /** What a power cut would leave: the directory of a storage that was never closed. */
    private Path copyOfLog(Change... more) throws IOException {
        Path copy = Files.createDirectory(place.resolve("copy"));
        Path data = place.resolve("data");
        try (RocksDbStorage storage = RocksDbStorage.open(RocksDbOptions.in(data))) {
            fill(storage);
            storage.apply(List.of(more)).toCompletableFuture().join();
            try (Stream<Path> files = Files.list(data)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        return copy;
    }

    private static Path log(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log"))
                    .max((a, b) -> a.compareTo(b))
                    .orElseThrow();
        }
    }

    private static String refusal(Path directory) {
        RocksDbOptions options = RocksDbOptions.in(directory);
        String sentence = assertThrows(UncheckedIOException.class, () -> RocksDbStorage.open(options))
                .getMessage();
        assertEquals(1, sentence.lines().count());
        return sentence;
    }
}

package io.mqttx.storage.rocksdb;

import static io.mqttx.storage.rocksdb.Told.queued;
import static io.mqttx.storage.rocksdb.Told.session;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Change;
import io.mqttx.topic.TopicName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes to the disk together, what does not go there at all, and what happens when the disk fails. */
class GroupCommitTest {
    private static final int LARGE = 5000; // does not lie in the row of a queue

    @TempDir
    Path directory;

    private final TestDisk disk = new TestDisk();
    private RocksDbStorage storage;

    @BeforeEach
    void open() {
        storage = RocksDbStorage.open(RocksDbOptions.in(directory).withMaxWaiting(100_000), disk);
        done(apply(session(1), session(2)));
    }

    @AfterEach
    void close() {
        disk.recover();
        disk.release();
        storage.close();
    }

    @Test
    void whileTheDiskWritesTheNextGroupGathers() {
        CompletionStage<Void> first = held(queued(1, 1, 1));
        List<CompletionStage<Void>> others = new ArrayList<>();
        for (int i = 2; i <= 100; i++) {
            others.add(apply(queued(1, i, 1)));
        }
        assertFalse(isDone(first));
        int before = disk.writes.get();
        disk.release();
        others.forEach(GroupCommitTest::done);
        assertEquals(before + 1, disk.writes.get(), "all that waited is one write");
        assertEquals(2 + 100, reopened().size());
    }

    @Test
    void whatComesAndGoesInAGroupIsNeverWritten() {
        held(queued(1, 1, 1));
        int before = disk.writes.get();
        apply(queued(LARGE, 10, 1, 2), queued(1, 20, 1), new Change.Received(1, 7));
        apply(new Change.Sent(1, 10, 1, 1), new Change.Sent(2, 11, 1, 2), new Change.Sent(1, 20, 2, 3));
        apply(new Change.Completed(1, 10, 1), new Change.Released(1, 20, 2, 4), new Change.Concluded(1, 7));
        apply(new Change.Completed(2, 11, 1), new Change.Completed(1, 0, 2), session(3), queued(LARGE, 30, 3));
        CompletionStage<Void> last = apply(new Change.SessionEnded(3));
        disk.release();
        done(last);
        assertEquals(before, disk.writes.get(), "nothing was left to write");
        assertEquals(List.of("session 1", "queued 1", "session 2"), reopened());
    }

    @Test
    void nothingIsLeftOfASessionThatEndedOrOfAMessageThatNobodyHas() throws Exception {
        done(apply(queued(LARGE, 10, 1, 2), queued(LARGE, 20, 1), queued(1, 30, 1), new Change.Received(1, 9)));
        done(apply(new Change.Sent(1, 10, 1, 1), new Change.SessionEnded(1)));
        assertEquals(List.of("session 2", "queued 11"), reopened());
        assertEquals(1, rows(Keys.MESSAGE));
        done(apply(new Change.Dequeued(2, 11), new Change.SessionEnded(2)));
        assertEquals(0, rows(Keys.MESSAGE));
        assertEquals(0, rows(Keys.SESSION));
    }

    @Test
    void whileTheDiskIsFullNothingIsCompletedAndAfterwardsAllOfIt() {
        disk.fail("No space left on device");
        CompletionStage<Void> first = apply(queued(1, 1, 1));
        await(() -> storage.trouble().isPresent());
        assertEquals(
                directory + " cannot be used: No space left on device",
                storage.trouble().orElseThrow());
        CompletionStage<Void> second = apply(queued(1, 2, 1), new Change.Completed(1, 1, 1));
        CompletionStage<Void> nothing = apply();
        int writes = disk.writes.get();
        await(() -> disk.writes.get() >= writes + 2);
        assertFalse(isDone(first) || isDone(second) || isDone(nothing));
        disk.recover();
        done(nothing);
        assertTrue(isDone(first) && isDone(second));
        assertTrue(storage.trouble().isEmpty());
        assertEquals(List.of("session 1", "queued 2", "session 2"), reopened());
    }

    @Test
    void whatWasWrittenAlthoughItSeemedToFailIsUndoneByWhatComesLater() throws Exception {
        disk.failAfterWriting("Input/output error");
        apply(
                queued(LARGE, 1, 1, 2),
                session(3),
                queued(1, 5, 3),
                new Change.Received(1, 9),
                new Change.Received(1, 8));
        await(() -> storage.trouble().isPresent());
        CompletionStage<Void> last = apply(
                new Change.Completed(1, 1, 1),
                new Change.Dequeued(2, 2),
                new Change.Concluded(1, 9),
                new Change.SessionEnded(3));
        disk.recover();
        done(last);
        assertEquals(List.of("session 1", "received 8", "session 2"), reopened());
        assertEquals(0, rows(Keys.MESSAGE));
    }

    @Test
    void messagesAreReadWhileTheDiskIsFull() {
        done(apply(queued(LARGE, 1, 1)));
        disk.fail("No space left on device");
        apply(queued(1, 2, 1));
        await(() -> storage.trouble().isPresent());
        var read = storage.read(1, new long[] {2, 1}).toCompletableFuture().orTimeout(10, TimeUnit.SECONDS);
        assertEquals(
                List.of(2L, 1L),
                read.join().stream().map(entry -> entry.sequence()).toList());
    }

    @Test
    void aDiskThatIsTooSlowIsTroubleUntilItHasCaughtUp() {
        held(queued(1, 1, 1));
        CompletionStage<Void> last = apply();
        for (int i = 2; i < 40; i++) {
            last = apply(queued(LARGE, i, 1));
        }
        assertTrue(storage.trouble().orElseThrow().contains("so slow that"), "over 100,000 bytes wait");
        disk.release();
        done(last);
        assertTrue(storage.trouble().isEmpty());
    }

    @Test
    void whoWaitsForADiskThatStaysFullIsToldWhenTheStorageIsClosed() {
        disk.fail("No space left on device");
        CompletionStage<Void> lost = apply(queued(1, 1, 1));
        await(() -> storage.trouble().isPresent());
        storage.close();
        assertTrue(lost.toCompletableFuture().isCompletedExceptionally());
        storage = RocksDbStorage.open(RocksDbOptions.in(directory));
        assertEquals(List.of("session 1", "session 2"), Told.by(storage));
    }

    @Test
    void syncedByTimeAGroupIsDoneBeforeItIsOnTheDiskAndASyncThatFailsIsTriedAgain() {
        storage.close();
        storage = RocksDbStorage.open(RocksDbOptions.in(directory).withSyncEvery(Duration.ofMillis(50)), disk);
        disk.failToSync(true);
        done(apply(queued(1, 1, 1)));
        await(() -> storage.trouble().isPresent());
        CompletionStage<Void> meanwhile = apply(queued(1, 2, 1));
        disk.failToSync(false);
        done(meanwhile);
        await(() -> disk.syncs.get() > 0);
        assertTrue(storage.trouble().isEmpty());
        assertEquals(List.of("session 1", "queued 1", "queued 2", "session 2"), reopened());
    }

    @Test
    void whatIsNotSyncedYetIsSyncedWhenTheStorageIsClosed() {
        storage.close();
        storage = RocksDbStorage.open(RocksDbOptions.in(directory).withSyncEvery(Duration.ofHours(1)), disk);
        done(apply(queued(1, 1, 1)));
        assertEquals(0, disk.syncs.get());
        storage.close();
        assertEquals(1, disk.syncs.get());
        assertTrue(reopened().contains("queued 1"));
    }

    @Test
    void aRetainedMessageThatIsReplacedOftenIsWrittenOnce() throws Exception {
        held(queued(1, 1, 1));
        for (int i = 0; i < 5; i++) {
            apply(new Change.RetainedPut(Told.message("a", i)), new Change.RetainedPut(Told.message("b", i)));
        }
        CompletionStage<Void> last = apply(new Change.RetainedCleared(TopicName.of("b")));
        disk.release();
        done(last);
        assertEquals(1, rows(Keys.RETAINED));
    }

    private CompletionStage<Void> apply(Change... changes) {
        return storage.apply(List.of(changes));
    }

    /** Applies it, and has the disk wait in the middle of writing it. */
    private CompletionStage<Void> held(Change change) {
        int before = disk.writes.get();
        disk.hold();
        CompletionStage<Void> done = apply(change);
        await(() -> disk.writes.get() > before);
        return done;
    }

    private List<String> reopened() {
        storage.close();
        storage = RocksDbStorage.open(RocksDbOptions.in(directory), disk);
        return Told.by(storage);
    }

    /** How many rows of this kind are on the disk; the storage is opened anew. */
    private int rows(byte kind) throws Exception {
        storage.close();
        try (Database database = Database.open(directory, true, Database.Writing.NORMAL)) {
            return database.keysFrom(new byte[] {kind}).size();
        } finally {
            storage = RocksDbStorage.open(RocksDbOptions.in(directory), disk);
        }
    }

    private static void done(CompletionStage<Void> stage) {
        stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private static boolean isDone(CompletionStage<Void> stage) {
        return stage.toCompletableFuture().isDone();
    }

    private static void await(BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < until, "waited too long");
            Thread.onSpinWait();
        }
    }
}

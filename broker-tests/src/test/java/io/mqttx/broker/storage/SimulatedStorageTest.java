package io.mqttx.broker.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Storage;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.SimulatedStorage;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** A simulated storage is a storage, and loses exactly what the test wants lost. */
class SimulatedStorageTest {
    private final SimulatedStorage storage = new SimulatedStorage();

    /** What a storage must do, on a disk that works at once. */
    @Nested
    class Contract extends StorageContract {
        private final SimulatedStorage kept = new SimulatedStorage().syncAfter(new AtOnce(), 0);

        @Override
        Storage open() {
            return kept;
        }
    }

    @Test
    void nothingIsDurableBeforeTheTestSaysSo() {
        CompletableFuture<Void> first = put(1);
        CompletableFuture<Void> second = put(2);
        assertEquals(2, storage.waiting());
        assertFalse(first.isDone());
        storage.sync(1);
        assertTrue(first.isDone());
        assertFalse(second.isDone());
        storage.syncAll();
        assertTrue(second.isDone());
    }

    @Test
    void aCrashLosesWhatIsNotDurableAndCompletesNothing() {
        give(1);
        storage.syncAll();
        CompletableFuture<Void> lost = put(2);
        assertEquals(Set.of(1L), LoadedState.of(storage.crash()).sessions.keySet());
        assertFalse(lost.isDone());
        assertTrue(put(3).isCompletedExceptionally(), "nobody writes to a machine that is gone");
    }

    @Test
    void aCrashMayLeaveWhatNobodyWasToldOf() {
        give(1);
        give(2);
        give(3);
        assertEquals(Set.of(1L, 2L), LoadedState.of(storage.crash(2)).sessions.keySet());
    }

    @Test
    void theDiskTakesItsTimeOnTheLoop() {
        ManualLoops loops = new ManualLoops(1);
        storage.syncAfter(loops.all().get(0), 1_000_000);
        CompletableFuture<Void> done = put(1);
        loops.advance(Duration.ofNanos(999_999));
        assertFalse(done.isDone());
        loops.advance(Duration.ofNanos(1));
        assertTrue(done.isDone());
    }

    @Test
    void inTroubleEverythingWaitsAndIsDoneAfterwards() {
        ManualLoops loops = new ManualLoops(1);
        storage.syncAfter(loops.all().get(0), 1_000);
        storage.fail("the disk is full");
        CompletableFuture<Void> first = put(1);
        CompletableFuture<Void> second = put(2);
        loops.advance(Duration.ofHours(1));
        assertFalse(first.isDone());
        assertEquals(Optional.of("the disk is full"), storage.trouble());
        storage.syncAfter(loops.all().get(0), 1_000_000);
        give(3);
        storage.recover();
        loops.run();
        assertTrue(first.isDone() && second.isDone());
        assertEquals(Optional.empty(), storage.trouble());
        assertEquals(1, storage.waiting(), "the third is not due yet");
    }

    @Test
    void whoClosesItInTroubleIsTold() {
        storage.fail("the disk is full");
        CompletableFuture<Void> lost = put(1);
        storage.close();
        assertThrows(CompletionException.class, lost::join);
        assertEquals(Set.of(), LoadedState.of(storage).sessions.keySet());
    }

    private void give(long session) {
        storage.apply(List.of(StorageContract.session(session)));
    }

    private CompletableFuture<Void> put(long session) {
        return storage.apply(List.of(StorageContract.session(session))).toCompletableFuture();
    }

    /** A loop that does at once what it is given, whenever that is due. */
    private static final class AtOnce implements Loop {
        @Override
        public void execute(Runnable task) {
            task.run();
        }

        @Override
        public boolean isCurrent() {
            return true;
        }

        @Override
        public Timer schedule(Runnable task, long nanos) {
            task.run();
            return Timer.NONE;
        }

        @Override
        public long now() {
            return 0;
        }
    }
}

package io.mqttx.testkit;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.storage.KeptState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A storage whose disk the test moves: what is applied becomes durable when the test says so, or by itself after a time
 * of the loops' clock, and is lost in a {@linkplain #crash crash} before that.
 *
 * <p>Stages complete while the test moves on: inside {@link #sync} and {@link #syncAll}, or in a task of the loop. Made
 * for one thread, that of {@link ManualLoops}; others come to no harm, but the order is theirs.
 */
public final class SimulatedStorage implements Storage {
    private final Deque<Given> waiting = new ArrayDeque<>(); // applied, and not durable yet
    private final KeptState durable;
    private KeptState applied; // durable, and all that waits: what reads see
    private Optional<Loop> disk = Optional.empty();
    private long nanos; // what the disk takes for each batch
    private Optional<String> trouble = Optional.empty();
    private Optional<String> unreadable = Optional.empty();
    private boolean closed;

    /** A batch; {@code due} is when the disk is through with it, by the loop's clock. */
    private record Given(List<Change> changes, CompletableFuture<Void> done, long due) {}

    private SimulatedStorage(KeptState durable) {
        this.durable = durable;
        this.applied = durable.copy();
    }

    /** With nothing kept, and nothing durable before {@link #sync} or {@link #syncAll}. */
    public SimulatedStorage() {
        this(new KeptState());
    }

    /**
     * From now on what is applied is durable after this many nanoseconds, on this loop, unless there is
     * {@linkplain #fail trouble}; 0: as soon as the loop comes to it.
     */
    public synchronized SimulatedStorage syncAfter(Loop loop, long delay) {
        disk = Optional.of(Objects.requireNonNull(loop, "loop"));
        nanos = delay;
        return this;
    }

    /** How many batches wait to become durable. */
    public synchronized int waiting() {
        return waiting.size();
    }

    /** Makes the oldest batches durable, this many if there are, and completes their stages; trouble or not. */
    public synchronized void sync(int batches) {
        for (int i = 0; i < batches && !waiting.isEmpty(); i++) {
            Given next = waiting.remove();
            durable.apply(next.changes);
            next.done.complete(null);
        }
    }

    /** Makes all durable that waits now; what that brings about waits again. */
    public synchronized void syncAll() {
        sync(waiting.size());
    }

    /** The disk cannot write for this reason: nothing becomes durable by itself, and {@link #trouble} tells it. */
    public synchronized void fail(String reason) {
        trouble = Optional.of(reason);
    }

    /** What is asked for cannot be read, for this reason. */
    public synchronized void failReads(String reason) {
        unreadable = Optional.of(reason);
    }

    /** The disk can read and write again, and does what waits if it works by itself. */
    public synchronized void recover() {
        trouble = Optional.empty();
        unreadable = Optional.empty();
        disk.ifPresent(loop -> loop.execute(this::syncDue));
    }

    /** The machine is gone and with it what is not durable; a new broker finds the rest in the storage returned. */
    public synchronized SimulatedStorage crash() {
        return crash(0);
    }

    /**
     * The machine is gone; this many of the oldest batches that wait had reached the disk, although nobody has been
     * told.
     */
    public synchronized SimulatedStorage crash(int survivors) {
        List<Given> survived = waiting.stream().limit(survivors).toList();
        KeptState left = durable.copy();
        survived.forEach(given -> left.apply(given.changes));
        waiting.clear(); // nobody is left to be told
        closed = true;
        SimulatedStorage next = new SimulatedStorage(left);
        next.disk = disk;
        next.nanos = nanos;
        return next;
    }

    /** What a broker would find that starts after everything that waits was lost. */
    public synchronized KeptState durable() {
        return durable.copy();
    }

    @Override
    public synchronized CompletionStage<Void> apply(List<Change> changes) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (closed) {
            done.completeExceptionally(new IllegalStateException("the storage is closed"));
            return done;
        }
        applied.apply(changes);
        waiting.add(new Given(
                List.copyOf(changes), done, disk.map(loop -> loop.now() + nanos).orElse(Long.MAX_VALUE)));
        if (nanos == 0) {
            disk.ifPresent(loop -> loop.execute(this::syncDue)); // no timer: the clock need not move
        } else {
            disk.ifPresent(loop -> loop.schedule(this::syncDue, nanos));
        }
        return done;
    }

    @Override
    public synchronized Optional<String> trouble() {
        return trouble;
    }

    /** {@inheritDoc} On the loop of the disk, if there is one, else at once. */
    @Override
    public synchronized CompletionStage<List<Kept.Entry>> read(long session, long[] sequences) {
        List<Kept.Entry> found = applied.read(session, sequences);
        Optional<UncheckedIOException> fault =
                unreadable.map(reason -> new UncheckedIOException(reason, new IOException(reason)));
        CompletableFuture<List<Kept.Entry>> read = new CompletableFuture<>();
        Runnable answer = () -> fault.ifPresentOrElse(read::completeExceptionally, () -> read.complete(found));
        disk.ifPresentOrElse(loop -> loop.execute(answer), answer);
        return read;
    }

    @Override
    public synchronized void load(Loader into) {
        durable.load(into);
    }

    @Override
    public String description() {
        return "simulated: durable when the test says so";
    }

    /** Makes durable what waits, or fails it if there is trouble. The storage can be used again. */
    @Override
    public synchronized void close() {
        if (trouble.isEmpty()) {
            syncAll();
        }
        while (!waiting.isEmpty()) {
            waiting.remove().done.completeExceptionally(new IllegalStateException("closed before it was written"));
        }
        applied = durable.copy();
    }

    private synchronized void syncDue() {
        while (trouble.isEmpty() && !waiting.isEmpty() && waiting.peek().due <= now()) {
            sync(1);
        }
    }

    private long now() {
        return disk.map(Loop::now).orElse(Long.MIN_VALUE);
    }
}

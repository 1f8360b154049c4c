package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Storage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The changes that one loop makes, on their way to the storage: all of a turn of the loop in one batch, which is kept
 * as a whole or not at all. On that loop; one without a loop belongs to the thread that asked for it.
 *
 * <p>Batches are numbered. Who promises somebody that a change is kept remembers {@link #filling} and speaks when that
 * batch {@link #isSafe}.
 */
public final class Journal implements Runnable {
    private final Storage storage;
    private final Optional<Loop> loop;
    private final Deque<Waiting> waiting = new ArrayDeque<>(0);
    private List<Change> changes = new ArrayList<>();
    private List<Runnable> letters = new ArrayList<>(0);
    private long filling = 1;
    private long entries; // how many changes and marks there were so far
    private boolean called; // the end of this turn is awaited
    private volatile long safe; // up to there; written by the storage
    private volatile boolean awaited; // whether the loop wants to know when that grows

    private record Waiting(long batch, Runnable then) {}

    Journal(Storage storage, Optional<Loop> loop) {
        this.storage = storage;
        this.loop = loop;
    }

    /** Whether it belongs to no loop, and has to be {@linkplain #submit submitted} by who asked for it. */
    public boolean isDetached() {
        return loop.isEmpty();
    }

    /** One more change in this turn's batch. */
    public void add(Change change) {
        changes.add(change);
        entries++;
        call();
    }

    /** The storage was told something directly: this turn's batch is safe only after that. */
    public void follow() {
        entries++;
        call();
    }

    /** How many changes there have been; who sees it grow has something to wait for. */
    public long entries() {
        return entries;
    }

    /** Whether something waits for the end of this turn, which what is sent to other loops must not overtake. */
    public boolean holdsLetters() {
        return !letters.isEmpty();
    }

    /** Does something as soon as the storage was given this turn's changes. */
    public void afterwards(Runnable letter) {
        letters.add(letter);
        call();
    }

    /** The number of this turn's batch. */
    public long filling() {
        return filling;
    }

    /** Whether this batch, and all before, cannot be lost any more. */
    public boolean isSafe(long batch) {
        return batch <= safe;
    }

    /** Calls {@code then} on the loop once this batch is safe; in the order of the calls. */
    public void whenSafe(long batch, Runnable then) {
        waiting.add(new Waiting(batch, then));
        awaited = true;
        if (isSafe(batch)) {
            loop.orElseThrow().execute(this::tell); // it became so before the line above
        }
    }

    /** The turn is over. */
    @Override
    public void run() {
        called = false;
        submit();
    }

    /** Gives the storage what there is; completes when that is safe. */
    public CompletionStage<Void> submit() {
        List<Change> batch = changes;
        List<Runnable> posts = letters;
        changes = new ArrayList<>();
        letters = new ArrayList<>(0);
        long number = filling++;
        CompletionStage<Void> kept = storage.apply(batch);
        posts.forEach(Runnable::run);
        loop.ifPresent(of -> kept.thenRun(() -> {
            safe = number;
            if (awaited) {
                of.execute(this::tell);
            }
        }));
        return kept;
    }

    private void call() {
        if (!called && loop.isPresent()) {
            called = true;
            loop.get().execute(this);
        }
    }

    private void tell() {
        while (!waiting.isEmpty() && isSafe(waiting.element().batch)) {
            waiting.remove().then.run();
        }
        awaited = !waiting.isEmpty();
        if (awaited && isSafe(waiting.element().batch)) {
            loop.orElseThrow().execute(this::tell);
        }
    }
}

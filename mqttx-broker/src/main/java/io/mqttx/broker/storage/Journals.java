package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** A storage as the rooms of the broker use it: a journal for each loop, and numbers. Safe for all threads. */
public final class Journals {
    private final Storage storage;
    private final Clocks clocks;
    private final List<Loop> loops;
    private final List<Journal> journals = new ArrayList<>();
    private final AtomicLong last = new AtomicLong();

    /** Journals of these loops. */
    public Journals(Storage storage, Clocks clocks, List<Loop> loops) {
        this.storage = storage;
        this.clocks = clocks;
        this.loops = List.copyOf(loops);
        loops.forEach(loop -> journals.add(new Journal(storage, Optional.of(loop))));
    }

    /** Those of a broker that keeps nothing. */
    public static Journals none(Clocks clocks) {
        return new Journals(new NoStorage(), clocks, List.of());
    }

    /** Whether anything is kept; if not, nobody need ask for a journal. */
    public boolean keeps() {
        return storage.keeps();
    }

    /** That of this loop. */
    public Journal of(Loop loop) {
        int index = loops.indexOf(loop);
        return index < 0 ? new Journal(storage, Optional.of(loop)) : journals.get(index);
    }

    /** That of the caller's loop; on other threads one of its own, which the caller has to submit. */
    public Journal here() {
        for (int i = 0; i < loops.size(); i++) {
            if (loops.get(i).isCurrent()) {
                return journals.get(i);
            }
        }
        return new Journal(storage, Optional.empty());
    }

    /** A number that was not given before: for sessions, queued messages and the order of sending. */
    public long next() {
        return last.incrementAndGet();
    }

    /** This number was given out by a broker before this one. */
    public void isTaken(long number) {
        last.accumulateAndGet(number, Math::max);
    }

    /** The two ways to tell the time. */
    public Clocks clocks() {
        return clocks;
    }

    /** Why nothing more can be kept for the moment; empty when all is well. */
    public Optional<String> trouble() {
        return storage.trouble();
    }

    /** Queued messages of a session, see {@link Storage#read}. */
    public CompletionStage<List<Kept.Entry>> read(long session, long[] sequences) {
        return storage.read(session, sequences);
    }
}

package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Keeps everything in memory: as safe as the process. A broker that is built with the storage of one that was closed
 * goes on where that stopped: {@link #close} lets go of nothing, and what is applied after it is kept too.
 *
 * <p>For tests, and for brokers that come and go inside one process.
 */
public final class MemoryStorage implements Storage {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

    private final KeptState state = new KeptState(); // guarded by this

    /** Nothing kept yet. */
    public MemoryStorage() {}

    @Override
    public synchronized CompletionStage<Void> apply(List<Change> changes) {
        state.apply(changes);
        return DONE; // as safe as it will ever be
    }

    @Override
    public synchronized CompletionStage<List<Kept.Entry>> read(long session, long[] sequences) {
        return CompletableFuture.completedStage(state.read(session, sequences));
    }

    /** {@inheritDoc} Here at any time: it hands out what there is at that moment. */
    @Override
    public synchronized void load(Loader into) {
        state.load(into);
    }

    @Override
    public String description() {
        return "in memory: sessions and retained messages live as long as the process";
    }

    @Override
    public void close() {
        // the next broker finds all that is here
    }
}

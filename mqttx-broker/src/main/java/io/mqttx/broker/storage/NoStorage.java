package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Keeps nothing: the broker's own memory is the state, and gone with it. */
public final class NoStorage implements Storage {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

    /** Nothing to open. */
    public NoStorage() {}

    @Override
    public boolean keeps() {
        return false;
    }

    @Override
    public CompletionStage<Void> apply(List<Change> changes) {
        return DONE; // as safe as it will ever be
    }

    @Override
    public CompletionStage<List<Kept.Entry>> read(long session, long[] sequences) {
        return CompletableFuture.completedStage(List.of());
    }

    @Override
    public void load(Loader into) {
        // a new broker starts empty
    }

    @Override
    public void close() {
        // nothing to close
    }

    @Override
    public String description() {
        return "in memory: sessions and retained messages are gone when the broker stops";
    }
}

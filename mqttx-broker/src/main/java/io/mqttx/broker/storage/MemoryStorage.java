package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Storage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Keeps nothing: the broker's own memory is the state, and gone with the process. Every change is as safe as it will
 * ever be at once.
 */
public final class MemoryStorage implements Storage {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);

    /** Nothing to open. */
    public MemoryStorage() {}

    @Override
    public CompletionStage<Void> apply(List<Change> changes) {
        return DONE;
    }

    @Override
    public void loadRetained(Consumer<Change.RetainedPut> into) {
        // a new process starts empty
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

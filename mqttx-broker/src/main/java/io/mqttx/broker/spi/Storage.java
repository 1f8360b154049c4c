package io.mqttx.broker.spi;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Keeps what outlives a broker: the journal of changes to sessions and retained messages. Limits, expiry and order are
 * decided above it. Safe for all threads.
 */
public interface Storage extends AutoCloseable {

    /** Does all of them or none, in order; completes when they cannot be lost any more. */
    CompletionStage<Void> apply(List<Change> changes);

    /** Hands out every retained message, once, before the broker starts. */
    void loadRetained(Consumer<Change.RetainedPut> into);

    @Override
    void close();

    /** Where the state is kept, in a sentence for a log line. */
    String description();
}

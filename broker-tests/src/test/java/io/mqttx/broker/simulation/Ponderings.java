package io.mqttx.broker.simulation;

import io.mqttx.broker.api.PublishDecision;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Decisions of handlers that take their time. */
final class Ponderings {
    private final List<Pondering> open = new ArrayList<>();

    private record Pondering(CompletableFuture<PublishDecision> promise, PublishDecision decision) {}

    /** The same decision, made known when {@link #end} or {@link #endSome} says so. */
    PublishDecision later(PublishDecision decision) {
        Pondering pondering = new Pondering(new CompletableFuture<>(), decision);
        open.add(pondering);
        return PublishDecision.later(pondering.promise);
    }

    /** Some become known, in any order. */
    void endSome(Random random) {
        for (Pondering pondering : List.copyOf(open)) {
            if (random.nextInt(4) == 0) {
                open.remove(pondering);
                pondering.promise.complete(pondering.decision);
            }
        }
    }

    /** All become known. */
    void end() {
        List<Pondering> all = List.copyOf(open);
        open.clear();
        all.forEach(pondering -> pondering.promise.complete(pondering.decision));
    }

    /** Whoever waited is gone. */
    void forget() {
        open.clear();
    }
}

package io.mqttx.broker.simulation;

import io.mqttx.broker.api.PublishDecision;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** Decisions of handlers that take their time. */
final class Ponderings {
    private final List<Pondering> open = new ArrayList<>();

    private record Pondering(
            CompletableFuture<PublishDecision> promise, PublishDecision decision, Runnable beforehand) {
        void end() {
            beforehand.run();
            promise.complete(decision);
        }
    }

    /** The same decision, made known when {@link #end} or {@link #endSome} says so, after this was done. */
    PublishDecision later(PublishDecision decision, Runnable beforehand) {
        Pondering pondering = new Pondering(new CompletableFuture<>(), decision, beforehand);
        open.add(pondering);
        return PublishDecision.later(pondering.promise);
    }

    /** Some become known, in any order. */
    void endSome(Random random) {
        for (Pondering pondering : List.copyOf(open)) {
            if (random.nextInt(4) == 0) {
                open.remove(pondering);
                pondering.end();
            }
        }
    }

    /** All become known. */
    void end() {
        List<Pondering> all = List.copyOf(open);
        open.clear();
        all.forEach(Pondering::end);
    }

    /** Whoever waited is gone. */
    void forget() {
        open.clear();
    }
}

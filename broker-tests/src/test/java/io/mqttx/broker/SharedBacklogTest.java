package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.options;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.spi.Storage;
import io.mqttx.testkit.SimulatedStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On a disk that takes its time. */
class SharedBacklogTest extends SharedBacklogContract {
    private static final Duration SYNC = Duration.ofMillis(1);

    private SimulatedStorage storage = new SimulatedStorage();

    @Test
    void whereverTheDiskWasEachHasOneOwnerAfterACrash() {
        for (int steps = 0; steps < 20; steps++) {
            // given
            storage = new SimulatedStorage();
            loops.forgetEverything();
            start(begin(), options());
            List<String> all = awayWithMany();
            leave(member(stays("heir", 10), "$share/g/a"));

            // when
            broker.open(V5).send(startsClean("away"));
            loops.run(); // the session has ended, and another of that client begins
            loops.advance(SYNC.multipliedBy(steps));
            start(crash(), options());

            // then
            List<String> got = new ArrayList<>(comesBackTo("heir"));
            got.addAll(comesBackTo("away")); // of a session that had not ended yet as far as the disk knew
            assertEquals(all, got, "after " + steps + " steps");
            assertEquals(0, broker.broker.metrics().get("store/messages/count"));
        }
    }

    @Override
    Storage begin() {
        return storage.syncAfter(loops.all().get(0), SYNC.toNanos());
    }

    @Override
    Storage crash() {
        loops.forgetEverything();
        storage = storage.crash();
        return begin();
    }

    @Override
    void settle() {
        do {
            loops.advance(SYNC);
        } while (storage.waiting() > 0);
        loops.run();
    }
}

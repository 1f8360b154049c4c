package io.mqttx.broker.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.spi.Loop;
import io.mqttx.testkit.ManualLoops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VigilTest {
    private static final long TENTH = 100_000_000L; // of a second

    private final ManualLoops loops = new ManualLoops(1);
    private final Loop loop = loops.all().get(0);
    private final Vigil vigil = new Vigil(loop);
    private final List<Long> lateness = new ArrayList<>();

    /** Waits until then, as often as it is asked. */
    private final class Waiting implements Vigil.Watched {
        private final long due;

        Waiting(long due) {
            this.due = due;
        }

        Loop.Timer begin() {
            return vigil.lookAt(this, due - loop.now());
        }

        @Override
        public void timePassed() {
            if (loop.now() < due) {
                begin();
            } else {
                lateness.add(loop.now() - due);
            }
        }
    }

    @Test
    void everybodyIsLookedAtInTimeHoweverLongTheyWait() {
        // given
        Random random = new Random(1);

        // when
        for (int i = 0; i < 1000; i++) {
            new Waiting(loop.now() + (long) (random.nextDouble() * 400e9)).begin();
            loops.advance(Duration.ofNanos(random.nextInt(500_000_000)));
        }
        loops.advance(Duration.ofSeconds(400));

        // then
        assertEquals(1000, lateness.size());
        assertTrue(lateness.stream().allMatch(late -> late <= TENTH), lateness::toString);
    }

    @Test
    void whoCancelsIsNotLookedAtAndTheOthersAre() {
        // given
        Loop.Timer first = new Waiting(10 * TENTH).begin();
        new Waiting(10 * TENTH).begin();
        Loop.Timer third = new Waiting(10 * TENTH).begin();

        // when
        first.cancel();
        third.cancel();
        third.cancel(); // which does nothing more
        loops.advance(Duration.ofSeconds(1));

        // then
        assertEquals(List.of(0L), lateness);
    }

    @Test
    void whoIsDueAlreadyIsLookedAtAtOnce() {
        // when
        new Waiting(0).begin();
        loops.advance(Duration.ofNanos(TENTH));

        // then
        assertEquals(List.of(TENTH), lateness);
    }

    /** Otherwise a loop that stood still, for a collection say, would go on looking at one client. */
    @Test
    void whoAsksAgainAfterALoopHasStoodStillIsLookedAtOnce() {
        // given
        Stubborn client = new Stubborn();
        vigil.lookAt(client, TENTH);

        // when
        loops.passUnseen(Duration.ofMillis(350));
        loops.run();

        // then
        assertEquals(1, client.looks);
        loops.advance(Duration.ofHours(1));
        assertEquals(1 + 3600 / 102, client.looks); // each time after the longest that the wheel has room for
    }

    /** Asks again for the longest time, whenever it is looked at. */
    private final class Stubborn implements Vigil.Watched {
        private int looks;

        @Override
        public void timePassed() {
            assertTrue(looks++ < 1000, "it is looked at for ever");
            vigil.lookAt(this, Duration.ofDays(1).toNanos());
        }
    }

    @Test
    void whoFailsDoesNotKeepTheVigilFromTheOthers() {
        // given
        vigil.lookAt(
                () -> {
                    throw new IllegalStateException("fails");
                },
                TENTH);
        new Waiting(TENTH).begin();
        new Waiting(2 * TENTH).begin();

        // when
        loops.passUnseen(Duration.ofNanos(2 * TENTH));
        assertThrows(IllegalStateException.class, loops::run);
        loops.advance(Duration.ofNanos(TENTH));

        // then
        assertEquals(List.of(2 * TENTH, TENTH), lateness);
    }
}

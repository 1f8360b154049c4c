package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackOffTest {
    private static final ReconnectOptions OPTIONS = ReconnectOptions.builder()
            .firstDelay(Duration.ofNanos(100))
            .maxDelay(Duration.ofNanos(700))
            .stableAfter(Duration.ofNanos(1000))
            .build();

    /** Always the longest pause. */
    private static final RandomGenerator HIGHEST = new RandomGenerator() {
        @Override
        public long nextLong() {
            return -1;
        }

        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    };

    @Test
    void thePauseDoublesUpToTheCap() {
        BackOff backOff = new BackOff(OPTIONS, HIGHEST);

        assertEquals(100, backOff.next());
        assertEquals(200, backOff.next());
        assertEquals(400, backOff.next());
        assertEquals(700, backOff.next());
        assertEquals(700, backOff.next());
    }

    @Test
    void thePauseIsAnyPartOfTheWhole() {
        BackOff backOff = new BackOff(OPTIONS, new SplittableRandom(7));
        long least = Long.MAX_VALUE;
        long most = 0;
        for (int i = 0; i < 1000; i++) {
            long pause = backOff.next();
            least = Math.min(least, pause);
            most = Math.max(most, pause);
        }

        assertTrue(least < 20, "full jitter begins at 0, not at " + least);
        assertTrue(most > 680 && most <= 700, "and ends at the cap, not at " + most);
    }

    @Test
    void aConnectionThatLastedMakesThePausesShortAgain() {
        // given
        BackOff backOff = new BackOff(OPTIONS, HIGHEST);
        backOff.next();
        backOff.next();

        // when, then
        assertFalse(backOff.lost(Long.MAX_VALUE, Long.MAX_VALUE + 999));
        assertEquals(400, backOff.next());
        assertTrue(backOff.lost(Long.MAX_VALUE, Long.MAX_VALUE + 1000));
        assertEquals(100, backOff.next());
    }
}

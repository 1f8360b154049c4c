package io.mqttx.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SlotBitsTest {
    private final SlotBits bits = new SlotBits();

    @Test
    void theNextOneIsThatOfASortedSetWhateverWasSetAndCleared() {
        // given
        int size = 5000;
        Random random = new Random(3);
        TreeSet<Integer> model = new TreeSet<>();
        bits.reach(size);
        for (int round = 0; round < 20_000; round++) {
            // when
            int number = random.nextInt(size);
            if (random.nextInt(size) < model.size() * 20) { // sparse, so that empty words and pages are met
                bits.clear(number);
                model.remove(number);
            } else {
                bits.set(number);
                model.add(number);
            }

            // then
            int from = random.nextInt(size);
            Integer after = model.ceiling(from);
            int expected = after != null ? after : model.isEmpty() ? -1 : model.first();
            assertEquals(expected, bits.next(from));
        }
    }

    @Test
    void nobodyIsFoundInAnEmptySet() {
        assertEquals(-1, bits.next(0));
        bits.reach(10);
        assertEquals(-1, bits.next(7));
        bits.set(3);
        bits.clear(3);
        assertEquals(-1, bits.next(0));
    }

    @Test
    void neighboursThatAreSetAndClearedByAnotherThreadWhileTheSetGrowsLoseNothing()
            throws InterruptedException, ExecutionException {
        // given
        bits.reach(64);
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            // when
            Future<?> neighbour = other.submit(() -> {
                for (int i = 0; i < 200_000; i++) {
                    bits.set(5);
                    bits.clear(5);
                }
            });
            for (int i = 0; !neighbour.isDone(); i++) {
                bits.reach(Math.min(64 + i, 100_000));
                bits.set(7);

                // then
                assertEquals(7, bits.next(6));
                bits.clear(7);
            }
            neighbour.get();
            assertEquals(-1, bits.next(0));
        } finally {
            other.shutdownNow();
        }
    }
}

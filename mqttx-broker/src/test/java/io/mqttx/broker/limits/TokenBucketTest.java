package io.mqttx.broker.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.Rate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
    private static final long START = Long.MAX_VALUE - 1_000_000_000L; // the loops' clock may wrap around
    private static final long SECOND = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7, 10, 1000})
    void theAmountOfOneIntervalMayComeAtOnce(int amount) {
        TokenBucket bucket = new TokenBucket(Rate.perSecond(amount), START);

        assertEquals(amount, takenAt(START, bucket));
        assertEquals(0, takenAt(START, bucket));
    }

    @Test
    void tokensComeBackEvenlyAndNoMoreThanOneIntervalKeeps() {
        TokenBucket bucket = new TokenBucket(Rate.perSecond(10), START);
        takenAt(START, bucket);

        assertEquals(0, takenAt(after(SECOND / 10 - 1), bucket));
        assertEquals(1, takenAt(after(SECOND / 10), bucket));
        assertEquals(5, takenAt(after(6 * SECOND / 10), bucket));
        assertEquals(10, takenAt(after(3600 * SECOND), bucket));
    }

    @Test
    void whatIsTakenBeyondIsADebt() {
        TokenBucket bucket = new TokenBucket(Rate.perSecond(1000), START);

        bucket.take(5000, START);

        assertEquals(4 * SECOND + SECOND / 1000, bucket.untilNext(START));
        assertFalse(bucket.tryTake(after(4 * SECOND)));
        assertTrue(bucket.tryTake(after(4 * SECOND + SECOND / 1000)));
    }

    @Test
    void ratesAboveATokenInANanosecondHold() {
        TokenBucket bucket = new TokenBucket(new Rate(10_000_000_000L, Duration.ofSeconds(1)), START);

        bucket.take(15_000_000_000L, START);

        assertEquals(SECOND / 2, bucket.untilNext(START));
    }

    @Test
    void severalThreadsTogetherTakeNoMoreThanThereIs() throws InterruptedException {
        TokenBucket bucket = new TokenBucket(Rate.perSecond(100_000), START);
        AtomicInteger taken = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Thread thread = new Thread(() -> taken.addAndGet(takenAt(START, bucket)));
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertEquals(100_000, taken.get());
    }

    private static long after(long nanos) {
        return START + nanos;
    }

    private static int takenAt(long now, TokenBucket bucket) {
        int taken = 0;
        while (bucket.tryTake(now)) {
            taken++;
        }
        return taken;
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which threads clients run on. */
@Timeout(60)
class ThreadsTest {
    private static final boolean VIRTUAL_THERE = Runtime.version().feature() >= 24;

    @Test
    void aFewArePlatformThreadsAndTheRestAreVirtualWhereThereAreSuch() throws Exception {
        CompletableFuture<Void> go = new CompletableFuture<>();
        List<CompletableFuture<Boolean>> virtual = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            virtual.add(start(go));
        }

        int count = 0;
        for (CompletableFuture<Boolean> one : virtual) {
            count += one.get(10, TimeUnit.SECONDS) ? 1 : 0;
        }
        go.complete(null);

        if (VIRTUAL_THERE) {
            assertTrue(count >= 68, () -> "at most 32 of 100 are platform threads");
        } else {
            assertEquals(0, count);
        }
    }

    @Test
    void whenThereIsLittleToDoAllArePlatformThreads() throws Exception {
        CompletableFuture<Void> go = CompletableFuture.completedFuture(null);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);

        while (start(go).get(10, TimeUnit.SECONDS)) { // as long as those of other tests have not gone
            assertTrue(System.nanoTime() < deadline, "there is a platform thread again");
        }
    }

    /** A thread that is there until it may go. */
    private static CompletableFuture<Boolean> start(CompletableFuture<Void> go) {
        CompletableFuture<Boolean> virtual = new CompletableFuture<>();
        Threads.start("test", () -> {
            virtual.complete(Threads.isVirtual());
            go.join();
        });
        return virtual;
    }
}

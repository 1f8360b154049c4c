package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Load for a while: 20 seconds with each build, as long as you like with {@code bin/soak}. */
class SoakIT {
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("mqttx.soak.seconds", 20));
    private static final Pattern USED = Pattern.compile("used (\\d+)K");
    private static final double MOST_GROWTH = 1.2; // of the least of the last third of the samples beside the first
    private static final long UNDER_LOAD = 16 << 10; // KiB that may be on their way in one third and not in the other
    private static final long AT_REST = 8 << 10; // KiB that may be more when everybody has left
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    @Test
    void nothingIsLostNothingComesTwiceAndTheHeapStaysFlat() throws InterruptedException {
        List<Long> heap = new ArrayList<>();
        try (BrokerProcess broker = BrokerProcess.start()) {
            long before = liveHeap(broker.pid());
            Soak soak = new Soak(broker.port());
            soak.play(TIME, TIME.dividedBy(20), () -> heap.add(liveHeap(broker.pid())));

            long after = atRest(broker.pid(), before + AT_REST);
            boolean flat = isFlat(heap) && after <= before + AT_REST;
            System.out.printf(
                    Locale.ROOT,
                    "Soak of %d s. %s. Live heap in KiB: %d before, %s under load, %d after: %s%n",
                    TIME.toSeconds(),
                    soak.summary(),
                    before,
                    heap,
                    after,
                    flat ? "flat" : "GROWING");
            assertEquals(List.of(), soak.failures());
            assertTrue(soak.atLeastOnce().sent() > 0 && soak.exactlyOnce().sent() > 0);
            assertEquals(0, soak.atLeastOnce().missing(), soak.summary());
            assertEquals(0, soak.exactlyOnce().missing(), soak.summary());
            assertEquals(0, soak.exactlyOnce().again(), soak.summary());
            assertTrue(flat, () -> "the heap grows: " + heap);
        }
    }

    private static boolean isFlat(List<Long> samples) {
        int third = Math.max(1, samples.size() / 3);
        long first = Collections.min(samples.subList(0, third));
        long last = Collections.min(samples.subList(samples.size() - third, samples.size()));
        return last <= first * MOST_GROWTH + UNDER_LOAD;
    }

    /** The live heap once everybody has left, as soon as it is no more than this: the last connections linger. */
    private static long atRest(long pid, long most) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        long used = liveHeap(pid);
        while (used > most && System.nanoTime() < deadline) {
            used = liveHeap(pid);
        }
        return used;
    }

    /** KiB of objects that are alive, after a collection. */
    private static long liveHeap(long pid) {
        jcmd(pid, "GC.run");
        Matcher used = USED.matcher(String.join("\n", jcmd(pid, "GC.heap_info")));
        if (!used.find()) {
            throw new IllegalStateException("no heap in the answer of jcmd");
        }
        return Long.parseLong(used.group(1));
    }

    private static List<String> jcmd(long pid, String what) {
        String program = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        try (RunningCommand command = RunningCommand.start(List.of(program, Long.toString(pid), what))) {
            command.awaitEnd();
            return command.lines();
        }
    }
}

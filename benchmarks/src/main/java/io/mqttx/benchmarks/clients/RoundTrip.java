package io.mqttx.benchmarks.clients;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * A thousand messages a second to a server that sends them back. Each has its time, whether or not those before it are
 * back; how late it is counts from then, so a client that falls behind cannot hide it.
 */
final class RoundTrip {
    private static final int WARM_UP = 4_000;
    private static final int MEASURED = 8_000;
    private static final long EVERY = 1_000_000; // nanoseconds
    private static final long SPIN = 100_000; // nanoseconds before its time; the same for all clients

    private final Contestant client;
    private final int qos;
    private final long[] nanos = new long[WARM_UP + MEASURED];
    private final AtomicInteger back = new AtomicInteger();

    RoundTrip(Contestant client, int qos) {
        this.client = client;
        this.qos = qos;
    }

    Map<String, Double> run() throws Exception {
        client.subscribe("echo/#", qos, this::cameBack);
        publish(WARM_UP);
        Cpu cpu = new Cpu();
        publish(MEASURED);
        Map<String, Double> figures = new LinkedHashMap<>();
        long[] measured = Arrays.copyOfRange(nanos, WARM_UP, nanos.length);
        Arrays.sort(measured);
        figures.put("p50", measured[MEASURED / 2] / 1e3);
        figures.put("p99", measured[MEASURED * 99 / 100] / 1e3);
        figures.put("cpu", cpu.figures(MEASURED).get("cpu"));
        client.close();
        return figures;
    }

    private void publish(int count) throws Exception {
        int before = back.get();
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            long due = start + i * EVERY;
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                if (left > SPIN) {
                    LockSupport.parkNanos(left - SPIN);
                } else {
                    Thread.onSpinWait();
                }
            }
            client.publishOne("echo/here", ByteBuffer.allocate(16).putLong(due).array(), qos);
        }
        for (int i = 0; back.get() < before + count && i < 2000; i++) {
            Trial.sleep(1_000_000);
        }
        Trial.require(back.get() == before + count, back.get() - before + " came back of " + count);
    }

    private void cameBack(ByteBuffer payload) {
        long took = System.nanoTime() - payload.getLong(payload.position());
        nanos[back.get()] = took;
        back.incrementAndGet();
    }
}

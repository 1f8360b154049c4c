package io.mqttx.benchmarks.clients;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** Many clients in one JVM: how long until all are connected, what they cost at rest, and that each works. */
final class Many {
    private static final int MESSAGES = 20; // of each client
    private static final long REST = 2_500_000_000L; // nanoseconds until threads without work have gone

    private final Contestant.Maker maker;
    private final int port;
    private final int count;
    private final List<Contestant> clients = new ArrayList<>();
    private final AtomicLong back = new AtomicLong();

    Many(Contestant.Maker maker, int port, int count) {
        this.maker = maker;
        this.port = port;
        this.count = count;
    }

    Map<String, Double> run() throws Exception {
        double heapBefore = heap();
        double residentBefore = resident();
        long began = System.nanoTime();
        connectAll();
        double millis = (System.nanoTime() - began) / 1e6;
        Cpu cpu = new Cpu();
        exchange();
        double cost = cpu.figures((long) count * MESSAGES).get("cpu");
        Trial.sleep(REST);
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("connect", millis);
        figures.put("heap", (heap() - heapBefore) / count);
        figures.put("resident", (resident() - residentBefore) / count);
        figures.put("threads", (double) ManagementFactory.getThreadMXBean().getThreadCount());
        figures.put("cpu", cost);
        for (Contestant client : clients) {
            client.close();
        }
        return figures;
    }

    private void connectAll() throws Exception {
        List<CompletableFuture<Contestant>> connecting = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            connecting.add(maker.connect("client-" + i, port));
        }
        for (CompletableFuture<Contestant> connected : connecting) {
            clients.add(connected.get(60, TimeUnit.SECONDS));
        }
    }

    private void exchange() throws Exception {
        for (int i = 0; i < count; i++) {
            clients.get(i).subscribe("echo/" + i, 0, (ByteBuffer payload) -> back.incrementAndGet());
        }
        for (int n = 0; n < MESSAGES; n++) {
            for (int i = 0; i < count; i++) {
                clients.get(i).publishOne("echo/" + i, new byte[16], 0);
            }
        }
        long expected = (long) count * MESSAGES;
        for (int i = 0; back.get() < expected && i < 10_000; i++) {
            Trial.sleep(1_000_000);
        }
        Trial.require(back.get() == expected, back.get() + " came back of " + expected);
    }

    /** Bytes that live. */
    @SuppressWarnings("SystemGc") // that is what is to be measured
    private static double heap() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Trial.sleep(100_000_000);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Bytes of memory that the system has given to this process. */
    private static double resident() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
            String kibibytes = lines.filter(line -> line.startsWith("VmRSS"))
                    .findFirst()
                    .orElseThrow()
                    .replaceAll("\\D", "");
            return Double.parseDouble(kibibytes) * 1024;
        }
    }
}

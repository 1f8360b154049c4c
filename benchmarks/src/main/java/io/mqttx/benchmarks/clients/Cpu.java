package io.mqttx.benchmarks.clients;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A stretch of time, and what this process used of the processors in it, its compiler and collector included; and what its
 * threads allocated, except those that ended before it was over, and virtual ones.
 */
final class Cpu {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final Map<Long, Long> allocatedBefore = allocated();
    private final long began = System.nanoTime();
    private final long usedBefore = SYSTEM.getProcessCpuTime();

    /** Figures for so many messages since then. */
    Map<String, Double> figures(long messages) {
        long took = System.nanoTime() - began;
        long used = SYSTEM.getProcessCpuTime() - usedBefore;
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("rate", messages * 1e9 / took);
        figures.put("cpu", (double) used / messages);
        long bytes = 0;
        for (Map.Entry<Long, Long> thread : allocated().entrySet()) {
            bytes += thread.getValue() - allocatedBefore.getOrDefault(thread.getKey(), 0L);
        }
        figures.put("allocated", (double) bytes / messages);
        return figures;
    }

    /** Bytes, by the number of the thread. */
    private static Map<Long, Long> allocated() {
        long[] ids = THREADS.getAllThreadIds();
        long[] bytes = THREADS.getThreadAllocatedBytes(ids);
        Map<Long, Long> all = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            if (bytes[i] >= 0) {
                all.put(ids[i], bytes[i]);
            }
        }
        return all;
    }
}

package io.mqttx.benchmarks.clients;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/** A stretch of time, and what this process used of the processors in it, its compiler and collector included. */
final class Cpu {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final long began = System.nanoTime();
    private final long usedBefore = SYSTEM.getProcessCpuTime();

    /** Figures for so many messages since then. */
    Map<String, Double> figures(long messages) {
        long took = System.nanoTime() - began;
        long used = SYSTEM.getProcessCpuTime() - usedBefore;
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("rate", messages * 1e9 / took);
        figures.put("cpu", (double) used / messages);
        return figures;
    }
}

package io.mqttx.broker.sys;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * How much of something happened per minute, as averages in which what is long ago counts less and less: those of about
 * the last minute, the last 5 and the last 15. One thread at a time.
 */
final class LoadAverages {
    private static final int[] MINUTES = {1, 5, 15};
    private static final Map<String, String> NAMES = Map.of(
            "bytes/received", "load/bytes/received",
            "bytes/sent", "load/bytes/sent",
            "messages/received", "load/messages/received",
            "messages/sent", "load/messages/sent",
            "publish/messages/received", "load/publish/received",
            "publish/messages/sent", "load/publish/sent",
            "publish/messages/dropped", "load/publish/dropped",
            "clients/accepted", "load/connections",
            "connections/opened", "load/sockets");

    private final Map<String, Average> averages = new HashMap<>(); // by the name of what is counted

    /** The counters {@code seconds} after the last call, more than 0; at the first call, after the beginning. */
    void add(Map<String, Long> counters, double seconds) {
        NAMES.keySet()
                .forEach(name ->
                        averages.computeIfAbsent(name, none -> new Average()).add(counters.get(name), seconds));
    }

    /** Gives each average with its name below {@code $SYS/broker/}. */
    void forEach(BiConsumer<String, String> into) {
        averages.forEach((name, average) -> {
            for (int i = 0; i < MINUTES.length; i++) {
                into.accept(
                        NAMES.get(name) + "/" + MINUTES[i] + "min",
                        BigDecimal.valueOf(average.perMinute[i])
                                .setScale(2, RoundingMode.HALF_UP) // a Formatter would load locales at each start
                                .toPlainString());
            }
        });
    }

    private static final class Average {
        private final double[] perMinute = new double[MINUTES.length];
        private long last;

        void add(long count, double seconds) {
            double lately = (count - last) * 60 / seconds;
            last = count;
            for (int i = 0; i < MINUTES.length; i++) {
                double keep = Math.exp(-seconds / (60 * MINUTES[i]));
                perMinute[i] = lately + keep * (perMinute[i] - lately);
            }
        }
    }
}

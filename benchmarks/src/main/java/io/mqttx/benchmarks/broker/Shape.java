package io.mqttx.benchmarks.broker;

/** Topics and filters of many devices; the index of a device is 0 to 999,999. */
public enum Shape {
    /** {@code site/17/device/17042/temperature}: a thousand branches, each with a thousand. */
    WIDE("site/%1$d/device/%2$d/temperature", "site/%1$d/device/%2$d/temperature"),
    /** The same devices, with a wildcard for the last level. */
    WILDCARD("site/%1$d/device/%2$d/temperature", "site/%1$d/device/%2$d/+"),
    /** The device in the last of 20 levels. */
    DEEP("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/%1$d/%2$d", "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/%1$d/%2$d");

    /** How many devices there are at most. */
    static final int DEVICES = 1_000_000;

    private static final int SITES = 1000;

    private final String topic;
    private final String filter;

    Shape(String topic, String filter) {
        this.topic = topic;
        this.filter = filter;
    }

    String topic(int device) {
        return String.format(topic, device % SITES, device);
    }

    String filter(int device) {
        return String.format(filter, device % SITES, device);
    }
}

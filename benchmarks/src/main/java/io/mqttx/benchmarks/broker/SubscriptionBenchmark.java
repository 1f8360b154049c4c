package io.mqttx.benchmarks.broker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The tree of subscriptions with many of them, ours and those of others: a message to the one subscriber of its topic,
 * where topics come in no order, and a subscription that comes and goes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        // The others log, and nobody listens: as it should be, so without a warning.
        jvmArgsAppend = {"-Xms4g", "-Xmx4g", "-Dslf4j.internal.verbosity=ERROR"})
public class SubscriptionBenchmark {
    private static final int TOPICS = 1 << 11; // half of what the broker remembers
    private static final int CHECKED = 16;

    @Param({"MQTTX", "MQTTX_ANEW", "MOQUETTE", "HIVEMQ"})
    Make make;

    @Param({"4096", "1000000"})
    int filters;

    @Param({"WIDE", "WILDCARD", "DEEP"})
    Shape shape;

    private final Map<String, String> clients = new LinkedHashMap<>(); // by topic
    private final Supplier<?>[] searches = new Supplier<?>[TOPICS];
    private final String[] comings = new String[TOPICS];
    private Tree tree;
    private int next;

    /** Subscribes, and picks the topics by chance. */
    @Setup
    public void setUp() {
        tree = make.tree();
        for (int device = 0; device < filters; device++) {
            tree.subscribe(client(device), shape.filter(device));
        }
        Random random = new Random(42);
        for (int i = 0; i < 8 * TOPICS; i++) {
            int device = random.nextInt(filters);
            clients.put(shape.topic(device), client(device));
        }
        List<String> topics =
                MqttxTree.remembered(List.copyOf(clients.keySet())).subList(0, TOPICS);
        clients.keySet().retainAll(topics);
        for (int i = 0; i < TOPICS; i++) {
            searches[i] = tree.search(topics.get(i));
            comings[i] = shape.filter(newcomer(i));
        }
        checkWhoIsFound();
    }

    /** Those who stayed are found, and those who have gone are not: else there was nothing to measure. */
    @TearDown(Level.Trial)
    public void checkWhoIsFound() {
        clients.entrySet().stream().limit(CHECKED).forEach(each -> check(each.getKey(), List.of(each.getValue())));
        for (int i = 0; i < CHECKED; i++) {
            check(shape.topic(newcomer(i)), List.of());
        }
    }

    private void check(String topic, List<String> expected) {
        List<String> found = tree.clients(topic);
        if (!found.equals(expected)) {
            throw new IllegalStateException(topic + " finds " + found + ", not " + expected);
        }
    }

    private static String client(int device) {
        return "client " + device;
    }

    /** A device that is not there yet. */
    private static int newcomer(int index) {
        return Shape.DEVICES + index;
    }

    @Benchmark
    public Object match() {
        return searches[next++ & TOPICS - 1].get();
    }

    /** One subscribes and unsubscribes. */
    @Benchmark
    public void churn() {
        tree.visit(comings[next++ & TOPICS - 1]);
    }
}

package io.mqttx.benchmarks.broker;

import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.NoStorage;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** The tree of retained messages with many of them: put, and found by filters. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
public class RetainedBenchmark {
    private static final int TOPICS = 1 << 12;
    private static final TopicFilter ALL = TopicFilter.of("#");

    @Param({"100000", "1000000"})
    int topics;

    private final SharedMessage[] messages = new SharedMessage[TOPICS];
    private final TopicFilter[] exact = new TopicFilter[TOPICS];
    private final TopicFilter[] sites = new TopicFilter[TOPICS];
    private RetainedMessages retained;
    private int next;

    /** Retains, and picks topics by chance. */
    @Setup
    public void setUp() {
        retained = new RetainedMessages(topics, new NoStorage(), new Clocks(() -> 0, InstantSource.system()));
        for (int device = 0; device < topics; device++) {
            retained.put(message(device));
        }
        Random random = new Random(42);
        for (int i = 0; i < TOPICS; i++) {
            int device = random.nextInt(topics);
            messages[i] = message(device);
            exact[i] = TopicFilter.of(Shape.WIDE.topic(device));
            sites[i] = TopicFilter.of(Shape.WIDE.topic(device).replaceFirst("device/\\d+/", "device/+/"));
        }
        int[] found = {0};
        retained.match(ALL, each -> found[0]++);
        if (found[0] != topics) {
            throw new IllegalStateException(found[0] + " are found, not " + topics);
        }
    }

    private static SharedMessage message(int device) {
        TopicName topic = TopicName.of(Shape.WIDE.topic(device));
        ByteBuffer payload = ByteBuffer.wrap(new byte[16]);
        return new SharedMessage(
                "p", new Publish(false, QoS.AT_MOST_ONCE, true, topic, 0, Properties.EMPTY, payload), 0);
    }

    /** In the place of an older one. */
    @Benchmark
    public boolean put() {
        return retained.put(messages[next++ & TOPICS - 1]);
    }

    @Benchmark
    public void exactTopic(Blackhole found) {
        retained.match(exact[next++ & TOPICS - 1], found::consume);
    }

    /** {@code site/17/device/+/temperature}: a thousandth of all; the time is that of the whole. */
    @Benchmark
    public void oneSite(Blackhole found) {
        retained.match(sites[next++ & TOPICS - 1], found::consume);
    }

    /** {@code #}; the time is that of the whole. */
    @Benchmark
    public void all(Blackhole found) {
        retained.match(ALL, found::consume);
    }
}

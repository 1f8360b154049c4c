package io.mqttx.benchmarks.broker;

import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.broker.routing.Grant;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * The tree of subscriptions with many of them: a message to the one subscriber of its topic, where topics come in no
 * order, and a subscription that comes and goes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xms4g", "-Xmx4g"})
public class SubscriptionBenchmark {
    private static final int TOPICS = 1 << 12;

    @Param({"4096", "1000000"})
    int filters;

    @Param({"WIDE", "WILDCARD", "DEEP"})
    Shape shape;

    private final Loop here = new Here();
    private final Counting subscriber = new Counting("one", here);
    private final Counting guest = new Counting("guest", here);
    private final SubscriptionTree tree = new SubscriptionTree(SharedStrategy.ROUND_ROBIN, new Random(1));
    private final Router router = new Router(
            tree,
            List.of(here),
            Overlapping.ONE_COPY,
            WhenFull.DROP_NEWEST,
            Journals.none(new Clocks(() -> 0, InstantSource.system())));
    private final Grant grant = Grant.of(QoS.AT_MOST_ONCE, false, false, 0);
    private final SharedMessage[] messages = new SharedMessage[TOPICS];
    private final TopicFilter[] comings = new TopicFilter[TOPICS];
    private int next;

    /** Subscribes, and picks the topics by chance. */
    @Setup
    public void setUp() {
        Random random = new Random(42);
        for (int device = 0; device < filters; device++) {
            tree.subscribe(TopicFilter.of(shape.filter(device)), subscriber, grant);
        }
        for (int i = 0; i < TOPICS; i++) {
            int device = random.nextInt(filters);
            TopicName topic = TopicName.of(shape.topic(device));
            messages[i] = new SharedMessage("p", new Publish(topic, ByteBuffer.wrap(new byte[16])), 0);
            comings[i] = TopicFilter.of(shape.filter(Shape.DEVICES + device)); // one that is not there yet
        }
    }

    /** Somebody has to have got the messages. */
    @TearDown(Level.Trial)
    public void tearDown() {
        if (tree.size() != filters) {
            throw new IllegalStateException(tree.size() + " subscriptions are left, not " + filters);
        }
    }

    @Benchmark
    public Router.Routed match() {
        Router.Routed outcome = router.route(messages[next++ & TOPICS - 1], Optional.empty());
        if (outcome != Router.Routed.SOMEBODY) {
            throw new IllegalStateException("nobody got it");
        }
        return outcome;
    }

    /** One subscribes and unsubscribes. */
    @Benchmark
    public boolean churn() {
        TopicFilter filter = comings[next++ & TOPICS - 1];
        tree.subscribe(filter, guest, grant);
        return tree.unsubscribe(filter, guest);
    }
}

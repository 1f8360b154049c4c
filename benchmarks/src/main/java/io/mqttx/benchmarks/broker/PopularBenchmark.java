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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One filter that 100,000 clients have subscribed to: a message to all of them, the time being that of one delivery, and
 * clients that go and come back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class PopularBenchmark {
    private static final int SUBSCRIBERS = 100_000;
    private static final TopicFilter FILTER = TopicFilter.of("news/today");

    @Param({"none", "news/#"})
    String overlapping; // of one subscriber in ten: then each gets one copy all the same

    private final Loop here = new Here();
    private final List<Counting> subscribers = new ArrayList<>();
    private final SubscriptionTree tree = new SubscriptionTree(SharedStrategy.ROUND_ROBIN, new Random(1));
    private final Router router = new Router(
            tree,
            List.of(here),
            Overlapping.ONE_COPY,
            WhenFull.DROP_NEWEST,
            Journals.none(new Clocks(() -> 0, InstantSource.system())));
    private final Grant grant = Grant.of(QoS.AT_MOST_ONCE, false, false, 0);
    private final SharedMessage message =
            new SharedMessage("p", new Publish(TopicName.of("news/today"), ByteBuffer.wrap(new byte[16])), 0);
    private int next;

    /** All subscribe. */
    @Setup
    public void setUp() {
        for (int i = 0; i < SUBSCRIBERS; i++) {
            Counting subscriber = new Counting("subscriber " + i, here);
            subscribers.add(subscriber);
            tree.subscribe(FILTER, subscriber, grant);
            if (!overlapping.equals("none") && i % 10 == 0) {
                tree.subscribe(TopicFilter.of(overlapping), subscriber, grant);
            }
        }
        router.route(message, Optional.empty());
        if (!subscribers.stream().allMatch(subscriber -> subscriber.received() == 1)) {
            throw new IllegalStateException("not everybody got one copy");
        }
    }

    @Benchmark
    @OperationsPerInvocation(SUBSCRIBERS)
    public Router.Routed deliver() {
        return router.route(message, Optional.empty());
    }

    /** One unsubscribes and subscribes again. */
    @Benchmark
    public boolean churn() {
        Counting subscriber = subscribers.get(Math.floorMod(next++ * 7919, SUBSCRIBERS));
        tree.unsubscribe(FILTER, subscriber);
        return tree.subscribe(FILTER, subscriber, grant);
    }
}

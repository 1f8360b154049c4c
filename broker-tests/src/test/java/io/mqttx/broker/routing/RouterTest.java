package io.mqttx.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.testkit.LogLines;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final Grant GRANT = Grant.of(QoS.AT_MOST_ONCE, false, false, 0);

    private final ManualLoops loops = new ManualLoops(2);
    private final Loop here = loops.all().get(0);
    private final Loop there = loops.all().get(1);
    private final SubscriptionTree tree = new SubscriptionTree(SharedStrategy.ROUND_ROBIN, new Random(0));
    private final Router router = new Router(
            tree,
            loops.all(),
            Overlapping.ONE_COPY,
            WhenFull.DROP_NEWEST,
            Journals.none(new Clocks(() -> 0, InstantSource.system())));

    private static SharedMessage message() {
        return new SharedMessage("p", new Publish(TopicName.of("a"), ByteBuffer.allocate(0)), 0);
    }

    private FakeSubscriber subscribe(String filter, Loop loop) {
        FakeSubscriber subscriber = new FakeSubscriber(filter + loop, loop);
        tree.subscribe(TopicFilter.of(filter), subscriber, GRANT);
        return subscriber;
    }

    @Test
    void theOwnLoopIsServedAtOnceAndOthersInTheirTurn() {
        // given
        FakeSubscriber near = subscribe("a", here);
        FakeSubscriber far = subscribe("a", there);

        // when
        here.execute(() -> assertEquals(Router.Routed.SOMEBODY, router.route(message(), Optional.empty())));
        loops.runOnly(here);
        int farBefore = far.received.size();
        loops.run();

        // then
        assertEquals(1, near.received.size());
        assertEquals(0, farBefore);
        assertEquals(1, far.received.size());
    }

    @Test
    void nobodyIsTold() {
        assertEquals(Router.Routed.NOBODY, router.route(message(), Optional.empty()));
    }

    @Test
    void moreThanALoopTakesAtOnceArrivesInOrder() {
        // given
        FakeSubscriber far = subscribe("a", there);
        List<SharedMessage> sent = new ArrayList<>();
        IntStream.range(0, 5000).forEach(i -> sent.add(message()));

        // when
        sent.forEach(message -> router.route(message, Optional.empty()));
        loops.run();
        SharedMessage last = message();
        router.route(last, Optional.empty());
        loops.run();

        // then
        sent.add(last);
        assertEquals(sent, far.received);
    }

    @Test
    void oneSubscriberThatFailsIsLoggedAndTheOthersGetTheMessageNowAndLater() {
        try (LogLines log = new LogLines()) {
            // given
            FakeSubscriber bad = subscribe("a", there);
            bad.failing = true;
            FakeSubscriber good = subscribe("#", there);
            FakeSubscriber badNear = subscribe("+", here);
            badNear.failing = true;
            FakeSubscriber goodNear = subscribe("a/#", here);

            // when
            here.execute(() -> router.route(message(), Optional.empty()));
            loops.run();
            here.execute(() -> router.route(message(), Optional.empty()));
            loops.run();

            // then
            assertEquals(2, good.received.size());
            assertEquals(2, goodNear.received.size());
            assertEquals(4, log.takeErrors().size());
        }
    }
}

package io.mqttx.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubscriptionTreeTest {
    private static final List<String> LEVELS = List.of("a", "b", "", "$x", "ä");
    private static final Grant GRANT = Grant.of(QoS.AT_MOST_ONCE, false, false, 0);

    private record Key(TopicFilter filter, Subscriber subscriber) {}

    private final SubscriptionTree tree = new SubscriptionTree(SharedStrategy.ROUND_ROBIN, new Random(0));

    private static String randomTopic(Random random) {
        int levels = 1 + random.nextInt(4);
        String topic = String.join(
                "/",
                IntStream.range(0, levels)
                        .mapToObj(i -> LEVELS.get(random.nextInt(LEVELS.size())))
                        .toList());
        return topic.isEmpty() ? "a" : topic;
    }

    private static TopicFilter randomFilter(Random random) {
        List<String> levels = new ArrayList<>(List.of(randomTopic(random).split("/", -1)));
        levels.replaceAll(level -> random.nextInt(4) == 0 ? "+" : level);
        if (random.nextInt(4) == 0) {
            levels.set(levels.size() - 1, "#");
        }
        String filter = String.join("/", levels);
        return TopicFilter.of((random.nextInt(6) == 0 ? "$share/g" + random.nextInt(2) + "/" : "") + filter);
    }

    private Set<Subscriber> plain(String topic) {
        Set<Subscriber> found = new HashSet<>();
        tree.match(TopicName.of(topic))
                .plain
                .forEach(subscribers -> subscribers.forEach((subscriber, grant) -> found.add(subscriber)));
        return found;
    }

    @Test
    @Statement({"MQTT-4.7.2-1", "MQTT-4.7.3-4", "MQTT-3.3.2-3"})
    void theTreeFindsWhatAListOfFiltersFindsThroughAnyChanges() {
        List<Subscriber> subscribers = IntStream.range(0, 20)
                .mapToObj(i -> (Subscriber) new FakeSubscriber("s" + i))
                .toList();
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            Map<Key, Grant> model = new HashMap<>();
            for (int step = 0; step < 300; step++) {
                // given
                Key key = new Key(randomFilter(random), subscribers.get(random.nextInt(subscribers.size())));
                if (random.nextInt(3) > 0) {
                    boolean isNew = tree.subscribe(key.filter, key.subscriber, GRANT);
                    assertEquals(model.put(key, GRANT) == null, isNew);
                } else {
                    List<Key> known = new ArrayList<>(model.keySet());
                    Key gone =
                            known.isEmpty() || random.nextInt(4) == 0 ? key : known.get(random.nextInt(known.size()));
                    assertEquals(model.remove(gone) != null, tree.unsubscribe(gone.filter, gone.subscriber));
                }
                assertEquals(model.size(), tree.size());

                // when
                String topic = randomTopic(random);
                SubscriptionTree.Matches matches = tree.match(TopicName.of(topic));

                // then
                Set<Subscriber> expected = new HashSet<>();
                Set<String> groups = new HashSet<>();
                model.keySet().stream()
                        .filter(each -> each.filter.unshared().matches(TopicName.of(topic)))
                        .forEach(each -> {
                            if (each.filter.isShared()) {
                                groups.add(each.filter.text());
                            } else {
                                expected.add(each.subscriber);
                            }
                        });
                assertEquals(expected, plain(topic), () -> "topic " + topic);
                assertEquals(groups.size(), matches.shared.size(), () -> "topic " + topic);
            }
            model.keySet().forEach(key -> tree.unsubscribe(key.filter, key.subscriber));
            assertEquals(0, tree.size());
            assertTrue(tree.isPruned(), "nodes are left behind");
        }
    }

    @Test
    void aFilterThatManyHaveLosesOnlyWhoLeaves() {
        // given
        TopicFilter filter = TopicFilter.of("a/+");
        List<FakeSubscriber> many = IntStream.range(0, 100)
                .mapToObj(i -> new FakeSubscriber("s" + i))
                .toList();

        // when
        many.forEach(each -> tree.subscribe(filter, each, GRANT));
        many.subList(0, 99).forEach(each -> tree.unsubscribe(filter, each));

        // then
        assertEquals(Set.of(many.get(99)), plain("a/b"));
    }

    @Test
    void aReaderBesideAWriterAlwaysSeesWhoStays() throws InterruptedException, ExecutionException {
        // given
        FakeSubscriber stays = new FakeSubscriber("stays");
        tree.subscribe(TopicFilter.of("a/b/c"), stays, GRANT);
        tree.subscribe(TopicFilter.of("a/#"), stays, GRANT);
        List<FakeSubscriber> others = IntStream.range(0, 2 * Subscribers.FEW)
                .mapToObj(i -> new FakeSubscriber("s" + i))
                .toList();
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            // when
            Future<?> writing = writer.submit(() -> {
                for (int round = 0; round < 200; round++) {
                    for (String filter : List.of("a/b/c", "a/b", "a/+/c", "a/b/c/d", "#")) {
                        others.forEach(each -> tree.subscribe(TopicFilter.of(filter), each, GRANT));
                        others.forEach(each -> tree.unsubscribe(TopicFilter.of(filter), each));
                    }
                }
            });

            // then
            while (!writing.isDone()) {
                int[] found = {0};
                tree.match(TopicName.of("a/b/c"))
                        .plain
                        .forEach(subscribers ->
                                subscribers.forEach((subscriber, grant) -> found[0] += subscriber == stays ? 1 : 0));
                assertEquals(2, found[0]);
            }
            writing.get();
        } finally {
            writer.shutdownNow();
        }
    }

    @Test
    void aReaderSeesWhoStaysAlsoWhileFewBecomeMany() throws InterruptedException, ExecutionException {
        // given
        FakeSubscriber stays = new FakeSubscriber("stays");
        List<FakeSubscriber> others = IntStream.range(0, Subscribers.FEW)
                .mapToObj(i -> new FakeSubscriber("s" + i))
                .toList();
        AtomicReference<Subscribers> growing = new AtomicReference<>();
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            // when
            Future<?> writing = writer.submit(() -> {
                for (int round = 0; round < 20_000; round++) {
                    Subscribers fresh = new Subscribers();
                    fresh.put(stays, GRANT);
                    growing.set(fresh);
                    others.forEach(each -> fresh.put(each, GRANT));
                }
            });

            // then
            while (!writing.isDone()) {
                Subscribers now = growing.get();
                if (now != null) {
                    int[] found = {0};
                    now.forEach((subscriber, grant) -> found[0] += subscriber == stays ? 1 : 0);
                    assertEquals(1, found[0]);
                }
            }
            writing.get();
        } finally {
            writer.shutdownNow();
        }
    }

    @Test
    void subscribersFewAndManyActAlike() {
        for (int count : List.of(1, Subscribers.FEW - 1, Subscribers.FEW, Subscribers.FEW + 1, 100)) {
            // given
            Subscribers subscribers = new Subscribers();
            List<FakeSubscriber> all = IntStream.range(0, count)
                    .mapToObj(i -> new FakeSubscriber("s" + i))
                    .toList();
            Grant other = Grant.of(QoS.EXACTLY_ONCE, true, true, 7);

            // when
            all.forEach(each -> assertTrue(subscribers.put(each, GRANT)));
            all.forEach(each -> assertFalse(subscribers.put(each, other)));

            // then
            Map<Subscriber, Grant> seen = new HashMap<>();
            subscribers.forEach((subscriber, grant) -> assertEquals(null, seen.put(subscriber, grant)));
            assertEquals(count, seen.size());
            assertEquals(Set.of(other), new HashSet<>(seen.values()));
            all.forEach(each -> assertTrue(subscribers.remove(each)));
            all.forEach(each -> assertFalse(subscribers.remove(each)));
            assertTrue(subscribers.isEmpty());
        }
    }
}

package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V311;
import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.retained;
import static io.mqttx.broker.TestBroker.text;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.SessionInfo;
import io.mqttx.broker.api.SubscriptionInfo;
import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Will;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What an application does with a broker, always from a thread that is none of the loops. */
class ApplicationTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static Connect stays(String clientId) {
        return new Connect(V5, clientId, false)
                .withKeepAlive(0)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 100L));
    }

    private static Will will(String topic, String payload, Properties properties) {
        return new Will(TopicName.of(topic), TestBroker.bytes(payload), QoS.AT_MOST_ONCE, false, properties);
    }

    /** What {@code call} gives on another thread. */
    private static <T> T elsewhere(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call)
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    /** What the stage that {@code call} gives on another thread completes with, once the loops have run. */
    private static <T> T asked(TestBroker broker, Supplier<CompletionStage<T>> call) {
        CompletableFuture<T> answer = elsewhere(call).toCompletableFuture();
        broker.loops.run();
        try {
            return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new CompletionException(e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPublisherIsToldWhatBecameOfItsMessage() {
        try (TestBroker broker = new TestBroker(TestBroker.options().maxRetained(0))) {
            // given
            MemoryClient client = broker.connect("c");
            broker.subscribe(client, to("a/#", QoS.AT_MOST_ONCE));

            // when
            ReasonCode somebody = elsewhere(() -> broker.broker.publish(message("a/b", "1")));
            ReasonCode nobody = elsewhere(() -> broker.broker.publish(message("b", "2")));
            ReasonCode noRoom = elsewhere(() -> broker.broker.publish(retained("a/b", "3")));
            ReasonCode tooDeep = elsewhere(() -> broker.broker.publish(message("a" + "/".repeat(1000), "4")));

            // then
            assertEquals(
                    List.of(
                            ReasonCode.SUCCESS,
                            ReasonCode.NO_MATCHING_SUBSCRIBERS,
                            ReasonCode.QUOTA_EXCEEDED,
                            ReasonCode.TOPIC_NAME_INVALID),
                    List.of(somebody, nobody, noRoom, tooDeep));
            assertEquals(List.of("1"), texts(client.take()));
        }
    }

    @Test
    void aConnectionIsFoundByItsClientAndIsTheLatestOne() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient first = broker.connect(stays("c"));
            Optional<Connection> ofFirst = elsewhere(() -> broker.broker.connection("c"));

            // when
            MemoryClient second = broker.connect(new Connect(V311, "c", false).withKeepAlive(0));
            Optional<Connection> ofSecond = elsewhere(() -> broker.broker.connection("c"));
            ofSecond.orElseThrow().publish(message("t", "hello"));
            List<String> told = texts(second.take());
            second.cut();
            broker.loops.run();

            // then
            assertEquals(V5, ofFirst.orElseThrow().version());
            assertEquals(V311, ofSecond.orElseThrow().version());
            assertEquals(List.of("hello"), told);
            assertEquals(List.of(new Disconnect(ReasonCode.SESSION_TAKEN_OVER)), first.take());
            assertEquals(Optional.empty(), elsewhere(() -> broker.broker.connection("c")));
            assertEquals(Optional.empty(), elsewhere(() -> broker.broker.connection("unknown")));
        }
    }

    @Test
    void aClientIsDisconnectedByNameAndItsSessionLivesOn() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect(stays("c"));

            // when
            boolean there = elsewhere(() -> broker.broker.disconnect("c", ReasonCode.MAXIMUM_CONNECT_TIME));
            List<?> told = client.take();
            boolean again = elsewhere(() -> broker.broker.disconnect("c", ReasonCode.MAXIMUM_CONNECT_TIME));

            // then
            assertTrue(there);
            assertFalse(again);
            assertEquals(List.of(new Disconnect(ReasonCode.MAXIMUM_CONNECT_TIME)), told);
            assertTrue(((ConnAck) broker.connectKeepingAll(stays("c")).get(0)).sessionPresent());
        }
    }

    @Test
    @Statement("P5-73")
    void aSessionIsEndedWithItsConnectionItsWillAndItsSubscriptions() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient watcher = broker.connect("watcher");
            broker.subscribe(watcher, to("gone/#", QoS.AT_MOST_ONCE));
            Properties delay = Properties.of(Property.WILL_DELAY_INTERVAL, 50L);
            MemoryClient online = broker.connect(stays("online").withWill(will("gone/online", "1", delay)));
            broker.subscribe(online, to("a", QoS.AT_LEAST_ONCE));
            MemoryClient offline = broker.connect(stays("offline").withWill(will("gone/offline", "2", delay)));
            broker.subscribe(offline, to("a", QoS.AT_LEAST_ONCE));
            offline.cut();
            broker.loops.run();
            broker.broker.publish(message("a", "queued", QoS.AT_LEAST_ONCE, 1));

            // when
            boolean was = asked(broker, () -> broker.broker.endSession("online"));
            boolean wasOffline = asked(broker, () -> broker.broker.endSession("offline"));
            boolean unknown = asked(broker, () -> broker.broker.endSession("unknown"));

            // then
            assertEquals(List.of(true, true, false), List.of(was, wasOffline, unknown));
            List<?> told = online.take();
            assertEquals(new Disconnect(ReasonCode.ADMINISTRATIVE_ACTION), told.get(told.size() - 1));
            assertEquals(
                    List.of("1", "2"), texts(watcher.take()).stream().sorted().toList());
            assertFalse(((ConnAck) broker.connectKeepingAll(stays("online")).get(0)).sessionPresent());
            assertEquals(1, broker.broker.metrics().get("subscriptions/count"));
            assertEquals(0, broker.broker.metrics().get("store/messages/count"));
        }
    }

    @Test
    void whatReachesASessionAfterItsEndIsKeptNowhere() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect("c");
            broker.subscribe(client, to("a", QoS.AT_LEAST_ONCE));

            // when: the end comes first, and the message is on its way
            client.cut();
            ReasonCode reason = broker.broker.publish(message("a", "late", QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();

            // then
            assertEquals(ReasonCode.SUCCESS, reason);
            assertEquals(0, broker.broker.metrics().get("store/messages/count"));
            assertEquals(0, broker.broker.metrics().get("clients/total"));
        }
    }

    @Test
    void aSessionIsDescribedAsItIs() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient client = broker.connect(stays("c")
                    .withProperties(Properties.builder()
                            .add(Property.SESSION_EXPIRY_INTERVAL, 100L)
                            .add(Property.RECEIVE_MAXIMUM, 1)
                            .build()));
            broker.subscribe(client, to("a", QoS.AT_LEAST_ONCE), to("b", QoS.AT_MOST_ONCE));
            broker.broker.publish(message("a", "in flight", QoS.AT_LEAST_ONCE, 1));
            broker.broker.publish(message("a", "12345", QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();

            // when
            Optional<SessionInfo> online = asked(broker, () -> broker.broker.session("c"));
            client.cut();
            broker.loops.run();
            Optional<SessionInfo> offline = asked(broker, () -> broker.broker.session("c"));

            // then
            assertEquals(Optional.of(new SessionInfo("c", true, 100, 2, 1, 64 + 1 + 5, 1)), online);
            assertEquals(Optional.of(new SessionInfo("c", false, 100, 2, 1, 64 + 1 + 5, 1)), offline);
            assertEquals(Optional.empty(), asked(broker, () -> broker.broker.session("unknown")));
        }
    }

    @Test
    void everySessionAndConnectionIsVisitedOnceAlsoIfThereAreManyAndTheLoopsDoOtherWorkMeanwhile() {
        try (TestBroker broker = new TestBroker()) {
            // given
            int many = 4000;
            for (int i = 0; i < many; i++) {
                MemoryClient client = broker.connect(stays("c" + i));
                if (i % 2 == 0) {
                    client.cut();
                }
            }
            broker.loops.run();
            List<SessionInfo> seen = new CopyOnWriteArrayList<>();
            List<Integer> seenByThen = new ArrayList<>();

            // when
            CompletionStage<Void> done = elsewhere(() -> broker.broker.forEachSession(seen::add));
            broker.loops.all().get(0).execute(() -> seenByThen.add(seen.size())); // behind the first slice
            broker.loops.run();
            List<Connection> connections = new ArrayList<>();
            broker.broker.forEachConnection(connections::add);

            // then
            assertTrue(done.toCompletableFuture().isDone());
            assertEquals(many, seen.size());
            assertEquals(
                    many, new HashSet<>(seen.stream().map(SessionInfo::clientId).toList()).size());
            assertEquals(many / 2, seen.stream().filter(SessionInfo::online).count());
            assertEquals(many / 2, connections.size());
            assertTrue(seenByThen.get(0) > 0 && seenByThen.get(0) < many / 3, seenByThen::toString);
        }
    }

    @Test
    void aVisitorThatThrowsEndsTheVisitAndNothingElse() {
        try (TestBroker broker = new TestBroker()) {
            // given
            broker.connect("c");

            // when
            CompletionException error = assertThrows(
                    CompletionException.class,
                    () -> asked(
                            broker,
                            () -> broker.broker.forEachSession(info -> {
                                throw new IllegalStateException("planted");
                            })));

            // then
            assertEquals("planted", error.getCause().getMessage());
            assertEquals(
                    1, asked(broker, () -> broker.broker.session("c")).stream().count());
        }
    }

    @Test
    void subscriptionsAreListedByClientByFilterAndAll() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient one = broker.connect("one");
            one.exchange(new Subscribe(
                    1,
                    List.of(to("a/+", QoS.AT_LEAST_ONCE), to("$share/g/a/+", QoS.EXACTLY_ONCE)),
                    Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 7)));
            MemoryClient two = broker.connect("two");
            broker.subscribe(two, to("a/+", QoS.AT_MOST_ONCE));
            SubscriptionInfo plain =
                    new SubscriptionInfo("one", TopicFilter.of("a/+"), QoS.AT_LEAST_ONCE, false, false, 7);
            SubscriptionInfo shared =
                    new SubscriptionInfo("one", TopicFilter.of("$share/g/a/+"), QoS.EXACTLY_ONCE, false, false, 7);
            SubscriptionInfo other =
                    new SubscriptionInfo("two", TopicFilter.of("a/+"), QoS.AT_MOST_ONCE, false, false, 0);

            // when
            List<SubscriptionInfo> ofOne = asked(broker, () -> broker.broker.subscriptions("one"));
            List<SubscriptionInfo> all = new CopyOnWriteArrayList<>();
            asked(broker, () -> broker.broker.forEachSubscription(all::add));

            // then
            assertEquals(new HashSet<>(List.of(plain, shared)), new HashSet<>(ofOne));
            assertEquals(new HashSet<>(List.of(plain, shared, other)), new HashSet<>(all));
            assertEquals(new HashSet<>(List.of(plain, other)), new HashSet<>(byFilter(broker, "a/+")));
            assertEquals(List.of(shared), byFilter(broker, "$share/g/a/+"));
            assertEquals(List.of(), byFilter(broker, "$share/h/a/+"));
            assertEquals(List.of(), byFilter(broker, "a/b"));
            assertEquals(List.of(), asked(broker, () -> broker.broker.subscriptions("unknown")));
        }
    }

    private static List<SubscriptionInfo> byFilter(TestBroker broker, String filter) {
        return elsewhere(() -> {
            List<SubscriptionInfo> found = new ArrayList<>();
            broker.broker.forEachSubscription(TopicFilter.of(filter), found::add);
            return found;
        });
    }

    @Test
    void retainedMessagesAreListedByFilter() {
        try (TestBroker broker = new TestBroker()) {
            // given
            for (String topic : List.of("a/1", "a/2", "b", "$own")) {
                broker.broker.publish(retained(topic, topic));
            }

            // when
            TreeSet<String> found = elsewhere(() -> {
                TreeSet<String> texts = new TreeSet<>();
                broker.broker.forEachRetained(TopicFilter.of("a/+"), (Publish each) -> texts.add(text(each)));
                return texts;
            });

            // then
            assertEquals(new TreeSet<>(List.of("a/1", "a/2")), found);
        }
    }

    @Test
    void metricsSayWhatThereIsAtTheMoment() {
        try (TestBroker broker = new TestBroker()) {
            // given
            MemoryClient away = broker.connect(stays("away"));
            broker.subscribe(away, to("a", QoS.AT_LEAST_ONCE), to("$share/g/x", QoS.AT_LEAST_ONCE));
            away.cut();
            broker.connect("there");
            broker.connect(new Connect(V5, "short", true)
                            .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1L)))
                    .cut();
            broker.advance(Duration.ofSeconds(2));
            broker.broker.publish(retained("r", "12345"));
            broker.broker.publish(retained("r", "123"));
            broker.broker.publish(message("a", "1", QoS.AT_LEAST_ONCE, 1));
            broker.loops.run();

            // when
            Map<String, Long> metrics = elsewhere(broker.broker::metrics);

            // then
            assertEquals(2, metrics.get("clients/total"));
            assertEquals(1, metrics.get("clients/connected"));
            assertEquals(1, metrics.get("clients/disconnected"));
            assertEquals(2, metrics.get("clients/maximum"));
            assertEquals(1, metrics.get("clients/expired"));
            assertEquals(2, metrics.get("subscriptions/count"));
            assertEquals(1, metrics.get("shared_subscriptions/count"));
            assertEquals(1, metrics.get("retained messages/count"));
            assertEquals(2, metrics.get("store/messages/count"));
            assertEquals(3 + 64 + 1 + 1, metrics.get("store/messages/bytes"));
            assertTrue(metrics.get("heap/current") > 0);
            assertTrue(metrics.keySet().containsAll(broker.broker.metrics().keySet()));
        }
    }
}

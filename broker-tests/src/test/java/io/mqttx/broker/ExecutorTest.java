package io.mqttx.broker;

import static io.mqttx.broker.TestBroker.V5;
import static io.mqttx.broker.TestBroker.message;
import static io.mqttx.broker.TestBroker.texts;
import static io.mqttx.broker.TestBroker.to;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.testkit.MemoryClient;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExecutorTest {
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    /** Notes each callback. */
    private class Noting implements BrokerHandler {
        @Override
        public ConnectDecision onConnect(Connecting client) {
            calls.add("onConnect");
            return ConnectDecision.accept();
        }

        @Override
        public void onConnected(Connection connection) {
            calls.add("onConnected");
        }

        @Override
        public PublishDecision onPublish(Message message) {
            calls.add("onPublish " + TestBroker.text(message.packet()));
            return PublishDecision.route();
        }

        @Override
        public SubscribeDecision onSubscribe(Subscription wanted) {
            calls.add("onSubscribe " + wanted.filter());
            return SubscribeDecision.grant(wanted.maximumQoS());
        }

        @Override
        public void onUnsubscribe(List<TopicFilter> filters) {
            calls.add("onUnsubscribe");
        }

        @Override
        public void onDelivered(Publish message, ReasonCode reason) {
            calls.add("onDelivered " + TestBroker.text(message));
        }

        @Override
        public void onInfo(Object info) {
            calls.add("onInfo " + info);
        }

        @Override
        public void onDisconnect(DisconnectReason reason) {
            calls.add("onDisconnect");
        }
    }

    private TestBroker byHand() {
        return new TestBroker(client -> new Noting(), waiting::add);
    }

    /** Runs one callback, then what comes of it on the loops. */
    private void step(TestBroker broker) {
        waiting.remove().run();
        broker.loops.run();
    }

    private void runAll(TestBroker broker) {
        broker.loops.run();
        while (!waiting.isEmpty()) {
            step(broker);
        }
    }

    @Test
    void eachCallbackWaitsForTheOneBeforeAndTheClientForItsOwn() {
        try (TestBroker broker = byHand()) {
            // given
            MemoryClient client = broker.open(V5);
            client.send(
                    new Connect(V5, "c", true),
                    new Subscribe(1, List.of(to("a", QoS.AT_LEAST_ONCE), to("b", QoS.AT_MOST_ONCE))),
                    message("a", "1", QoS.AT_LEAST_ONCE, 2),
                    new Unsubscribe(3, List.of(TopicFilter.of("b"))),
                    PingReq.INSTANCE);
            broker.loops.run();
            List<Packet> got = new ArrayList<>(client.take());
            List<Integer> sizes = new ArrayList<>(List.of(got.size()));

            // when
            while (!waiting.isEmpty()) {
                assertEquals(1, waiting.size());
                step(broker);
                got.addAll(client.take());
                sizes.add(got.size());
            }

            // then
            assertEquals(
                    List.of(
                            "onConnect",
                            "onConnected",
                            "onSubscribe a",
                            "onSubscribe b",
                            "onPublish 1",
                            "onUnsubscribe"),
                    calls);
            assertEquals(List.of(0, 1, 1, 1, 2, 5, 6), sizes);
            assertEquals(
                    List.of(ConnAck.class, SubAck.class, Publish.class, PubAck.class, UnsubAck.class, PingResp.class),
                    got.stream().map(Object::getClass).toList());
        }
    }

    @Test
    void theEndAndWhatTheApplicationTellsKeepTheirPlace() {
        try (TestBroker broker = byHand()) {
            // given
            MemoryClient client = broker.send(new Connect(V5, "c", true));
            runAll(broker);
            Connection connection = broker.events.connections().get(0);

            // when
            client.send(message("a", "1"));
            broker.loops.run();
            connection.tell("x");
            client.cut();
            broker.loops.run();
            runAll(broker);

            // then
            assertEquals(List.of("onConnect", "onConnected", "onPublish 1", "onInfo x", "onDisconnect"), calls);
        }
    }

    @Test
    void deliveriesAreToldWhereAHandlerWantsToKnowAndCostNothingElsewhere() {
        try (TestBroker broker = new TestBroker(
                client -> client.clientId().equals("plain") ? BrokerHandler.allowAll() : new Noting(), waiting::add)) {
            // given
            for (String name : List.of("c", "plain")) {
                MemoryClient client = broker.send(new Connect(V5, name, true).withKeepAlive(0));
                client.send(new Subscribe(1, List.of(to("t", QoS.AT_LEAST_ONCE))));
                runAll(broker);
                broker.broker.publish(message("t", name, QoS.AT_LEAST_ONCE, 1));
                client.take();
                calls.clear();

                // when
                client.exchange(new PubAck(1));

                // then
                assertEquals(name.equals("c") ? 1 : 0, waiting.size());
                runAll(broker);
            }
            assertEquals(List.of(), calls);
        }
    }

    @Test
    void nobodyIsCutOffForTheTimeThatItsHandlerTakes() {
        try (TestBroker broker = byHand()) {
            // given
            MemoryClient client = broker.send(new Connect(V5, "c", true).withKeepAlive(10));
            runAll(broker);
            client.exchange(message("a", "1"));

            // when
            broker.advance(Duration.ofSeconds(60));
            runAll(broker);
            broker.advance(Duration.ofSeconds(10));

            // then
            assertFalse(client.isClosed());
        }
    }

    @Test
    void whatFailsThereIsAnsweredAndLoggedLikeAnywhere() {
        HandlerFactory failing = client -> {
            if (client.clientId().equals("none")) {
                throw new IllegalStateException("planted");
            }
            return new Noting() {
                @Override
                public PublishDecision onPublish(Message message) {
                    throw new IllegalStateException("planted");
                }

                @Override
                public void onConnected(Connection connection) {
                    throw new IllegalStateException("planted");
                }
            };
        };
        try (TestBroker broker = new TestBroker(failing, Runnable::run)) {
            assertEquals(
                    List.of(new ConnAck(false, ReasonCode.UNSPECIFIED_ERROR)),
                    broker.connectKeepingAll(new Connect(V5, "none", true)));
            assertEquals(
                    List.of(new PubAck(1, ReasonCode.UNSPECIFIED_ERROR), PingResp.INSTANCE),
                    broker.connect("bad").exchange(message("a", "m", QoS.AT_LEAST_ONCE, 1), PingReq.INSTANCE));
            assertEquals(
                    List.of(
                            "the handler of client \"none\" failed in onConnect",
                            "the handler of client \"bad\" failed in onConnected",
                            "the handler of client \"bad\" failed in onPublish"),
                    broker.log.takeErrors());
        }
    }

    @Test
    void anExecutorThatTakesNoMoreIsAHandlerThatFails() {
        AtomicInteger left = new AtomicInteger(2);
        Executor closing = task -> {
            if (left.getAndDecrement() <= 0) {
                throw new RejectedExecutionException("planted");
            }
            task.run();
        };
        try (TestBroker broker = new TestBroker(client -> new Noting(), closing)) {
            // given
            MemoryClient client = broker.connect("c");

            // when
            List<Packet> answers = client.exchange(
                    message("a", "m", QoS.AT_LEAST_ONCE, 1),
                    new Unsubscribe(2, List.of(TopicFilter.of("a"))),
                    PingReq.INSTANCE);

            // then
            assertEquals(new PubAck(1, ReasonCode.UNSPECIFIED_ERROR), answers.get(0));
            assertEquals(PingResp.INSTANCE, answers.get(2));
            assertEquals(2, broker.log.takeErrors().size());
        }
    }

    @Test
    void aHandlerThatBlocksHoldsUpItsOwnClientAlone() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        HandlerFactory factory = client -> new Noting() {
            @Override
            public PublishDecision onPublish(Message message) {
                if (TestBroker.text(message.packet()).equals("block")) {
                    blocked.countDown();
                    await(free);
                }
                return super.onPublish(message);
            }
        };
        try (TestBroker broker = new TestBroker(factory, threads)) {
            // given
            MemoryClient slow = broker.open(V5);
            MemoryClient quick = broker.open(V5);
            slow.send(new Connect(V5, "slow", true), message("a", "block"), message("a", "behind"), PingReq.INSTANCE);
            quick.send(
                    new Connect(V5, "quick", true),
                    new Subscribe(1, List.of(to("a", QoS.AT_MOST_ONCE))),
                    message("a", "quick"),
                    PingReq.INSTANCE);

            // when
            List<Packet> toQuick = until(broker, quick, PingResp.INSTANCE);
            until(broker, blocked);
            boolean slowWaits = !slow.take().contains(PingResp.INSTANCE);
            free.countDown();
            List<Packet> toSlow = until(broker, slow, PingResp.INSTANCE);
            List<Packet> more = quick.take();

            // then
            assertTrue(slowWaits);
            assertEquals(List.of("quick"), texts(toQuick));
            assertTrue(toSlow.contains(PingResp.INSTANCE));
            assertEquals(List.of("block", "behind"), texts(more));
        } finally {
            free.countDown();
            threads.shutdownNow();
            assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody let it go on");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void until(TestBroker broker, CountDownLatch latch) throws InterruptedException {
        for (int i = 0; i < 10_000 && !latch.await(1, TimeUnit.MILLISECONDS); i++) {
            broker.loops.run();
        }
        assertEquals(0, latch.getCount());
    }

    /** What comes up to this packet, with the loops running meanwhile. */
    private static List<Packet> until(TestBroker broker, MemoryClient client, Packet last) throws InterruptedException {
        List<Packet> got = new ArrayList<>();
        CountDownLatch never = new CountDownLatch(1);
        for (int i = 0; i < 10_000 && !got.contains(last); i++) {
            broker.loops.run();
            got.addAll(client.take());
            assertFalse(never.await(1, TimeUnit.MILLISECONDS));
        }
        assertTrue(got.contains(last), got::toString);
        return got;
    }
}

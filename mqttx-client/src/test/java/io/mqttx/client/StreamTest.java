package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages as a stream. The rules of Reactive Streams are checked by {@link StreamRulesTest}. */
@Timeout(120)
class StreamTest {
    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    private static Subscription filter(String text) {
        return new Subscription(TopicFilter.of(text), QoS.AT_LEAST_ONCE);
    }

    @Test
    void messagesComeAsTheyAreAskedForAndAreAcknowledgedAfterwards() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            Taker taker = new Taker();
            client.stream("a", QoS.AT_LEAST_ONCE).subscribe(taker);
            assertEquals("subscribed", taker.next());
            assertEquals(
                    QoS.AT_LEAST_ONCE,
                    server.next(Subscribe.class).subscriptions().get(0).maximumQoS());
            server.send(
                    ScriptedServer.message("a", "1", QoS.AT_LEAST_ONCE, 1),
                    ScriptedServer.message("a", "2", QoS.AT_LEAST_ONCE, 2));

            taker.subscription.request(1);

            assertEquals("1", taker.next());
            assertEquals(1, server.next(PubAck.class).packetId());
            taker.subscription.request(Long.MAX_VALUE);
            assertEquals("2", taker.next());
            assertEquals(2, server.next(PubAck.class).packetId());
        }
    }

    @Test
    void aStreamThatIsFullKeepsTheClientFromReading() throws Exception {
        Taker taker = new Taker();
        Packet message = ScriptedServer.message("a", "x".repeat(1000), QoS.AT_MOST_ONCE, 0);
        AtomicLong sent = new AtomicLong();
        int enough = 50_000; // 50 MB: far more than buffers of sockets hold
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            client.stream(filter("a"), 10).subscribe(taker);
            server.next(Subscribe.class);
            Thread flood = new Thread(() -> {
                while (sent.get() < enough) {
                    server.send(message);
                    sent.incrementAndGet();
                }
            });
            flood.setDaemon(true);
            flood.start();

            // then it stops, with little more in memory than the buffer
            awaitThat(() -> client.counters().untold() > 0 && isStill(client));
            assertTrue(
                    client.counters().untold() < 4 << 20,
                    () -> client.counters().toString());
            assertTrue(sent.get() < enough);

            // and goes on when there is demand, and loses nothing
            taker.subscription.request(enough);
            taker.await(enough);
            assertEquals(0, client.counters().dropped());
            awaitThat(() -> client.counters().untold() == 0);
        }
    }

    /** Whether nothing comes for a tenth of a second. */
    private static boolean isStill(MqttClient client) {
        long before = client.counters().bytesReceived();
        long until = System.nanoTime() + 100_000_000;
        while (System.nanoTime() < until) {
            if (client.counters().bytesReceived() != before) {
                return false;
            }
        }
        return true;
    }

    @Test
    void theBufferCountsMessages() throws Exception {
        Taker taker = new Taker();
        Packet message = ScriptedServer.message("a", "x", QoS.AT_MOST_ONCE, 0);
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            client.stream(filter("a"), 2).subscribe(taker);
            server.next(Subscribe.class);
            server.send(message, message, message);
            awaitThat(() -> client.counters().messagesReceived() >= 2 && isStill(client));

            server.send(message); // the reader may wait for this one already
            awaitThat(() -> isStill(client));
            server.send(message);

            assertTrue(isStill(client));
            assertTrue(client.counters().messagesReceived() <= 4);
            taker.subscription.request(5);
            taker.await(5);
        }
    }

    @Test
    void aFullStreamDoesNotKeepACallFromItsAnswer() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            Taker idle = new Taker();
            client.stream(filter("a"), 1).subscribe(idle);
            server.next(Subscribe.class);
            server.send(
                    ScriptedServer.message("a", "1", QoS.AT_MOST_ONCE, 0),
                    ScriptedServer.message("a", "2", QoS.AT_MOST_ONCE, 0));
            awaitThat(() -> client.counters().messagesReceived() >= 1);

            assertEquals(QoS.AT_MOST_ONCE, client.subscribe("b", QoS.AT_MOST_ONCE));
        }
    }

    @Test
    void theSubscriptionEndsWithItsLastSubscriber() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            Taker one = new Taker();
            Taker two = new Taker();
            client.stream("a", QoS.AT_MOST_ONCE).subscribe(one);
            client.stream("a", QoS.AT_MOST_ONCE).subscribe(two);
            assertEquals("subscribed", one.next());
            assertEquals("subscribed", two.next());
            server.next(Subscribe.class);

            one.subscription.cancel();
            one.subscription.cancel();
            two.subscription.request(1);
            server.send(ScriptedServer.message("a", "1", QoS.AT_MOST_ONCE, 0));
            assertEquals("1", two.next());
            assertEquals(
                    0,
                    server.rest().stream().filter(Subscribe.class::isInstance).count());
            two.subscription.cancel();

            assertEquals(
                    List.of(TopicFilter.of("a")), server.next(Unsubscribe.class).filters());
            assertTrue(one.told.isEmpty());
        }
    }

    @Test
    void itSurvivesTheConnection() throws Exception {
        ReconnectOptions soon =
                ReconnectOptions.builder().firstDelay(Duration.ofMillis(1)).build();
        try (MqttClient client =
                MqttClient.connect(server.options().reconnect(soon).build())) {
            Taker taker = new Taker();
            client.stream("a", QoS.AT_MOST_ONCE).subscribe(taker);
            assertEquals("subscribed", taker.next());
            taker.subscription.request(1);
            server.next(Subscribe.class);
            client.unsubscribe("other"); // so SUBACK was read

            server.hangUp();
            server.next(Connect.class);
            server.next(Subscribe.class);
            server.send(ScriptedServer.message("a", "1", QoS.AT_MOST_ONCE, 0));

            assertEquals("1", taker.next());
        }
    }

    @Test
    void whoLeavesWithoutAConnectionIsUnsubscribedOnTheNext() throws Exception {
        RecordingHandler handler = new RecordingHandler();
        ReconnectOptions soon =
                ReconnectOptions.builder().firstDelay(Duration.ofMillis(1)).build();
        try (MqttClient client =
                MqttClient.connect(server.options().reconnect(soon).build(), handler)) {
            assertEquals("connected", handler.next());
            Taker taker = new Taker();
            client.stream("a", QoS.AT_MOST_ONCE).subscribe(taker);
            assertEquals("subscribed", taker.next());
            client.unsubscribe("other"); // so SUBACK was read
            server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.SERVER_BUSY));
            server.hangUp();
            assertTrue(handler.next().startsWith("disconnected"));

            taker.subscription.cancel();
            server.next(Unsubscribe.class);
            server.on(PacketType.CONNECT, server::honestly);

            assertEquals("connected", handler.next());
            assertEquals(
                    List.of(TopicFilter.of("a")), server.next(Unsubscribe.class).filters());
        }
    }

    @Test
    void itCompletesWhenTheClientIsClosedAndWhenSomebodyElseEndsTheSubscription() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            Taker closed = new Taker();
            Taker unsubscribed = new Taker();
            Taker replaced = new Taker();
            client.stream("a", QoS.AT_MOST_ONCE).subscribe(closed);
            client.stream("b", QoS.AT_MOST_ONCE).subscribe(unsubscribed);
            client.stream("c", QoS.AT_MOST_ONCE).subscribe(replaced);

            client.unsubscribe("b");
            client.subscribe("c", QoS.AT_MOST_ONCE, message -> {});
            assertEquals("subscribed", unsubscribed.next());
            assertEquals("complete", unsubscribed.next());
            assertEquals("subscribed", replaced.next());
            assertEquals("complete", replaced.next());
            assertEquals("subscribed", closed.next());
            assertTrue(closed.told.isEmpty());
            client.disconnect();
            assertEquals("complete", closed.next());
        }
    }

    @Test
    void itFailsWhenTheServerRefusesOrTheClientGivesUp() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            Taker refused = new Taker();
            Taker kept = new Taker();
            client.stream("b", QoS.AT_MOST_ONCE).subscribe(kept);
            assertEquals("subscribed", kept.next());
            client.unsubscribe("other"); // so SUBACK was read
            server.on(
                    PacketType.SUBSCRIBE,
                    packet -> List.of(new SubAck(
                            ((Subscribe) packet).packetId(), List.of(ReasonCode.NOT_AUTHORIZED), Properties.EMPTY)));

            client.stream("a", QoS.AT_MOST_ONCE).subscribe(refused);
            assertEquals("subscribed", refused.next());
            assertEquals("failed", refused.next());
            assertInstanceOf(FilterRefusedException.class, refused.error);

            server.hangUp(); // and no reconnection
            assertEquals("failed", kept.next());
            assertInstanceOf(NotConnectedException.class, kept.error);
        }
    }

    @Test
    void aStreamBegunInsideOfACallbackBringsItsMessages() throws Exception {
        Taker taker = new Taker();
        ClientHandler handler = new ClientHandler() {
            @Override
            public void onConnected(MqttClient client, ConnAck connAck) {
                client.stream("a", QoS.AT_MOST_ONCE).subscribe(taker);
                client.subscribe("b", QoS.AT_MOST_ONCE); // waits, inside of the callback
            }
        };
        try (MqttClient client = MqttClient.connect(server.options().build(), handler)) {
            assertEquals("subscribed", taker.next());
            taker.subscription.request(1);
            assertTrue(client.isConnected());
            server.send(ScriptedServer.message("a", "1", QoS.AT_MOST_ONCE, 0));

            assertEquals("1", taker.next());
        }
    }

    @Test
    void whoThrowsIsCancelledAndTheOthersGoOn() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            Taker good = new Taker();
            Taker bad = new Taker() {
                @Override
                public void onNext(Message message) {
                    throw new IllegalStateException("a test's");
                }
            };
            client.stream("a", QoS.AT_LEAST_ONCE).subscribe(bad);
            client.stream("a", QoS.AT_LEAST_ONCE).subscribe(good);
            assertEquals("subscribed", bad.next());
            assertEquals("subscribed", good.next());
            bad.subscription.request(2);
            good.subscription.request(2);

            server.send(
                    ScriptedServer.message("a", "1", QoS.AT_LEAST_ONCE, 1),
                    ScriptedServer.message("a", "2", QoS.AT_LEAST_ONCE, 2));

            assertEquals("1", good.next());
            assertEquals("2", good.next());
            assertEquals(1, server.next(PubAck.class).packetId());
            assertEquals(2, server.next(PubAck.class).packetId());
            assertTrue(bad.told.isEmpty());
        }
    }

    @Test
    void withManualAcknowledgementTheApplicationSaysWhenItIsDone() throws Exception {
        try (MqttClient client =
                MqttClient.connect(server.options().manualAcknowledgement(true).build())) {
            LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();
            Taker taker = new Taker() {
                @Override
                public void onNext(Message message) {
                    messages.add(message);
                }
            };
            client.stream("a", QoS.AT_LEAST_ONCE).subscribe(taker);
            assertEquals("subscribed", taker.next());
            taker.subscription.request(1);
            server.send(ScriptedServer.message("a", "1", QoS.AT_LEAST_ONCE, 1));
            Message message = messages.poll(20, TimeUnit.SECONDS);
            client.unsubscribe("other"); // what was to be sent before was sent
            assertTrue(server.rest().stream().noneMatch(PubAck.class::isInstance));

            client.acknowledge(message);

            assertEquals(1, server.next(PubAck.class).packetId());
        }
    }

    @Test
    void aBufferHasRoomForOneMessageAtLeast() throws Exception {
        try (MqttClient client = MqttClient.connect(server.options().build())) {
            assertThrows(IllegalArgumentException.class, () -> client.stream(filter("a"), 0));
            assertThrows(
                    NullPointerException.class,
                    () -> client.stream("a", QoS.AT_MOST_ONCE).subscribe(null));
        }
    }

    private static void awaitThat(BooleanSupplier condition) {
        long deadline = System.nanoTime() + ScriptedServer.PATIENCE_SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it comes true");
            Thread.onSpinWait();
        }
    }

    /** Remembers what it was told. */
    private static class Taker implements Flow.Subscriber<Message> {
        final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();
        volatile Flow.Subscription subscription;
        volatile Throwable error;

        @Override
        public void onSubscribe(Flow.Subscription ours) {
            subscription = ours;
            told.add("subscribed");
        }

        @Override
        public void onNext(Message message) {
            told.add(message.text());
        }

        @Override
        public void onError(Throwable why) {
            error = why;
            told.add("failed");
        }

        @Override
        public void onComplete() {
            told.add("complete");
        }

        String next() throws InterruptedException {
            String event = told.poll(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(event != null, "the subscriber is told something");
            return event;
        }

        void await(int messages) throws InterruptedException {
            assertEquals("subscribed", next());
            for (int i = 0; i < messages; i++) {
                next();
            }
        }
    }
}

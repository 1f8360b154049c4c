package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an application may do inside of callbacks: everything, and nobody waits for ever. */
@Timeout(60)
class CallbacksTest {
    private enum Place {
        CONNECTED,
        MESSAGE,
        SUBSCRIPTION,
        REFUSED,
        DISCONNECTED
    }

    @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
    private enum Call {
        PUBLISH_QOS_0(client -> client.publish("x", "y")),
        PUBLISH_QOS_1(client -> client.publish("x", new byte[1], QoS.AT_LEAST_ONCE)),
        PUBLISH_AND_JOIN(client ->
                client.publishAsync("x", new byte[1], QoS.EXACTLY_ONCE).join()),
        SUBSCRIBE(client -> client.subscribe("x", QoS.EXACTLY_ONCE)),
        SUBSCRIBE_AND_JOIN_ALL(client -> CompletableFuture.allOf(
                        client.subscribeAsync("x", QoS.AT_MOST_ONCE, message -> {}),
                        client.subscribeAsync(
                                List.of(new Subscription(TopicFilter.of("y"), QoS.AT_MOST_ONCE)), Properties.EMPTY))
                .join()),
        UNSUBSCRIBE(client -> client.unsubscribe("x")),
        UNSUBSCRIBE_AND_JOIN(client -> client.unsubscribeAsync(List.of(TopicFilter.of("x")), Properties.EMPTY)
                .join()),
        DISCONNECT(MqttClient::disconnect),
        CLOSE(MqttClient::close);

        final Consumer<MqttClient> body;

        Call(Consumer<MqttClient> body) {
            this.body = body;
        }
    }

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    static Stream<Arguments> everyCallInEveryCallback() {
        return Stream.of(Place.values())
                .flatMap(place -> Stream.of(Call.values()).map(call -> Arguments.of(place, call)));
    }

    @ParameterizedTest
    @MethodSource("everyCallInEveryCallback")
    void everyMethodMayBeCalledInsideOfEveryCallback(Place place, Call call) throws Exception {
        // given
        server.on(PacketType.PUBLISH, packet -> {
            Publish publish = (Publish) packet;
            return publish.topic().text().equals("refuse")
                    ? List.<Packet>of(new PubAck(publish.packetId(), ReasonCode.QUOTA_EXCEEDED))
                    : server.honestly(packet);
        });
        Inside inside = new Inside(place, call);

        // when
        MqttClient client = MqttClient.connect(server.options().build(), inside);
        switch (place) {
            case CONNECTED -> {}
            case MESSAGE -> server.send(ScriptedServer.message("a", "b", QoS.AT_LEAST_ONCE, 1));
            case SUBSCRIPTION -> {
                client.subscribe("s", QoS.AT_MOST_ONCE, message -> inside.reach(Place.SUBSCRIPTION, client));
                server.send(ScriptedServer.message("s", "b", QoS.AT_LEAST_ONCE, 1));
            }
            case REFUSED -> client.publish("refuse", new byte[0], QoS.AT_LEAST_ONCE);
            case DISCONNECTED -> server.hangUp();
        }

        // then
        String outcome = inside.outcome.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
        boolean leaves = call == Call.DISCONNECT || call == Call.CLOSE;
        assertEquals(place == Place.DISCONNECTED && !leaves ? "NotConnectedException" : "done", outcome);
        client.close();
    }

    private static final class Inside implements ClientHandler {
        final CompletableFuture<String> outcome = new CompletableFuture<>();
        private final Place place;
        private final Call call;

        Inside(Place place, Call call) {
            this.place = place;
            this.call = call;
        }

        void reach(Place here, MqttClient client) {
            if (here != place) {
                return;
            }
            try {
                call.body.accept(client);
                outcome.complete("done");
            } catch (java.util.concurrent.CompletionException e) {
                outcome.complete(e.getCause().getClass().getSimpleName());
            } catch (RuntimeException e) {
                outcome.complete(e.getClass().getSimpleName());
            }
        }

        @Override
        public void onConnected(MqttClient client, ConnAck connAck) {
            reach(Place.CONNECTED, client);
        }

        @Override
        public void onMessage(MqttClient client, Message message) {
            reach(Place.MESSAGE, client);
        }

        @Override
        public void onPublishRefused(MqttClient client, String topic, int packetId, ReasonCode reason) {
            reach(Place.REFUSED, client);
        }

        @Override
        public void onDisconnected(MqttClient client, DisconnectReason reason) {
            reach(Place.DISCONNECTED, client);
        }
    }

    @Test
    void aHandlerThatThrowsIsLoggedAndTheConnectionLives() throws Exception {
        // given
        RecordingHandler handler = new RecordingHandler() {
            @Override
            public void onMessage(MqttClient client, Message message) {
                super.onMessage(client, message);
                if (message.text().equals("error")) {
                    throw new AssertionError("thrown on purpose");
                }
                throw new IllegalStateException("thrown on purpose");
            }
        };
        MqttClient client = MqttClient.connect(server.options().build(), handler);
        assertEquals("connected", handler.next());

        // when
        server.send(
                ScriptedServer.message("a", "exception", QoS.AT_LEAST_ONCE, 1),
                ScriptedServer.message("a", "error", QoS.AT_LEAST_ONCE, 2));

        // then
        assertEquals("a=exception", handler.next());
        assertEquals("a=error", handler.next());
        assertEquals(1, server.next(PubAck.class).packetId());
        assertEquals(2, server.next(PubAck.class).packetId());
        assertTrue(client.isConnected());
        client.close();
    }

    @Test
    void aMessageIsAcknowledgedWhenItsCallbackHasReturnedAndNotBefore() throws Exception {
        // given
        CountDownLatch go = new CountDownLatch(1);
        MqttClient client = MqttClient.connect(server.options().build(), new ClientHandler() {
            @Override
            public void onMessage(MqttClient client, Message message) {
                if (message.text().equals("second")) {
                    await(go);
                }
            }
        });

        // when
        server.send(
                ScriptedServer.message("a", "first", QoS.AT_LEAST_ONCE, 1),
                ScriptedServer.message("a", "second", QoS.AT_LEAST_ONCE, 2));

        // then
        assertEquals(1, server.next(PubAck.class).packetId());
        client.subscribe("round trip", QoS.AT_MOST_ONCE);
        server.next(Subscribe.class);
        assertTrue(server.rest().isEmpty());
        go.countDown();
        assertEquals(2, server.next(PubAck.class).packetId());
        client.close();
    }

    @Test
    void aSlowCallbackSlowsDownTheServerAndDoesNotLoseTheConnection() throws Exception {
        // given
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger told = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(400);
        server.on(PacketType.PINGREQ); // the answer comes behind the messages
        MqttClient client = MqttClient.connect(
                server.options()
                        .keepAlive(Duration.ofSeconds(1))
                        .connectTimeout(Duration.ofMillis(600))
                        .build(),
                new ClientHandler() {
                    @Override
                    public void onMessage(MqttClient client, Message message) {
                        await(go);
                        told.incrementAndGet();
                        all.countDown();
                    }
                });
        CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
            String payload = "x".repeat(100_000);
            for (int i = 0; i < 400; i++) {
                server.send(ScriptedServer.message("a", payload, QoS.AT_MOST_ONCE, 0));
            }
            server.send(PingResp.INSTANCE);
        });

        // when the client cannot read the answers to its pings for several keep alives
        for (int i = 0; i < 4; i++) {
            server.next(PingReq.class);
        }

        // then
        assertTrue(client.isConnected());
        assertTrue(!sent.isDone(), "40 MB do not fit into the client and the sockets");
        go.countDown();
        assertTrue(all.await(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        assertEquals(400, told.get());
        assertTrue(client.isConnected());
        client.close();
    }

    @Test
    void anAnswerBehindManyMessagesReachesTheCallbackThatWaits() throws Exception {
        // given a server that sends 4 MB before it answers
        String payload = "x".repeat(100_000);
        server.on(PacketType.SUBSCRIBE, packet -> {
            List<Packet> packets = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                packets.add(ScriptedServer.message("a", payload, QoS.AT_MOST_ONCE, 0));
            }
            packets.add(ScriptedServer.granted((Subscribe) packet));
            return packets;
        });
        CompletableFuture<QoS> granted = new CompletableFuture<>();
        CountDownLatch all = new CountDownLatch(40);

        // when
        MqttClient client = MqttClient.connect(server.options().build(), new ClientHandler() {
            @Override
            public void onConnected(MqttClient client, ConnAck connAck) {
                granted.complete(client.subscribe("a", QoS.AT_LEAST_ONCE));
            }

            @Override
            public void onMessage(MqttClient client, Message message) {
                all.countDown();
            }
        });

        // then
        assertEquals(QoS.AT_LEAST_ONCE, granted.get());
        assertTrue(all.await(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        client.close();
    }

    @Test
    void aCallbackThatWaitsBehindTooManyMessagesGetsAnErrorAndAllOfThem() throws Exception {
        // given a server that sends 30 MB before it answers
        String payload = "x".repeat(100_000);
        server.on(PacketType.SUBSCRIBE, packet -> {
            List<Packet> packets = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                packets.add(ScriptedServer.message("a", payload, QoS.AT_MOST_ONCE, 0));
            }
            packets.add(ScriptedServer.granted((Subscribe) packet));
            return packets;
        });
        CompletableFuture<RuntimeException> failed = new CompletableFuture<>();
        CountDownLatch all = new CountDownLatch(300);

        // when
        MqttClient client = MqttClient.connect(server.options().build(), new ClientHandler() {
            @Override
            public void onConnected(MqttClient client, ConnAck connAck) {
                try {
                    client.subscribe("a", QoS.AT_LEAST_ONCE);
                } catch (RuntimeException e) {
                    failed.complete(e);
                }
            }

            @Override
            public void onMessage(MqttClient client, Message message) {
                all.countDown();
            }
        });

        // then
        assertInstanceOf(FlowControlException.class, failed.get());
        assertTrue(all.await(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS), "no message is lost");
        assertTrue(client.isConnected());
        client.close();
    }

    @Test
    void whatHangsOnAFutureMayWaitForAFutureBehindIt() throws Exception {
        // given two answers that come together
        server.on(PacketType.PUBLISH);
        MqttClient client = MqttClient.connect(server.options().build());
        CompletableFuture<ReasonCode> first = client.publishAsync("a", new byte[1], QoS.AT_LEAST_ONCE);
        CompletableFuture<ReasonCode> second = client.publishAsync("b", new byte[1], QoS.AT_LEAST_ONCE);
        CompletableFuture<QoS> both = first.thenApply(reason -> {
            second.thenApply(other -> other).join();
            return client.subscribe("x", QoS.AT_MOST_ONCE);
        });

        // when
        server.send(new PubAck(1), new PubAck(2));

        // then
        assertEquals(QoS.AT_MOST_ONCE, both.get(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        client.close();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

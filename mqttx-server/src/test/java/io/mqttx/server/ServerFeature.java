package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.ClientOptions;
import io.mqttx.client.ConnectRefusedException;
import io.mqttx.client.DisconnectReason;
import io.mqttx.client.Message;
import io.mqttx.client.MqttClient;
import io.mqttx.client.ReconnectOptions;
import io.mqttx.client.TlsOptions;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.UserProperty;
import io.mqttx.packet.Will;
import io.mqttx.server.ServerScene.Told;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What our client does with a server: the rows of the matrix. */
enum ServerFeature {
    QOS("100 messages of QoS 0, 1, 2 in order", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            MqttClient client = scene.connect("a");
            BlockingQueue<Message> got = new LinkedBlockingQueue<>();
            client.subscribe(scene.topic("x"), QoS.EXACTLY_ONCE, got::add);
            List<CompletableFuture<ReasonCode>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answers.add(client.publishAsync(scene.topic("x"), utf8(i), QoS.of(i % 3)));
            }
            scene.await(answers);
            List<Message> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(scene.next(got));
            }
            for (QoS qos : QoS.values()) { // §4.6: the order is that of a topic and a QoS
                assertEquals(
                        IntStream.range(0, 100)
                                .filter(i -> i % 3 == qos.code())
                                .mapToObj(String::valueOf)
                                .toList(),
                        all.stream()
                                .filter(message -> message.qos() == qos)
                                .map(Message::text)
                                .toList());
            }
        }
    },
    RETAINED("retained messages", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            MqttClient client = scene.connect("a");
            String topic = scene.topic("r");
            client.publishAsync(ServerScene.message(topic, "kept", QoS.AT_LEAST_ONCE, true, Properties.EMPTY))
                    .get(10, TimeUnit.SECONDS);
            BlockingQueue<Message> first = new LinkedBlockingQueue<>();
            client.subscribe(topic, QoS.EXACTLY_ONCE, first::add);
            Message kept = scene.next(first);
            assertEquals("kept", kept.text());
            assertTrue(kept.retain());

            client.unsubscribe(topic);
            client.publishAsync(ServerScene.message(topic, "", QoS.AT_LEAST_ONCE, true, Properties.EMPTY))
                    .get(10, TimeUnit.SECONDS);
            BlockingQueue<Message> second = new LinkedBlockingQueue<>();
            client.subscribe(topic, QoS.EXACTLY_ONCE, second::add);
            scene.assertNothingBut(List.of(), second, client, topic);
        }
    },
    WILL("will when the socket breaks", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told watcher = new Told();
            scene.connect(scene.options("w"), watcher).subscribe(scene.topic("will"), QoS.EXACTLY_ONCE);
            CuttingRelay relay = scene.relay();
            Will will = new Will(
                    TopicName.of(scene.topic("will")),
                    ByteBuffer.wrap(utf8("gone")),
                    QoS.AT_LEAST_ONCE,
                    false,
                    Properties.EMPTY);
            Told told = new Told();
            scene.connect(scene.options("a").port(relay.port()).will(will), told);

            relay.cut();

            assertEquals("gone", scene.next(watcher.messages).text());
            assertTrue(lost(scene.next(told.disconnected)));
        }
    },
    WILDCARDS("wildcards", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            MqttClient client = scene.connect("a");
            BlockingQueue<Message> one = new LinkedBlockingQueue<>();
            BlockingQueue<Message> all = new LinkedBlockingQueue<>();
            client.subscribe(scene.topic("+/c"), QoS.AT_LEAST_ONCE, one::add);
            for (String rest : List.of("a/c", "b/c", "a/d", "a/b/c")) {
                client.publish(scene.topic(rest), utf8(rest), QoS.AT_LEAST_ONCE);
            }
            scene.assertNothingBut(List.of("a/c", "b/c"), one, client, scene.topic("z/c"));

            client.unsubscribe(scene.topic("+/c"));
            client.subscribe(scene.topic("a/#"), QoS.AT_LEAST_ONCE, all::add);
            for (String rest : List.of("a", "a/c", "b/c", "a/b/c")) {
                client.publish(scene.topic(rest), utf8(rest), QoS.AT_LEAST_ONCE);
            }
            scene.assertNothingBut(List.of("a", "a/c", "a/b/c"), all, client, scene.topic("a/z"));
        }
    },
    UNSUBSCRIBE("unsubscribe", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told told = new Told();
            MqttClient client = scene.connect(scene.options("a"), told);
            client.subscribe(scene.topic("x"), QoS.AT_LEAST_ONCE);
            client.subscribe(scene.topic("y"), QoS.AT_LEAST_ONCE);
            client.publish(scene.topic("x"), utf8("before"), QoS.AT_LEAST_ONCE);
            assertEquals("before", scene.next(told.messages).text());

            client.unsubscribe(scene.topic("x"));

            client.publish(scene.topic("x"), utf8("behind"), QoS.AT_LEAST_ONCE);
            scene.assertNothingBut(List.of(), told.messages, client, scene.topic("y"));
        }
    },
    RESUMED("messages kept while the client is away", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            CuttingRelay relay = scene.relay();
            Told told = new Told();
            scene.connect(scene.lasting("a").port(relay.port()), told).subscribe(scene.topic("q"), QoS.EXACTLY_ONCE);
            relay.cut();
            scene.next(told.disconnected);

            MqttClient publisher = scene.connect("p");
            for (int i = 0; i < 20; i++) {
                publisher
                        .publishAsync(scene.topic("q"), utf8(i), QoS.of(1 + i % 2))
                        .get(10, TimeUnit.SECONDS);
            }
            relay.mend();

            List<String> got = scene.textsUntilEnd(told.messages, publisher, scene.topic("q"));
            assertEquals(
                    IntStream.range(0, 20).mapToObj(String::valueOf).sorted().toList(), sorted(got));
            for (int parity = 0; parity < 2; parity++) {
                int kind = parity;
                List<String> inOrder = got.stream()
                        .filter(text -> Integer.parseInt(text) % 2 == kind)
                        .toList();
                assertEquals(
                        IntStream.range(0, 20)
                                .filter(i -> i % 2 == kind)
                                .mapToObj(String::valueOf)
                                .toList(),
                        inOrder);
            }
        }
    },
    IN_FLIGHT("in flight when the socket breaks: QoS 2 once", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            BlockingQueue<Message> got = new LinkedBlockingQueue<>();
            MqttClient observer = scene.connect("o");
            observer.subscribe(scene.topic("f"), QoS.EXACTLY_ONCE, got::add);
            CuttingRelay relay = scene.relay();
            Told told = new Told();
            MqttClient client = scene.connect(scene.lasting("a").port(relay.port()), told);
            relay.loseAnswers();
            List<CompletableFuture<ReasonCode>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(client.publishAsync(scene.topic("f"), utf8(i), QoS.of(1 + i % 2)));
            }
            List<String> texts = new ArrayList<>(List.of(scene.next(got).text())); // so they have arrived, in part
            relay.cut();
            relay.mend();

            scene.await(answers);
            texts.addAll(scene.textsUntilEnd(got, observer, scene.topic("f")));
            assertEquals(20, Set.copyOf(texts).size(), texts::toString);
            List<String> exactlyOnce = texts.stream()
                    .filter(text -> Integer.parseInt(text) % 2 == 1)
                    .toList();
            assertEquals(
                    IntStream.range(0, 20)
                            .filter(i -> i % 2 == 1)
                            .mapToObj(String::valueOf)
                            .toList(),
                    exactlyOnce);
        }
    },
    MANUAL("acknowledged by hand; what was not comes again", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            CuttingRelay relay = scene.relay();
            Told told = new Told();
            MqttClient client =
                    scene.connect(scene.lasting("a").port(relay.port()).manualAcknowledgement(true), told);
            client.subscribe(scene.topic("m"), QoS.AT_LEAST_ONCE);
            MqttClient publisher = scene.connect("p");
            publisher.publish(scene.topic("m"), utf8("one"), QoS.AT_LEAST_ONCE);
            publisher.publish(scene.topic("m"), utf8("two"), QoS.AT_LEAST_ONCE);
            client.acknowledge(scene.next(told.messages));
            assertEquals("two", scene.next(told.messages).text());
            client.unsubscribe(scene.topic("other")); // answered behind the acknowledgement
            relay.cut();
            scene.next(told.disconnected);
            client.close();

            Told next = new Told();
            MqttClient other = scene.connect(scene.lasting("a").manualAcknowledgement(true), next);
            Message again = scene.next(next.messages);

            assertEquals("two", again.text());
            assertTrue(again.packet().dup());
            other.acknowledge(again);
        }
    },
    PROPERTIES("user properties, content type, expiry", true) {
        @Override
        void play(ServerScene scene) throws Exception {
            MqttClient client = scene.connect("a");
            BlockingQueue<Message> got = new LinkedBlockingQueue<>();
            client.subscribe(scene.topic("p"), QoS.AT_LEAST_ONCE, got::add);
            Properties properties = Properties.builder()
                    .add(Property.PAYLOAD_FORMAT_INDICATOR, true)
                    .add(Property.MESSAGE_EXPIRY_INTERVAL, 100L)
                    .add(Property.CONTENT_TYPE, "text/plain")
                    .userProperty("b", "1")
                    .userProperty("a", "2")
                    .userProperty("b", "3")
                    .build();

            client.publish(ServerScene.message(scene.topic("p"), "x", QoS.AT_LEAST_ONCE, false, properties));

            Properties came = scene.next(got).properties();
            assertEquals(
                    List.of(new UserProperty("b", "1"), new UserProperty("a", "2"), new UserProperty("b", "3")),
                    came.userProperties());
            assertEquals("text/plain", came.find(Property.CONTENT_TYPE).orElseThrow());
            assertTrue(came.flag(Property.PAYLOAD_FORMAT_INDICATOR, false));
            long left = came.number(Property.MESSAGE_EXPIRY_INTERVAL, 0);
            assertTrue(left > 90 && left <= 100, "expires in " + left);
        }
    },
    REQUESTS("request and response", true) {
        @Override
        void play(ServerScene scene) throws Exception {
            MqttClient responder = scene.connect("r");
            responder.subscribe(scene.topic("ask"), QoS.AT_LEAST_ONCE, request -> {
                CompletableFuture<ReasonCode> ignored =
                        responder.respond(request, utf8(request.text() + "!"), QoS.AT_LEAST_ONCE);
            });
            MqttClient client = scene.connect("a");
            List<CompletableFuture<Message>> answers = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                answers.add(client.request(scene.topic("ask"), utf8(i), QoS.AT_LEAST_ONCE, Duration.ofSeconds(10)));
            }
            for (int i = 0; i < 10; i++) {
                assertEquals(i + "!", answers.get(i).get(10, TimeUnit.SECONDS).text());
            }
        }
    },
    SHARED("shared subscriptions", true) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told first = new Told();
            Told second = new Told();
            String filter = "$share/group/" + scene.topic("s");
            MqttClient publisher = scene.connect(scene.options("a"), first);
            publisher.subscribe(filter, QoS.AT_LEAST_ONCE);
            MqttClient other = scene.connect(scene.options("b"), second);
            other.subscribe(filter, QoS.AT_LEAST_ONCE);
            publisher.subscribe(scene.topic("end"), QoS.AT_LEAST_ONCE);
            other.subscribe(scene.topic("end"), QoS.AT_LEAST_ONCE);
            for (int i = 0; i < 40; i++) {
                publisher
                        .publishAsync(scene.topic("s"), utf8(i), QoS.AT_LEAST_ONCE)
                        .get(10, TimeUnit.SECONDS);
            }
            List<String> got = new ArrayList<>();
            while (got.size() < 40) { // each of them has one taker
                Message message = first.messages.poll();
                got.add((message == null ? nextOfBoth(scene, first, second) : message).text());
            }
            publisher.publish(scene.topic("end"), utf8("end"), QoS.AT_LEAST_ONCE);
            assertEquals("end", scene.next(first.messages).text());
            assertEquals("end", scene.next(second.messages).text());
            assertEquals(40, new TreeSet<>(got).size(), got::toString);
        }
    },
    ALIASES("topic aliases both ways", true) {
        @Override
        void play(ServerScene scene) throws Exception {
            CuttingRelay relay = scene.relay();
            Told told = new Told();
            MqttClient client = scene.connect(
                    scene.options("a").port(relay.port()).properties(Properties.of(Property.TOPIC_ALIAS_MAXIMUM, 5)),
                    told);
            String topic = scene.topic("long/".repeat(100));
            client.subscribe(topic, QoS.AT_LEAST_ONCE);
            long before = relay.sent();
            for (int i = 0; i < 20; i++) {
                client.publish(topic, utf8(i), QoS.AT_LEAST_ONCE);
                Message message = scene.next(told.messages);
                assertEquals(topic + i, message.topic() + message.text());
            }
            int taken = (int) scene.next(told.connected).properties().number(Property.TOPIC_ALIAS_MAXIMUM, 0);
            assertTrue(taken > 0, "the server takes aliases");
            assertTrue(relay.sent() - before < 5L * topic.length(), "the topic is sent once");
        }
    },
    RECEIVE_MAXIMUM("receive maximum both ways", true) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told told = new Told();
            MqttClient client = scene.connect(
                    scene.options("a")
                            .manualAcknowledgement(true)
                            .properties(Properties.of(Property.RECEIVE_MAXIMUM, 2)),
                    told);
            client.subscribe(scene.topic("x"), QoS.AT_LEAST_ONCE);
            List<CompletableFuture<ReasonCode>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                answers.add(client.publishAsync(scene.topic("x"), utf8(i), QoS.AT_LEAST_ONCE));
            }
            scene.await(answers);
            Message first = scene.next(told.messages);
            Message second = scene.next(told.messages);
            client.subscribe(scene.topic("other"), QoS.AT_MOST_ONCE);
            assertTrue(told.messages.isEmpty(), "no third one comes before an acknowledgement");
            client.acknowledge(first);
            client.acknowledge(second);
            for (int i = 2; i < 100; i++) {
                Message next = scene.next(told.messages);
                assertEquals(String.valueOf(i), next.text());
                client.acknowledge(next);
            }
        }
    },
    TAKEOVER("session taken over", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told told = new Told();
            ClientOptions.Builder options = scene.options("a");
            if (!scene.version.hasProperties()) {
                options.reconnect(ReconnectOptions.never()); // it cannot know why, and would come back
            }
            scene.connect(options, told);

            scene.connect(options, new Told());

            DisconnectReason reason = scene.next(told.disconnected);
            if (scene.version.hasProperties()) {
                assertEquals(DisconnectReason.Cause.DISCONNECTED_BY_SERVER, reason.cause());
                assertEquals(ReasonCode.SESSION_TAKEN_OVER, reason.code());
                assertEquals(reason, scene.next(told.givenUp));
            } else {
                assertTrue(lost(reason), reason::toString);
            }
        }
    },
    REFUSED("bad credentials: refused and given up", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told told = new Told();
            ClientOptions.Builder stranger =
                    scene.options("a").credentials(Credentials.of(PeerServer.STRANGER, ByteBuffer.wrap(utf8("wrong"))));

            ConnectRefusedException refused =
                    assertThrows(ConnectRefusedException.class, () -> scene.connect(stranger, told));
            scene.start(stranger, told);
            DisconnectReason reason = scene.next(told.givenUp);

            assertEquals(reason.code(), refused.reason().code());
            assertTrue(
                    Set.of(ReasonCode.BAD_USER_NAME_OR_PASSWORD, ReasonCode.NOT_AUTHORIZED)
                            .contains(reason.code()),
                    reason::toString);
        }
    },
    ASSIGNED("client identifier by the server", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told told = new Told();
            MqttClient client = scene.connect(scene.options("a").clientId(""), told);

            ConnAck connAck = scene.next(told.connected);

            assertEquals(scene.version.hasProperties(), !client.clientId().isEmpty());
            assertEquals(
                    client.clientId(),
                    connAck.properties()
                            .find(Property.ASSIGNED_CLIENT_IDENTIFIER)
                            .orElse(""));
        }
    },
    KEEP_ALIVE("keep alive by the server", true) {
        @Override
        void play(ServerScene scene) throws Exception {
            Told told = new Told();
            scene.connect(scene.options("a").keepAlive(Duration.ofSeconds(60)), told);

            int wanted = (int) scene.next(told.connected).properties().number(Property.SERVER_KEEP_ALIVE, 0);

            assertEquals(PeerServer.MAX_KEEP_ALIVE.toSeconds(), wanted);
        }
    },
    TEN_CLIENTS("10 clients at once", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            List<Told> told = new ArrayList<>();
            List<MqttClient> clients = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Told one = new Told();
                MqttClient client = scene.connect(scene.options("c" + i), one);
                client.subscribe(scene.topic("all"), QoS.AT_LEAST_ONCE);
                told.add(one);
                clients.add(client);
            }
            for (int i = 0; i < 10; i++) {
                for (int j = 0; j < 10; j++) {
                    clients.get(i).publish(scene.topic("all"), utf8(i + "." + j), QoS.AT_LEAST_ONCE);
                }
            }
            for (Told one : told) {
                assertEquals(100, new TreeSet<>(scene.texts(one.messages, 100)).size());
            }
        }
    },
    TCP("TCP, 200 KB at each QoS", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            large(scene, "mqtt", 200_000);
        }
    },
    TLS("TLS, 200 KB at each QoS", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            large(scene, "mqtts", 200_000);
        }
    },
    WEB_SOCKET("WebSocket, 200 KB at each QoS", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            large(scene, "ws", scene.server.largeOverWebSocket());
        }
    },
    SECURE_WEB_SOCKET("secure WebSocket, 200 KB at each QoS", false) {
        @Override
        void play(ServerScene scene) throws Exception {
            large(scene, "wss", scene.server.largeOverWebSocket());
        }
    };

    final String title;
    final boolean onlyV5;

    ServerFeature(String title, boolean onlyV5) {
        this.title = title;
        this.onlyV5 = onlyV5;
    }

    abstract void play(ServerScene scene) throws Exception;

    boolean isFor(ProtocolVersion version) {
        boolean without = this == ASSIGNED && version == ProtocolVersion.V3_1; // §3.1 of 3.1: 1 to 23 characters
        return (!onlyV5 || version.hasProperties()) && !without;
    }

    private static void large(ServerScene scene, String scheme, int size) throws Exception {
        ClientOptions.Builder options = scene.options("a");
        if (PeerServer.hasTls(scheme)) {
            options.tls(TlsOptions.defaults().withAuthorities(scene.server.authority()));
        }
        Told told = new Told();
        MqttClient client = scene.connect(options.server(scheme + "://localhost:" + scene.server.port(scheme)), told);
        assertEquals(QoS.EXACTLY_ONCE, client.subscribe(scene.topic("l/#"), QoS.EXACTLY_ONCE));
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        for (QoS qos : QoS.values()) {
            client.publish(scene.topic("l/" + qos), bytes, qos);
            Message message = scene.next(told.messages);
            assertEquals(qos, message.qos());
            assertArrayEquals(bytes, message.bytes());
        }
        client.disconnect();
        assertEquals(
                DisconnectReason.Cause.CLOSED_BY_CLIENT,
                scene.next(told.disconnected).cause());
        assertFalse(client.isConnected());
    }

    private static Message nextOfBoth(ServerScene scene, Told first, Told second) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < deadline) {
            for (Told told : List.of(first, second)) {
                Message message = told.messages.poll(5, TimeUnit.MILLISECONDS);
                if (message != null) {
                    return message;
                }
            }
        }
        return scene.next(first.messages); // fails
    }

    private static boolean lost(DisconnectReason reason) {
        return Set.of(DisconnectReason.Cause.CLOSED_BY_SERVER, DisconnectReason.Cause.IO_ERROR)
                .contains(reason.cause());
    }

    private static List<String> sorted(List<String> texts) {
        return texts.stream().sorted().toList();
    }

    private static byte[] utf8(Object text) {
        return String.valueOf(text).getBytes(StandardCharsets.UTF_8);
    }
}

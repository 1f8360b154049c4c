package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Listener;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.LogLines;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.SimulatedNetwork;
import io.mqttx.testkit.SimulatedStorage;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * One story, made from one seed: two whole clients, one that publishes and one that subscribes, a whole broker between
 * them, and a network that breaks. The broker goes down and comes back, with all that it had promised to keep or with
 * nothing. Then nothing breaks any more, and the books are checked.
 */
final class ClientWorld {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final int MESSAGES = 40;

    private final Random random;
    private final ManualLoops loops;
    private final SimulatedNetwork network;
    private final SimulatedMachine machine;
    private final boolean durable;
    private final boolean forgets; // the broker, when it goes down
    private final List<SimulatedRoute> routes = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private SimulatedStorage storage;
    private boolean calm;
    private boolean up;

    private record Sent(String topic, String text, QoS qos, CompletableFuture<ReasonCode> answer) {}

    ClientWorld(long seed) {
        random = new Random(seed);
        loops = new ManualLoops(1 + random.nextInt(3));
        network = new SimulatedNetwork(loops, new Random(random.nextLong()), conditions(random));
        machine = new SimulatedMachine(loops, new Random(random.nextLong()));
        durable = random.nextInt(3) > 0;
        forgets = !durable && random.nextBoolean();
        storage = new SimulatedStorage().syncAfter(loops.all().get(0), random.nextInt(20) * 1_000_000L);
        startBroker();
    }

    private static SimulatedNetwork.Conditions conditions(Random random) {
        Duration least = Duration.ofMillis(random.nextInt(5));
        Duration most = least.plusMillis(random.nextBoolean() ? 0 : random.nextInt(50));
        int piece = random.nextBoolean() ? 1 + random.nextInt(40) : 10_000;
        return new SimulatedNetwork.Conditions(least, most, piece, 1 + random.nextInt(2000));
    }

    /** What happened, line by line: the same for the same seed. */
    List<String> play() {
        try (LogLines log = new LogLines()) {
            machine.start("application", this::live);
            machine.playUntil(machine::isEmpty, PATIENCE, "everybody is done");
            assertEquals(List.of(), log.takeErrors());
        }
        checkBooks();
        return machine.story();
    }

    // ---- The application

    private void live() {
        MqttClient subscriber = client("subscriber");
        MqttClient publisher = client("publisher");
        await(() -> subscribe(subscriber));
        for (int i = 0; i < MESSAGES; i++) {
            publish(publisher, i);
            if (random.nextInt(3) == 0) {
                pause(random.nextInt(200));
            }
            if (random.nextInt(15) == 0 && up && (durable || forgets)) {
                crash();
            }
        }
        calm = true;
        await(() -> sent.stream().allMatch(message -> message.answer().isDone()));
        await(() -> up && subscriber.isConnected() && publisher.isConnected());
        sendLast(publisher);
        publisher.close();
        subscriber.close();
    }

    /** What is published now finds everybody there. */
    private void sendLast(MqttClient publisher) {
        int before = told.size();
        await(() -> {
            publish(publisher, sent.size());
            pause(5_000);
            return told.size() > before;
        });
        await(() -> sent.stream()
                .allMatch(message -> message.answer().isDone() && (forgets || told.contains(asTold(message)))));
        pause(60_000); // and nothing comes twice
    }

    private void publish(MqttClient publisher, int number) {
        QoS qos = QoS.of(1 + random.nextInt(2));
        String topic = "t/" + random.nextInt(2);
        String text = number + ":" + qos.code() + " ".repeat(random.nextInt(100));
        Publish message =
                new Publish(qos, false, TopicName.of(topic), 1, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        sent.add(new Sent(topic, text, qos, publisher.publishAsync(message)));
    }

    /** The answer may get lost: then again. */
    private boolean subscribe(MqttClient subscriber) {
        try {
            subscriber.subscribe("t/+", QoS.EXACTLY_ONCE, this::tell);
            return true;
        } catch (NotConnectedException | RequestTimeoutException e) {
            return false;
        }
    }

    private void tell(Message message) {
        machine.tell("told: " + message.text());
        told.add(message.topic() + " " + message.text());
    }

    private static String asTold(Sent message) {
        return message.topic() + " " + message.text();
    }

    private interface Wish {
        boolean isTrue();
    }

    private void await(Wish wish) {
        while (!wish.isTrue()) {
            pause(50);
        }
    }

    private void pause(int millis) {
        machine.new Bell().await(millis * 1_000_000L);
    }

    private MqttClient client(String name) {
        ProtocolVersion version = random.nextBoolean() ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
        ClientOptions options = ClientOptions.builder()
                .clientId(name)
                .version(version)
                .cleanStart(false)
                .keepAlive(Duration.ofSeconds(1 + random.nextInt(30)))
                .sessionStore(SessionStore.inMemory())
                .properties(
                        version.hasProperties()
                                ? Properties.of(Property.SESSION_EXPIRY_INTERVAL, 0xFFFF_FFFFL)
                                : Properties.EMPTY)
                .maxInflight(1 + random.nextInt(10))
                .offlineQueue(OfflineQueue.of(1000))
                .build();
        return MqttClient.start(options, new ClientHandler() {}, server -> route(name), machine);
    }

    private SimulatedRoute route(String name) {
        SimulatedRoute route = new SimulatedRoute(machine, network, name, random, !calm && random.nextInt(8) > 0);
        routes.add(route);
        return route;
    }

    // ---- The broker

    private void startBroker() {
        Broker.Builder builder = Broker.builder()
                .transport(network)
                .handler(client -> BrokerHandler.allowAll())
                .random(new Random(random.nextLong()))
                .calendar(() -> Instant.ofEpochSecond(1_700_000_000L).plusNanos(loops.now()))
                .options(BrokerOptions.builder()
                        .receiveMaximum(1 + random.nextInt(20))
                        .build())
                .listen(Listener.tcp("simulated", 0));
        if (durable) {
            builder.storage(storage);
        }
        Broker ignored = builder.start(); // its end is a crash
        up = true;
        machine.tell("the broker is up");
    }

    /** The broker is gone without a word, and another one begins with what was safe. */
    private void crash() {
        machine.tell("the broker is down");
        up = false;
        network.crash();
        loops.forgetEverything();
        routes.forEach(SimulatedRoute::lost);
        routes.clear();
        storage = storage.crash(random.nextInt(storage.waiting() + 1));
        machine.alarm(this::startBroker, random.nextInt(3_000) * 1_000_000L);
    }

    // ---- The books

    private void checkBooks() {
        Map<String, Integer> times = new HashMap<>();
        told.forEach(text -> times.merge(text, 1, Integer::sum));
        for (Sent message : sent) {
            int came = times.getOrDefault(asTold(message), 0);
            boolean accepted = !message.answer().isCompletedExceptionally();
            assertTrue(came <= 1 || message.qos() == QoS.AT_LEAST_ONCE, () -> message + " came " + came + " times");
            assertTrue(came >= 1 || forgets || !accepted, () -> message + " was acknowledged and never came");
            assertTrue(accepted || forgets, () -> message + " failed, though its session went on");
        }
        for (int topic = 0; topic < 2; topic++) {
            for (QoS qos : List.of(QoS.AT_LEAST_ONCE, QoS.EXACTLY_ONCE)) {
                checkOrder("t/" + topic, qos);
            }
        }
    }

    /** For the first time in the order of the calls (§4.6). */
    private void checkOrder(String topic, QoS qos) {
        List<String> inOrder = sent.stream()
                .filter(message -> message.topic().equals(topic) && message.qos() == qos)
                .map(ClientWorld::asTold)
                .filter(told::contains)
                .toList();
        List<String> came = told.stream().filter(inOrder::contains).distinct().toList();
        assertEquals(inOrder, came);
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.client.OfflineQueue.WhenFull;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.testkit.LogLines;
import io.mqttx.testkit.ManualLoops;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One story, made from one seed: whole clients, one that publishes, one that subscribes and one that streams and asks
 * questions, a whole broker between them, and a network that breaks. The broker goes down and comes back. Then nothing
 * breaks any more, and the books are checked.
 */
final class ClientWorld {
    private static final Duration PATIENCE = Duration.ofMinutes(30);
    private static final int MESSAGES = 40;
    private static final List<WhenFull> WAYS_TO_BE_FULL = List.of(WhenFull.values());
    private static final String FILTER = "t/+"; // of the messages in the books

    private final Random random;
    private final SimulatedMachine machine;
    private final FrailBroker broker;
    private final List<MqttClient> clients = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();
    private final Journal told;
    private final QueueForecast forecast;
    private final MqttClient publisher;
    private final MqttClient subscriber;
    private final Optional<Companion> companion; // not in every story: there is more to tell with three
    private final Optional<Asker> asker; // version 5 only
    private final Logins logins = new Logins();

    /** When messages are sent. */
    private final class Starts implements ClientEvents {
        @Override
        public void publishStarted(MqttClient client, Publish message) {
            find(message).started(machine.now());
        }
    }

    /** What became of messages whose publisher did not wait for an answer. */
    private final class Fates implements ClientHandler {
        @Override
        public void onPublishDropped(MqttClient client, Publish message, RuntimeException why) {
            find(message).failed(why, machine.now());
        }
    }

    ClientWorld(long seed) {
        random = new Random(seed);
        ManualLoops loops = new ManualLoops(1 + random.nextInt(3));
        machine = new SimulatedMachine(loops, new Random(random.nextLong()));
        broker = new FrailBroker(machine, loops, random);
        OfflineQueue queue = queue();
        forecast = new QueueForecast(queue);
        publisher = start(options("publisher").offlineQueue(queue).events(new Starts()), new Fates());
        ClientOptions ofSubscriber =
                options("subscriber").offlineQueue(OfflineQueue.of(1000)).build();
        subscriber = start(ofSubscriber.toBuilder(), new ClientHandler() {});
        told = new Journal(machine, "subscriber");
        ClientOptions ofCompanion = options("companion").offlineQueue(queue()).build();
        companion = random.nextInt(3) == 0
                ? Optional.empty()
                : Optional.of(new Companion(
                        machine,
                        random,
                        FILTER,
                        events -> start(ofCompanion.toBuilder().events(events), new ClientHandler() {})));
        asker = companion
                .filter(known -> ofCompanion.version().hasProperties()
                        && ofSubscriber.version().hasProperties())
                .map(known -> new Asker(machine, random, known.client()));
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
        await(() -> subscribe(FILTER, told::tell));
        companion.ifPresent(known -> await(known::begin));
        asker.ifPresent(known -> await(() -> subscribe(Asker.TOPIC, this::answer)));
        if (broker.isGuarded()) {
            intrude();
        }
        for (int i = 0; i < MESSAGES; i++) {
            publish();
            if (random.nextInt(3) == 0) {
                machine.pause(random.nextInt(200));
            }
            if (random.nextInt(6) == 0) {
                asker.ifPresent(Asker::ask);
            }
            if (random.nextInt(15) == 0 && broker.isGuarded()) {
                logins.again(publisher);
            }
            if (random.nextInt(15) == 0) {
                broker.maybeCrash();
            }
        }
        broker.calmDown();
        await(() -> sent.stream().allMatch(Sent::isOver));
        await(() -> broker.isUp() && clients.stream().allMatch(MqttClient::isConnected));
        finish();
        clients.forEach(MqttClient::close);
    }

    /** What is begun now finds everybody there. */
    private void finish() {
        int before = told.size();
        await(() -> {
            publish();
            machine.pause(5_000);
            return told.size() > before;
        });
        asker.ifPresent(known -> await(known::askAndWait));
        if (broker.isGuarded()) {
            int acceptedBefore = logins.accepted();
            await(() -> {
                logins.again(subscriber);
                machine.pause(5_000);
                return logins.accepted() > acceptedBefore && logins.isIntruderGone();
            });
        }
        await(() -> sent.stream().allMatch(this::isSettled));
        machine.pause(60_000); // and nothing comes twice
    }

    private boolean isSettled(Sent message) {
        boolean needNotCome = broker.forgets() || message.failure().isPresent() || message.qos() == QoS.AT_MOST_ONCE;
        return message.isOver()
                && (needNotCome
                        || told.holds(message)
                                && companion.map(Companion::told).stream().allMatch(known -> known.holds(message)));
    }

    private void publish() {
        Sent next = Sent.random(random, sent.size(), machine.now());
        forecast.publish(next, publisher.isConnected(), publisher.counters().waiting());
        sent.add(next);
        if (next.call() == Sent.Call.BLOCKING) {
            publishAndWait(next);
            return;
        }
        CompletableFuture<ReasonCode> ignored = publisher
                .publishAsync(next.packet())
                .whenComplete((reason, why) -> Optional.ofNullable(why)
                        .ifPresentOrElse(
                                known -> next.failed(known, machine.now()), () -> next.succeeded(machine.now())));
    }

    private void publishAndWait(Sent next) {
        try {
            publisher.publish(next.packet());
            next.succeeded(machine.now());
        } catch (MqttClientException e) {
            next.failed(e, machine.now());
            forecast.turnedBack(next);
        }
    }

    /** The answer may get lost: then again. */
    private boolean subscribe(String filter, Consumer<Message> callback) {
        try {
            subscriber.subscribe(filter, QoS.EXACTLY_ONCE, callback);
            return true;
        } catch (NotConnectedException | RequestTimeoutException e) {
            return false;
        }
    }

    private void answer(Message question) {
        byte[] answer = Asker.answerTo(question.text()).getBytes(StandardCharsets.UTF_8);
        CompletableFuture<ReasonCode> ignored = subscriber.respond(question, answer, QoS.of(random.nextInt(3)));
    }

    private void await(BooleanSupplier wish) {
        while (!wish.getAsBoolean()) {
            machine.pause(50);
        }
    }

    private Sent find(Publish message) {
        String asTold = Sent.asTold(message.topic().text(), new Message(message).text());
        return sent.stream()
                .filter(known -> known.asTold().equals(asTold))
                .findFirst()
                .orElseThrow();
    }

    // ---- Its clients

    private MqttClient start(ClientOptions.Builder options, ClientHandler handler) {
        ClientOptions built = options.build();
        MqttClient client = MqttClient.start(built, handler, server -> broker.route(built.clientId()), machine);
        clients.add(client);
        return client;
    }

    private void intrude() {
        ClientOptions.Builder options =
                options("intruder").authenticator(ClientAuthenticator.scramSha256("somebody", "open barley"));
        ClientOptions built = options.sessionStore(SessionStore.NONE).build();
        MqttClient ignored =
                MqttClient.start(built, logins.new Intruder(), server -> broker.route(built.clientId()), machine);
    }

    private ClientOptions.Builder options(String name) {
        boolean isV5 = broker.isGuarded() || random.nextInt(4) > 0;
        ClientOptions.Builder options = ClientOptions.builder()
                .clientId(name)
                .version(isV5 ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1)
                .cleanStart(false)
                .keepAlive(Duration.ofSeconds(1 + random.nextInt(30)))
                .sessionStore(SessionStore.inMemory())
                .properties(isV5 ? properties() : Properties.EMPTY)
                .maxInflight(1 + random.nextInt(10));
        if (broker.isGuarded()) {
            options.authenticator(ClientAuthenticator.scramSha256("somebody", FrailBroker.PASSWORD));
        }
        return options;
    }

    private Properties properties() {
        Properties known = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 0xFFFF_FFFFL);
        return random.nextBoolean() ? known.with(Property.RECEIVE_MAXIMUM, 1 + random.nextInt(10)) : known;
    }

    /** One that overflows in many stories. */
    private OfflineQueue queue() {
        return switch (random.nextInt(8)) {
            case 0 -> OfflineQueue.NONE;
            case 1, 2 -> OfflineQueue.of(1000);
            default ->
                new OfflineQueue(
                        1 + random.nextInt(10),
                        random.nextBoolean() ? 1 << 20 : 150 + random.nextInt(1000),
                        WAYS_TO_BE_FULL.get(random.nextInt(WAYS_TO_BE_FULL.size())),
                        random.nextBoolean() ? Duration.ofHours(1) : Duration.ofMillis(1 + random.nextInt(2000)));
        };
    }

    // ---- The books

    private void checkBooks() {
        forecast.check(sent, broker.forgets());
        told.check(sent, forecast::isLost, broker.forgets());
        companion.ifPresent(known -> known.told().check(sent, forecast::isLost, broker.forgets()));
        companion.ifPresent(Companion::check);
        asker.ifPresent(Asker::check);
        logins.check();
    }
}

package io.mqttx.broker.simulation;

import static io.mqttx.broker.simulation.Ledger.check;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Listener;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Will;
import io.mqttx.testkit.LogLines;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.SimulatedNetwork;
import io.mqttx.topic.TopicFilter;
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

/**
 * One day of a broker, made from one seed: first everybody comes who stays subscribed, then chaos, then calm until
 * everything has arrived, then the books are checked and everybody leaves.
 *
 * <p>Stayers have sessions that never end and never start clean: whatever the broker acknowledged has to reach them.
 * Guests come with sessions of every length, and subscribe and unsubscribe as they like: they get nothing twice and
 * nothing out of order. Both publish, lose their connections in every way, and take over their own sessions.
 */
final class World {
    private static final int PATIENCE = 2_000; // rounds until everything has to have arrived
    private static final long FOR_EVER = 0xFFFF_FFFFL;
    private static final int MAX_UNSENT = 1024;
    private static final int LARGEST = 300; // bytes of a packet to a client
    private static final String[] TOPICS = {"t/alpha", "t/beta", "t/gamma"};

    private final Random random;
    private final ManualLoops loops;
    private final SimulatedNetwork network;
    private final Ledger ledger;
    private final Day day;
    private final Disk disk;
    private Broker broker;
    private int crashes;
    private final List<SimulatedClient> stayers = new ArrayList<>();
    private final List<SimulatedClient> members = new ArrayList<>(); // of the shared subscription, among the stayers
    private final List<SimulatedClient> guests = new ArrayList<>();
    private final SimulatedClient watcher; // of wills
    private final int receiveMaximum;
    private final double breaks;
    private int connections;
    private long jumped; // when the clock last did, and how far in a row: meanwhile nothing could become safe
    private long jump;

    World(long seed, boolean durable, boolean faulty) {
        random = new Random(seed);
        day = Day.of(seed, durable, faulty, random);
        loops = new ManualLoops(1 + random.nextInt(3));
        ledger = new Ledger(loops, random, day);
        network = new SimulatedNetwork(loops, random, conditions());
        receiveMaximum = 1 + random.nextInt(20);
        disk = new Disk(random, loops, faulty);
        broker = start();
        breaks = random.nextDouble() * 0.1;
        watcher = stayer(0);
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            stayer(i);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            SimulatedClient member = stayer(10 + i);
            member.inbox.expectRepeatedMessagesLate();
            members.add(member);
        }
        if (members.size() > 1) {
            members.forEach(member -> member.inbox.expectAnyOrder());
        }
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            ProtocolVersion version = random.nextBoolean() ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
            long expiry = version == ProtocolVersion.V5
                    ? List.of(0L, 5L, 60L, FOR_EVER).get(random.nextInt(4))
                    : 0;
            SimulatedClient guest = new SimulatedClient("guest" + i, version, expiry, random, network, ledger);
            guest.inbox.expectRepeatedMessagesLate();
            guests.add(picky(guest));
        }
    }

    private SimulatedNetwork.Conditions conditions() {
        Duration least = Duration.ofMillis(day.nimble() ? 0 : random.nextInt(20));
        Duration most = least.plusMillis(day.nimble() || random.nextBoolean() ? 0 : random.nextInt(500));
        int piece = random.nextBoolean() ? 1 + random.nextInt(40) : 10_000;
        return new SimulatedNetwork.Conditions(least, most, piece, LARGEST + random.nextInt(2000));
    }

    private SimulatedClient stayer(int index) {
        ProtocolVersion version = random.nextBoolean() ? ProtocolVersion.V5 : ProtocolVersion.V3_1_1;
        SimulatedClient client = new SimulatedClient("stayer" + index, version, FOR_EVER, random, network, ledger);
        stayers.add(client);
        return picky(client);
    }

    private SimulatedClient picky(SimulatedClient client) {
        if (day.picky()) {
            client.takesLittle();
        }
        return client;
    }

    private Broker start() {
        Broker.Builder builder = Broker.builder()
                .transport(network)
                .handler(ledger.visits())
                .events(ledger)
                .random(random)
                .calendar(() -> Instant.ofEpochSecond(1_700_000_000L).plusNanos(loops.now()))
                .options(BrokerOptions.builder()
                        .receiveMaximum(receiveMaximum)
                        .maxUnsent(MAX_UNSENT)
                        .queue(day.queue())
                        .sysInterval(Duration.ofSeconds(10))
                        .build())
                .listen(Listener.tcp("simulated", 0));
        if (day.durable()) {
            builder.storage(disk.storage());
        }
        return builder.start();
    }

    /** The broker is gone without a word, and another one begins with what was safe, and perhaps a little more. */
    private void crash() {
        crashes++;
        network.crash();
        loops.forgetEverything();
        ledger.visits().crashed(disk.unsafe() + unsafeUnseen());
        ledger.crashed();
        disk.crash();
        loops.passUnseen(Duration.ofMillis(random.nextInt(10_000)));
        ledger.visits().begun();
        broker = start();
    }

    /** How much time passed unseen so lately that what was done before it may not be safe. */
    private long unsafeUnseen() {
        return loops.now() - jumped <= disk.unsafe() ? jump : 0;
    }

    void play() {
        try (LogLines log = new LogLines()) {
            begin();
            int chaos = 50 + random.nextInt(300);
            for (int step = 0; step < chaos; step++) {
                step();
            }
            disk.heal();
            calm();
            new Books(ledger, day).check(stayers, members, watcher);
            checkRetained();
            end();
            assertEquals(List.of(), log.takeTraces());
            assertEquals(List.of(), day.faulty() ? unexpected(log.takeErrors()) : log.takeErrors());
        }
    }

    private static List<String> unexpected(List<String> errors) {
        return errors.stream()
                .filter(line -> !line.contains("cannot be read: "))
                .toList();
    }

    private void begin() {
        for (SimulatedClient stayer : stayers) {
            connect(stayer);
            await(stayer::isIn, stayer.id + " is let in");
            QoS qos = day.nimble() ? QoS.AT_LEAST_ONCE : QoS.of(1 + random.nextInt(2));
            if (stayer == watcher) {
                stayer.subscribe(to("w/#", QoS.EXACTLY_ONCE), to("t/#", qos));
            } else if (members.contains(stayer)) {
                stayer.subscribe(to("$share/g/t/+", day.nimble() ? QoS.AT_LEAST_ONCE : QoS.EXACTLY_ONCE));
            } else {
                stayer.subscribe(to("t/+", qos), to("t/alpha", QoS.AT_LEAST_ONCE)); // overlapping
            }
            await(stayer::isSubscribed, stayer.id + " is subscribed");
        }
    }

    private void step() {
        if (random.nextInt(3) > 0) {
            loops.advance(Duration.ofMillis(random.nextInt(day.nimble() ? 4 : 500)));
        }
        if (random.nextInt(200) == 0) {
            ledger.visits().clockJumped();
            Duration unseen = Duration.ofMillis(random.nextInt(100_000));
            jump = unsafeUnseen() + unseen.toNanos();
            loops.passUnseen(unseen);
            jumped = loops.now();
        }
        if (day.durable() && random.nextInt(40) == 0) {
            crash();
        }
        disk.step();
        ledger.ponderings().endSome(random);
        SimulatedClient client = anybody();
        if (client.isOffline()) {
            if (random.nextInt(3) == 0) {
                connect(client);
            }
        } else if (random.nextDouble() < breaks) {
            breakConnection(client);
        } else if (client.isIn()) {
            act(client);
        }
        if (day.nimble() && random.nextInt(8) > 0) {
            everybody().stream().filter(SimulatedClient::isIn).forEach(SimulatedClient::answerEverything);
        }
    }

    private void act(SimulatedClient client) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> publish(client);
            case 3, 4, 5 -> client.answer();
            case 6 -> client.ping();
            default -> {
                if (guests.contains(client)) {
                    changeSubscriptions(client);
                }
            }
        }
    }

    private void publish(SimulatedClient client) {
        if (client.mayPublish()) {
            boolean expires = day.expiring() && client.version.hasProperties() && random.nextBoolean();
            client.publish(
                    TOPICS[random.nextInt(TOPICS.length)],
                    QoS.of(random.nextInt(3)),
                    random.nextInt(5) == 0,
                    random.nextInt(200),
                    expires ? 1 + random.nextInt(20) : 0);
        }
    }

    private void changeSubscriptions(SimulatedClient guest) {
        String filter = List.of("t/+", "t/alpha", "#").get(random.nextInt(3));
        if (random.nextBoolean()) {
            guest.subscribe(to(filter, QoS.of(random.nextInt(3))));
        } else {
            guest.unsubscribe(filter);
        }
    }

    private void breakConnection(SimulatedClient client) {
        switch (random.nextInt(7)) {
            case 0 -> client.socket().cut();
            case 1 -> client.socket().vanish();
            case 2 -> client.socket().close();
            case 3 -> {
                if (client.isIn()) {
                    client.leave();
                }
            }
            case 4 -> connect(client); // takes its own session over
            case 5 -> client.socket().stopReading();
            default -> client.socket().startReading();
        }
    }

    private void connect(SimulatedClient client) {
        client.checkUnsent(MAX_UNSENT, LARGEST);
        int number = connections++;
        boolean cleanStart =
                guests.contains(client) && (client.version == ProtocolVersion.V3_1_1 || random.nextInt(4) == 0);
        client.connect(number, cleanStart, random.nextBoolean() ? Will.NONE : will(client, number));
    }

    private Will will(SimulatedClient client, int number) {
        Properties properties = client.version.hasProperties() && random.nextBoolean()
                ? Properties.of(Property.WILL_DELAY_INTERVAL, 1L + random.nextInt(20))
                : Properties.EMPTY;
        return new Will(TopicName.of("w/" + client.id), utf8("w" + number), QoS.EXACTLY_ONCE, false, properties);
    }

    private SimulatedClient anybody() {
        int index = random.nextInt(stayers.size() + guests.size());
        return index < stayers.size() ? stayers.get(index) : guests.get(index - stayers.size());
    }

    // ---- calm

    private List<SimulatedClient> everybody() {
        List<SimulatedClient> all = new ArrayList<>(stayers);
        all.addAll(guests);
        return all;
    }

    /** Everybody comes back, answers everything, and nothing breaks any more. */
    private void calm() {
        for (int round = 0; round < 12; round++) {
            converse();
            loops.advance(Duration.ofSeconds(10)); // long enough for half-open connections and delayed wills
        }
        int quiet = 0;
        for (int round = 0; quiet < 8; round++) { // longer than any way there and back
            check(round < PATIENCE, "everything is answered in the end");
            ledger.ponderings().end();
            loops.advance(Duration.ofMillis(500));
            quiet = everybody().stream().allMatch(SimulatedClient::isIdle) ? quiet + 1 : 0;
            if (quiet == 0) {
                converse();
            }
        }
    }

    private void converse() {
        ledger.ponderings().end();
        for (SimulatedClient client : everybody()) {
            if (client.isOffline()) {
                connect(client);
            } else {
                client.socket().startReading();
                client.ping();
                client.answerEverything();
            }
        }
    }

    private interface Condition {
        boolean holds();
    }

    private void await(Condition condition, String what) {
        int round = 0;
        while (!condition.holds()) {
            check(round++ < PATIENCE, what);
            loops.advance(Duration.ofMillis(500));
        }
    }

    // ---- the books

    private void checkRetained() {
        SimulatedClient fresh = new SimulatedClient("fresh", ProtocolVersion.V5, 0, random, network, ledger);
        guests.add(fresh);
        fresh.connect(connections++, true, Will.NONE);
        await(fresh::isIn, "a new client is let in");
        long asked = loops.now();
        fresh.subscribe(to("t/#", QoS.EXACTLY_ONCE));
        await(fresh::isSubscribed, "a new client is subscribed");
        calmly();
        for (String topic : ledger.topics()) {
            String got = fresh.inbox.retained().getOrDefault(topic, "");
            check(!topic.startsWith("t/") || ledger.mayBeRetained(topic, got), "retained for " + topic + " is " + got);
            check(!ledger.hadExpired(got, asked), "retained for " + topic + " is still " + got);
        }
        if (crashes > 0) {
            return;
        }
        Map<String, String> expected = new HashMap<>(ledger.retained());
        Map<String, String> got = fresh.inbox.retained();
        expected.keySet()
                .removeIf(topic -> !topic.startsWith("t/")
                        || !got.containsKey(topic) && ledger.mayHaveExpired(expected.get(topic)));
        check(got.equals(expected), "retained are " + expected + ", not " + got);
    }

    private void calmly() {
        for (int round = 0; round < 5; round++) {
            converse();
            loops.advance(Duration.ofSeconds(5));
        }
    }

    /** All sessions end, and nothing of them is left. */
    private void end() {
        for (SimulatedClient client : everybody()) {
            client.checkUnsent(MAX_UNSENT, LARGEST);
            SimulatedClient last = new SimulatedClient(client.id, ProtocolVersion.V5, 0, random, network, ledger);
            last.connect(connections++, true, Will.NONE);
            await(last::isIn, client.id + " is let in");
            last.leave();
            loops.advance(Duration.ofSeconds(2));
            SimulatedClient nobody = new SimulatedClient(client.id, ProtocolVersion.V5, 0, random, network, ledger);
            nobody.connect(connections++, false, Will.NONE);
            await(nobody::isIn, client.id + " finds no session");
            nobody.leave();
        }
        loops.advance(Duration.ofSeconds(30));
        Map<String, Long> counters = broker.metrics();
        check(counters.get("clients/connected") == 0, "nobody is connected: " + counters);
        check(
                crashes > 0 || counters.get("connections/opened").equals(counters.get("connections/closed")),
                "all closed: " + counters);
        check(
                "0".equals(ledger.retained().get("$SYS/broker/subscriptions/count")),
                "no subscription is left: " + ledger.retained());
        ledger.visits().checkEnds();
    }

    private static Subscription to(String filter, QoS qos) {
        return new Subscription(TopicFilter.of(filter), qos);
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}

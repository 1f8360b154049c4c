package io.mqttx.server.crash;

import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.server.BrokerProcess;
import io.mqttx.server.RunningCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Kills a broker under load again and again, each time at a moment of chance, starts it on the same directory, lets
 * everybody finish, and compares what came with what was promised. Ends with the first round that has a finding.
 */
final class Crash implements AutoCloseable {
    private static final int LONGEST_LOAD = 1200; // ms until the kill
    private static final int PATIENCE = 30; // seconds until all has arrived
    private static final List<String> EVERYTHING = List.of("crash/", "state/", "will/");

    private final Path directory;
    private final Machine machine;
    private final List<String> options;
    private final Random random;
    private final Player.Scene scene = new Player.Scene();
    private final Ledger ledger = scene.ledger;
    private final List<Player> players = new ArrayList<>();
    private final List<Subscriber> subscribers = new ArrayList<>();
    private final Changer changer;
    private final Checks checks;
    private final Wills wills;
    private final List<Long> recoveries = new ArrayList<>(); // ms
    private BrokerProcess broker;
    private int kills;
    private int rounds;

    Crash(Path directory, Machine machine, long seed, String... brokerOptions) {
        this.directory = directory;
        this.machine = machine;
        this.random = new Random(seed);
        this.options = new ArrayList<>(List.of("--data", directory.toString()));
        options.addAll(List.of(brokerOptions));
        this.changer = new Changer(scene, seed);
        this.checks = new Checks(scene, changer);
        this.wills = new Wills(scene, random);
        ProtocolVersion v3 = ProtocolVersion.V3_1_1;
        ProtocolVersion v5 = ProtocolVersion.V5;
        QoS two = QoS.EXACTLY_ONCE;
        List<String> some = List.of("crash/");
        subscribers.add(new Subscriber("prompt", v5, Subscriber.Manner.PROMPT, two, EVERYTHING, scene, seed));
        subscribers.add(new Subscriber("slow", v5, Subscriber.Manner.SLOW, two, some, scene, seed));
        subscribers.add(new Subscriber("slow-3", v3, Subscriber.Manner.SLOW, two, some, scene, seed));
        subscribers.add(new Subscriber("away", v5, Subscriber.Manner.AWAY, two, EVERYTHING, scene, seed));
        subscribers.add(new Subscriber("away-3", v3, Subscriber.Manner.AWAY, two, some, scene, seed));
        subscribers.add(
                new Subscriber("at-least-once", v5, Subscriber.Manner.SLOW, QoS.AT_LEAST_ONCE, some, scene, seed));
        players.addAll(subscribers);
        for (int i = 0; i < 6; i++) {
            boolean persistent = i < 5;
            players.add(new Publisher("p" + i, i % 2 == 0 ? v5 : v3, persistent, scene, seed));
        }
        players.add(changer);
    }

    /** Plays until there were so many kills, or a finding. */
    void play(int mostKills) throws IOException {
        start();
        players.forEach(Thread::start);
        await(
                "everybody subscribed",
                () -> subscribers.stream().allMatch(Subscriber::isSubscribed) && changer.isReady());
        while (kills < mostKills && ledger.findings().isEmpty()) {
            round();
        }
    }

    List<String> findings() {
        return ledger.findings();
    }

    String summary() {
        List<Long> sorted = new ArrayList<>(recoveries);
        Collections.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%d kills in %d rounds; %d messages acknowledged, %d deliveries, %d of them again at QoS 1;"
                        + " start in ms: median %d, longest %d",
                kills,
                rounds,
                ledger.acknowledged(),
                ledger.delivered(),
                ledger.again(),
                sorted.isEmpty() ? 0 : sorted.get(sorted.size() / 2),
                sorted.isEmpty() ? 0 : sorted.get(sorted.size() - 1));
    }

    long acknowledged() {
        return ledger.acknowledged();
    }

    private void round() throws IOException {
        rounds++;
        ledger.tell("", "---- round " + rounds, -1);
        scene.producing = true;
        wills.leaveOne();
        pause(random.nextInt(LONGEST_LOAD));
        kill();
        while (random.nextInt(4) == 0) {
            killWhileStarting();
        }
        if (!start()) {
            return;
        }
        if (random.nextInt(4) == 0) {
            pause(random.nextInt(300));
            kill();
            if (!start()) {
                return;
            }
        }
        scene.producing = false;
        if (await("everything arrived", this::isFinished)) {
            checks.retained();
            checks.subscriptions();
        }
        if (ledger.findings().isEmpty()) {
            ledger.roundEnds();
        }
    }

    private boolean isFinished() {
        return players.stream().allMatch(Player::isIdle) && !ledger.isMissingSomething();
    }

    private boolean start() {
        ledger.tell("broker", "starts", -1);
        long before = System.nanoTime();
        try {
            broker = BrokerProcess.start(machine.environment(), options);
        } catch (AssertionError e) {
            ledger.finding("the broker does not start: " + e.getMessage());
            return false;
        }
        recoveries.add(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before));
        scene.port = broker.port();
        ledger.tell("broker", "is there", -1);
        return true;
    }

    private void kill() throws IOException {
        ledger.tell("broker", "is killed", -1);
        broker.kill();
        scene.port = 0;
        wills.brokerEnded();
        ended();
    }

    private void killWhileStarting() throws IOException {
        List<String> words = new ArrayList<>(List.of(BrokerProcess.launcher().toString(), "broker", "--port", "0"));
        words.addAll(options);
        try (RunningCommand command = RunningCommand.start(words, machine.environment())) {
            long usual = recoveries.get(recoveries.size() - 1);
            pause(random.nextInt((int) usual + 1));
            ledger.tell("broker", "is killed while it starts", -1);
            command.kill();
        }
        ended();
    }

    private void ended() throws IOException {
        kills++;
        machine.stopped(directory);
    }

    private boolean await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
        while (!condition.getAsBoolean()) {
            if (!ledger.findings().isEmpty()) {
                return false;
            }
            if (System.nanoTime() > deadline) {
                ledger.finding("after " + PATIENCE + " s it is not so that " + what + "; not idle are "
                        + players.stream()
                                .filter(player -> !player.isIdle())
                                .map(player -> player.id)
                                .toList());
                ledger.missing().forEach(ledger::finding);
                return false;
            }
            pause(10);
        }
        return true;
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        scene.over = true;
        if (broker != null) {
            broker.close();
        }
    }
}

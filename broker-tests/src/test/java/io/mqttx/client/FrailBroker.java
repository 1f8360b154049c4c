package io.mqttx.client;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.AuthDecision;
import io.mqttx.broker.api.AuthStep;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.auth.Scram;
import io.mqttx.broker.auth.ScramExchange;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.auth.ScramCredentials;
import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.SimulatedNetwork;
import io.mqttx.testkit.SimulatedStorage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** A broker that goes down and comes back, with all that it had promised to keep or with nothing, and the ways to it. */
final class FrailBroker {
    static final String PASSWORD = "open sesame";

    private static final ScramCredentials CREDENTIALS =
            ScramCredentials.of(PASSWORD, new byte[] {1, 2, 3, 4}, ScramCredentials.LEAST_ITERATIONS);

    private final SimulatedMachine machine;
    private final ManualLoops loops;
    private final SimulatedNetwork network;
    private final Random random;
    private final boolean durable;
    private final boolean forgets; // when it goes down
    private final boolean guarded; // lets in who knows the password
    private final List<SimulatedRoute> routes = new ArrayList<>();
    private SimulatedStorage storage;
    private boolean calm;
    private boolean up;

    FrailBroker(SimulatedMachine machine, ManualLoops loops, Random random) {
        this.machine = machine;
        this.loops = loops;
        this.random = random;
        network = new SimulatedNetwork(loops, new Random(random.nextLong()), conditions(random));
        durable = random.nextInt(3) > 0;
        forgets = !durable && random.nextBoolean();
        guarded = random.nextInt(10) == 0; // to hash passwords takes time
        storage = new SimulatedStorage().syncAfter(loops.all().get(0), random.nextInt(20) * 1_000_000L);
        start();
    }

    private static SimulatedNetwork.Conditions conditions(Random random) {
        Duration least = Duration.ofMillis(random.nextInt(5));
        Duration most = least.plusMillis(random.nextBoolean() ? 0 : random.nextInt(50));
        int piece = random.nextBoolean() ? 1 + random.nextInt(40) : 10_000;
        return new SimulatedNetwork.Conditions(least, most, piece, 1 + random.nextInt(2000));
    }

    /** Whether it may come back without what it had taken. */
    boolean forgets() {
        return forgets;
    }

    boolean isGuarded() {
        return guarded;
    }

    boolean isUp() {
        return up;
    }

    /** A new way to it for this client. */
    SimulatedRoute route(String name) {
        SimulatedRoute route = new SimulatedRoute(machine, network, name, random, !calm && random.nextInt(8) > 0);
        routes.add(route);
        return route;
    }

    /** From now on no new route breaks. */
    void calmDown() {
        calm = true;
    }

    private void start() {
        Scram scram = new Scram(
                name -> CompletableFuture.completedFuture(Optional.of(CREDENTIALS)),
                new byte[16],
                ScramCredentials.LEAST_ITERATIONS,
                new Random(random.nextLong()));
        Broker.Builder builder = Broker.builder()
                .transport(network)
                .handler(client -> guarded ? new Guard(scram) : BrokerHandler.allowAll())
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

    /** Perhaps it is gone without a word, and another one begins a while later with what was safe. */
    void maybeCrash() {
        if (!up || !durable && !forgets) {
            return;
        }
        machine.tell("the broker is down");
        up = false;
        network.crash();
        loops.forgetEverything();
        routes.forEach(SimulatedRoute::lost);
        routes.clear();
        storage = storage.crash(random.nextInt(storage.waiting() + 1));
        machine.alarm(this::start, random.nextInt(3_000) * 1_000_000L);
    }

    /** Lets in who proves to know the password (§4.12). */
    private static final class Guard implements BrokerHandler {
        private final ScramExchange login;

        Guard(Scram scram) {
            login = scram.exchange();
        }

        @Override
        public AuthDecision onAuth(AuthStep step) {
            return login.next(step);
        }

        @Override
        public ConnectDecision onConnect(Connecting client) {
            return login.userName().isPresent()
                    ? ConnectDecision.accept()
                    : ConnectDecision.reject(ReasonCode.NOT_AUTHORIZED);
        }
    }
}

package io.mqttx.benchmarks.clients;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * One client in one scenario, in this JVM: prints its figures, or fails if a message was lost, came twice or out of
 * order.
 *
 * <pre>Trial CLIENT SCENARIO PORT</pre>
 */
public final class Trial {
    static final Map<String, Contestant.Maker> CLIENTS = Map.of(
            "mqttx", MqttxContestant::connect,
            "mqttx-async", MqttxContestant::connectAsync,
            "hivemq", HiveMqContestant::connect,
            "hivemq-rx", HiveMqContestant::connectRx,
            "paho", PahoContestant::connect,
            "bare-loop", BareLoop::connect,
            "bare-inline", BareTrip::connectInline,
            "bare-handed", BareTrip::connectHanded);

    private static final long WARM_UP = Long.getLong("warmup", 3_000) * 1_000_000; // milliseconds
    private static final long MEASURED = Long.getLong("measured", 3_000) * 1_000_000; // milliseconds
    private static final int CHECKED_EVERY = 64; // messages between two looks at the clock
    private static final String[] TOPICS = IntStream.range(0, 16)
            .mapToObj(i -> "sensors/" + i + "/temperature")
            .toArray(String[]::new);

    private final Contestant.Maker maker;
    private final int port;

    private Trial(Contestant.Maker maker, int port) {
        this.maker = maker;
        this.port = port;
    }

    /** Runs it. */
    @SuppressWarnings({"SystemOut", "CatchAndPrintStackTrace"}) // its result, and why there is none
    public static void main(String[] args) {
        try {
            run(args).forEach((name, value) -> System.out.println(name + "=" + value));
            System.exit(0); // whatever threads a client has left behind
        } catch (Exception e) {
            e.printStackTrace();
            System.exit(1);
        }
    }

    private static Map<String, Double> run(String[] args) throws Exception {
        Trial trial = new Trial(CLIENTS.get(args[0]), Integer.parseInt(args[2]));
        String[] scenario = args[1].split("-", -1);
        int number = Integer.parseInt(scenario[1]);
        return switch (scenario[0]) {
            case "publish" -> trial.publish(number, Integer.parseInt(scenario[2]));
            case "receive" -> trial.receive(number);
            case "through" -> trial.through(number, Integer.parseInt(scenario[2]));
            case "roundtrip" -> new RoundTrip(trial.connect("trip"), number).run();
            case "many" -> new Many(maker(args[0]), trial.port, number).run();
            default -> throw new IllegalArgumentException("no scenario " + args[1]);
        };
    }

    private static Contestant.Maker maker(String client) {
        return CLIENTS.get(client);
    }

    private Contestant connect(String clientId) throws Exception {
        return maker.connect(clientId, port).get(10, TimeUnit.SECONDS);
    }

    private Map<String, Double> publish(int qos, int size) throws Exception {
        Contestant client = connect("publisher");
        byte[] payload = new byte[size];
        long warm = publishFor(client, payload, qos, WARM_UP);
        Cpu cpu = new Cpu();
        long count = publishFor(client, payload, qos, MEASURED);
        Map<String, Double> figures = cpu.figures(count);
        checkCounts(client, qos, warm + count);
        client.close();
        return figures;
    }

    private static long publishFor(Contestant client, byte[] payload, int qos, long nanos) throws Exception {
        Countdown countdown = new Countdown(nanos);
        client.publish(TOPICS, payload, qos, countdown);
        return countdown.count;
    }

    /** The server has counted too. */
    private static void checkCounts(Contestant client, int qos, long sent) throws Exception {
        CompletableFuture<ByteBuffer> counts = new CompletableFuture<>();
        client.subscribe("count", 0, payload -> counts.complete(payload));
        ByteBuffer payload = counts.get(10, TimeUnit.SECONDS);
        long[] expected = {0, 2, 0, 0}; // the last ones
        expected[qos] += sent;
        for (int i = 0; i <= 2; i++) {
            long came = payload.getLong(8 * i);
            require(came == expected[i], came + " came of " + expected[i] + " at QoS " + i);
        }
        if (qos == 2) {
            require(payload.getLong(24) == sent, payload.getLong(24) + " were released of " + sent);
        }
    }

    private Map<String, Double> receive(int size) throws Exception {
        Contestant client = connect("receiver");
        Sequence sequence = new Sequence();
        String filter = "blast/" + size + "/#";
        client.subscribe(filter, 0, sequence::take);
        sleep(WARM_UP);
        long before = sequence.count();
        Cpu cpu = new Cpu();
        sleep(MEASURED);
        Map<String, Double> figures = cpu.figures(sequence.count() - before);
        CompletableFuture<Void> unsubscribed = CompletableFuture.runAsync(() -> {
            try {
                client.unsubscribe(filter);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        unsubscribed.get(10, TimeUnit.SECONDS);
        figures.put("lost", sequence.lostPercent());
        client.close();
        return figures;
    }

    /** From a publisher to a subscriber in this JVM, with a broker between. */
    private Map<String, Double> through(int qos, int size) throws Exception {
        Contestant publisher = connect("publisher");
        Contestant subscriber = connect("subscriber");
        AtomicLong received = new AtomicLong();
        subscriber.subscribe("sensors/#", qos, payload -> received.incrementAndGet());
        int last = 2; // of each call of publish one
        byte[] payload = new byte[size];
        long warm = publishFor(publisher, payload, qos, WARM_UP);
        Cpu cpu = new Cpu();
        long count = publishFor(publisher, payload, qos, MEASURED);
        for (int i = 0; received.get() < warm + count + last && i < 2000; i++) {
            sleep(1_000_000);
        }
        Map<String, Double> figures = cpu.figures(count);
        require(received.get() == warm + count + last, received.get() + " came of " + (warm + count + last));
        publisher.close();
        subscriber.close();
        return figures;
    }

    static void require(boolean right, String otherwise) {
        if (!right) {
            throw new IllegalStateException(otherwise);
        }
    }

    static void sleep(long nanos) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(nanos);
    }

    /** Counts messages until the time is over. For one thread at a time. */
    private static final class Countdown implements BooleanSupplier {
        private final long end;
        private long count;

        Countdown(long nanos) {
            this.end = System.nanoTime() + nanos;
        }

        @Override
        public boolean getAsBoolean() {
            if (count % CHECKED_EVERY == 0 && System.nanoTime() - end > 0) {
                return false;
            }
            count++;
            return true;
        }
    }

    /** Counts messages that the server has numbered: none may come twice or out of order, but some clients drop some. */
    private static final class Sequence {
        private volatile long count;
        private volatile long next;
        private volatile String wrong = "";

        /** By one thread at a time. */
        void take(ByteBuffer payload) {
            long due = next;
            long number = payload.getLong(payload.position());
            if (number < due && wrong.isEmpty()) {
                wrong = number + " came where " + due + " was due";
            }
            next = number + 1;
            count = count() + 1;
        }

        long count() {
            return count;
        }

        double lostPercent() {
            require(wrong.isEmpty(), wrong);
            return 100.0 * (next - count) / next;
        }
    }
}

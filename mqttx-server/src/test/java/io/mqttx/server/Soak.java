package io.mqttx.server;

import com.hivemq.client.mqtt.MqttGlobalPublishFilter;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5BlockingClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import io.mqttx.codec.MqttCodec;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Mixed load on a broker: publishers of QoS 1 and 2, a persistent session that is taken over and left again and again,
 * clients that come, publish at QoS 0 and drop, and one that does not read. Keeps count of what arrives.
 */
final class Soak {
    private static final ProtocolVersion V5 = ProtocolVersion.V5;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final int BATCH = 20; // messages that a publisher sends before it looks at the time again

    private final int port;
    private final Tally atLeastOnce = new Tally();
    private final Tally exactlyOnce = new Tally();
    private final AtomicLong churned = new AtomicLong();
    private final AtomicLong takeovers = new AtomicLong();
    private final List<Throwable> failures = new CopyOnWriteArrayList<>();
    private volatile boolean over;

    Soak(int port) {
        this.port = port;
    }

    /** Plays for this long, calling {@code sample} from time to time, then waits for what is still on its way. */
    void play(Duration time, Duration pause, Runnable sample) throws InterruptedException {
        Mqtt5AsyncClient subscriber = subscriber();
        List<Thread> players = List.of(
                player("qos 1", () -> publish("soak/1", MqttQos.AT_LEAST_ONCE, atLeastOnce)),
                player("qos 2", () -> publish("soak/2", MqttQos.EXACTLY_ONCE, exactlyOnce)),
                player("takeover", this::takeOver),
                player("churn", this::churn),
                player("slow reader", this::readNothing));
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end && failures.isEmpty()) {
            TimeUnit.NANOSECONDS.sleep(Math.min(pause.toNanos(), Math.max(1, end - System.nanoTime())));
            sample.run();
        }
        over = true;
        for (Thread player : players) {
            player.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
        }
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while ((atLeastOnce.missing() > 0 || exactlyOnce.missing() > 0) && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(50);
        }
        subscriber
                .disconnect()
                .orTimeout(5, TimeUnit.SECONDS)
                .exceptionally(gone -> null)
                .join();
    }

    List<Throwable> failures() {
        return failures;
    }

    Tally atLeastOnce() {
        return atLeastOnce;
    }

    Tally exactlyOnce() {
        return exactlyOnce;
    }

    String summary() {
        return "QoS 1: " + atLeastOnce + "; QoS 2: " + exactlyOnce + "; " + takeovers + " takeovers, " + churned
                + " short connections";
    }

    private Mqtt5AsyncClient subscriber() {
        Mqtt5AsyncClient client = Mqtt5Client.builder()
                .identifier("soak-subscriber")
                .serverHost("127.0.0.1")
                .serverPort(port)
                .automaticReconnect()
                .initialDelay(20, TimeUnit.MILLISECONDS)
                .maxDelay(200, TimeUnit.MILLISECONDS)
                .applyAutomaticReconnect()
                .buildAsync();
        client.publishes(MqttGlobalPublishFilter.ALL, this::received);
        client.connectWith().cleanStart(true).sessionExpiryInterval(3600).send().join();
        client.subscribeWith()
                .topicFilter("soak/1")
                .qos(MqttQos.AT_LEAST_ONCE)
                .send()
                .join();
        client.subscribeWith()
                .topicFilter("soak/2")
                .qos(MqttQos.EXACTLY_ONCE)
                .send()
                .join();
        return client;
    }

    private void received(Mqtt5Publish message) {
        int number = ByteBuffer.wrap(message.getPayloadAsBytes()).getInt();
        boolean first = message.getTopic().toString().equals("soak/1");
        (first ? atLeastOnce : exactlyOnce).arrived(number);
    }

    private void publish(String topic, MqttQos qos, Tally tally) throws InterruptedException {
        Mqtt5BlockingClient client =
                Mqtt5Client.builder().serverHost("127.0.0.1").serverPort(port).buildBlocking();
        client.connect();
        while (!over) {
            for (int i = 0; i < BATCH; i++) {
                byte[] payload = ByteBuffer.allocate(200).putInt(tally.next()).array();
                client.publishWith().topic(topic).qos(qos).payload(payload).send();
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        client.disconnect();
    }

    /** Takes the subscriber's session, acknowledges nothing, and drops: the subscriber comes back for it. */
    private void takeOver() throws IOException, InterruptedException {
        while (!over) {
            TimeUnit.MILLISECONDS.sleep(1500);
            Connect connect = new Connect(V5, "soak-subscriber", false).withKeepAlive(60);
            connect = connect.withProperties(Properties.builder()
                    .add(Property.SESSION_EXPIRY_INTERVAL, 3600L)
                    .build());
            try (Socket socket = connected(connect)) {
                takeovers.incrementAndGet();
                send(socket, PingReq.INSTANCE);
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (IOException e) {
                // the subscriber took it back before the CONNACK was read
            }
        }
    }

    private void churn() throws IOException {
        for (int i = 0; !over; i++) {
            try (Socket socket = connected(new Connect(V5, "churn-" + i % 500, i % 3 == 0))) {
                send(socket, new Publish(TopicName.of("soak/0/" + i % 1000), ByteBuffer.allocate(500)));
                churned.incrementAndGet();
            }
        }
    }

    private void readNothing() throws IOException, InterruptedException {
        while (!over) {
            try (Socket socket = connected(new Connect(V5, "slow", true))) {
                Subscription all = new Subscription(TopicFilter.of("soak/#"), QoS.AT_LEAST_ONCE);
                send(socket, new Subscribe(1, List.of(all)));
                for (int i = 0; i < 100 && !over; i++) {
                    TimeUnit.MILLISECONDS.sleep(100);
                }
            }
        }
    }

    private Socket connected(Connect connect) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        try {
            socket.setSoTimeout(20_000);
            send(socket, connect);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            in.readUnsignedByte();
            in.readFully(new byte[in.readUnsignedByte()]);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static void send(Socket socket, Packet packet) throws IOException {
        socket.getOutputStream().write(MqttCodec.toBytes(packet, V5));
    }

    private Thread player(String name, Player player) {
        Thread thread = new Thread(
                () -> {
                    try {
                        player.play();
                    } catch (Exception e) {
                        failures.add(e);
                    }
                },
                name);
        thread.start();
        return thread;
    }

    private interface Player {
        void play() throws Exception;
    }

    /** Which of the numbers that were sent have arrived, and how many twice. */
    static final class Tally {
        private final BitSet arrived = new BitSet(); // guarded by this, as all here
        private int sent;
        private int again;

        synchronized int next() {
            return sent++;
        }

        synchronized void arrived(int number) {
            if (arrived.get(number)) {
                again++;
            }
            arrived.set(number);
        }

        synchronized int missing() {
            return sent - arrived.cardinality();
        }

        synchronized int again() {
            return again;
        }

        synchronized int sent() {
            return sent;
        }

        @Override
        public synchronized String toString() {
            return sent + " sent, " + missing() + " missing, " + again + " again";
        }
    }
}

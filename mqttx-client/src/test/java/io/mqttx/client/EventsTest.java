package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client tells who watches it, and what it counts. */
@Timeout(60)
class EventsTest {
    private static final byte[] HI = {'h', 'i'};

    private final Recorder events = new Recorder();

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    @Test
    void aConnectionIsToldFromTheAttemptToTheNext() throws Exception {
        ClientOptions options = server.options()
                .events(events)
                .reconnect(ReconnectOptions.builder()
                        .firstDelay(Duration.ofMillis(1))
                        .maxDelay(Duration.ofMillis(1))
                        .build())
                .build();
        try (MqttClient client = MqttClient.connect(options)) {
            assertEquals("started " + options.port(), events.next());
            assertEquals("succeeded SUCCESS", events.next());

            server.hangUp();

            assertTrue(events.next().startsWith("disconnected "));
            assertEquals("scheduled", events.next());
            assertEquals("started " + options.port(), events.next());
            assertTrue(client.counters().connections() >= 1);
        }
    }

    @Test
    void aRefusalIsAFailedAttempt() throws Exception {
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.BANNED));
        ClientOptions options = server.options().events(events).build();

        assertThrows(ConnectRefusedException.class, () -> MqttClient.connect(options));

        assertEquals("started " + options.port(), events.next());
        assertEquals("failed BANNED", events.next());
        assertTrue(events.isQuiet());
    }

    @Test
    void subscriptionsAndMessagesAreToldWithTheAnswersOfTheServer() throws Exception {
        server.on(
                PacketType.PUBLISH,
                packet -> List.of(
                        new PubAck(((Publish) packet).packetId(), ReasonCode.QUOTA_EXCEEDED, Properties.EMPTY)));
        try (MqttClient client =
                MqttClient.connect(server.options().events(events).build())) {
            events.skip(2);

            client.subscribe("a", QoS.AT_LEAST_ONCE);
            assertEquals("subscribed a [GRANTED_QOS_1]", events.next());

            client.publish("b", HI, QoS.AT_LEAST_ONCE);
            assertEquals("publishing b", events.next());
            assertEquals("published b QUOTA_EXCEEDED", events.next());

            server.on(PacketType.PUBLISH);
            client.publish("c", HI, QoS.AT_MOST_ONCE);
            assertEquals("publishing c", events.next());
            assertEquals("published c SUCCESS", events.next());

            server.send(ScriptedServer.message("a", "hi", QoS.AT_LEAST_ONCE, 7));
            assertEquals("received a", events.next());
        }
        assertEquals("disconnected CLOSED_BY_CLIENT", events.next());
    }

    @Test
    void aMessageThatIsGivenUpIsTold() throws Exception {
        server.on(PacketType.PUBLISH);
        try (MqttClient client =
                MqttClient.connect(server.options().events(events).build())) {
            client.publish("a", HI, QoS.AT_LEAST_ONCE);
            events.skip(3);
        }
        assertEquals("dropped a", events.next());
        assertEquals("disconnected CLOSED_BY_CLIENT", events.next());
    }

    @Test
    void whileOneThreadTellsAnotherLeavesItsEventsToItSoThatTheirOrderStays() throws Exception {
        EventQueue queue = new EventQueue(events);
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        queue.add(to -> {
            began.countDown();
            awaitUninterruptibly(mayEnd);
            events.told.add("first");
        });
        Thread teller = new Thread(queue::tell);
        teller.start();
        began.await();

        queue.add(to -> events.told.add("second"));
        queue.tell();
        assertTrue(events.isQuiet());

        mayEnd.countDown();
        assertEquals("first", events.next());
        assertEquals("second", events.next());
        teller.join();
    }

    @Test
    void aListenerFarBehindIsHelpedByTheThreadsThatAdd() throws Exception {
        EventQueue queue = new EventQueue(events);
        CountDownLatch began = new CountDownLatch(1);
        CountDownLatch mayEnd = new CountDownLatch(1);
        queue.add(to -> {
            began.countDown();
            awaitUninterruptibly(mayEnd);
        });
        Thread teller = new Thread(queue::tell);
        teller.start();
        began.await();

        for (int i = 0; i < 1_100; i++) {
            queue.add(to -> events.told.add("more"));
        }
        queue.tell();

        assertEquals(100, events.told.size());
        mayEnd.countDown();
        teller.join();
        assertEquals(1_100, events.told.size());
    }

    @Test
    void whatAListenerThrowsChangesNothing() throws Exception {
        ClientEvents broken = new ClientEvents() {
            @Override
            public void publishStarted(MqttClient client, Publish message) {
                throw new IllegalStateException("a test's");
            }

            @Override
            public void messageReceived(MqttClient client, Message message) {
                throw new AssertionError("a test's");
            }
        };
        RecordingHandler handler = new RecordingHandler();
        try (MqttClient client =
                MqttClient.connect(server.options().events(broken).build(), handler)) {
            assertEquals("connected", handler.next());

            assertEquals(
                    ReasonCode.SUCCESS,
                    client.publishAsync("a", HI, QoS.EXACTLY_ONCE).get(20, TimeUnit.SECONDS));
            server.send(ScriptedServer.message("a", "hi", QoS.AT_MOST_ONCE, 0));

            assertEquals("a=hi", handler.next());
        }
    }

    @Test
    void aListenerIsCalledWithoutTheLockOfTheClient() throws Exception {
        LinkedBlockingQueue<Boolean> connected = new LinkedBlockingQueue<>();
        ClientEvents asking = new ClientEvents() {
            @Override
            public void publishDone(MqttClient client, Publish message, ReasonCode reason, Duration took) {
                Thread other = new Thread(() -> connected.add(client.isConnected()));
                other.start();
                try {
                    other.join(); // another thread gets the lock meanwhile
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            }
        };
        try (MqttClient client =
                MqttClient.connect(server.options().events(asking).build())) {
            client.publish("a", HI, QoS.AT_LEAST_ONCE);

            assertEquals(true, connected.poll(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void withoutAListenerNoClockIsRead() {
        EventQueue nobody = new EventQueue(ClientEvents.NONE);

        assertFalse(nobody.isOn());
        assertEquals(0, nobody.now());
    }

    @Test
    void countersSayWhatWasDoneAndHowItStands() throws Exception {
        RecordingHandler handler = new RecordingHandler();
        try (MqttClient client = MqttClient.connect(server.options().build(), handler)) {
            handler.next();
            ClientCounters before = client.counters();
            assertEquals(1, before.connections());
            assertEquals(5, before.bytesReceived()); // CONNACK
            assertTrue(before.bytesSent() > 20);

            client.publishAsync("a", HI, QoS.AT_LEAST_ONCE).get(20, TimeUnit.SECONDS);
            server.on(PacketType.PUBLISH);
            client.publish("a", HI, QoS.AT_LEAST_ONCE);
            server.next(Publish.class);
            server.send(ScriptedServer.message("b", "hi", QoS.AT_MOST_ONCE, 0));
            assertEquals("b=hi", handler.next());

            ClientCounters after = client.counters();
            assertEquals(2, after.messagesSent());
            assertEquals(1, after.messagesReceived());
            assertEquals(1, after.inFlight());
            assertEquals(0, after.waiting() + after.dropped() + after.refused());
            assertEquals(before.bytesReceived() + 4 + 8, after.bytesReceived()); // PUBACK, PUBLISH
            client.disconnect();
            assertEquals(1, client.counters().dropped());
            assertEquals(0, client.counters().inFlight());
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Remembers what it was told, as text. */
    private static final class Recorder implements ClientEvents {
        private final LinkedBlockingQueue<String> told = new LinkedBlockingQueue<>();

        @Override
        public void connectStarted(MqttClient client, ServerAddress server) {
            told.add("started " + server.port());
        }

        @Override
        public void connectSucceeded(MqttClient client, ServerAddress server, ConnAck connAck, Duration took) {
            assertTrue(took.toNanos() > 0);
            told.add("succeeded " + connAck.reason());
        }

        @Override
        public void connectFailed(MqttClient client, ServerAddress server, DisconnectReason reason, Duration took) {
            told.add("failed " + reason.code());
        }

        @Override
        public void disconnected(MqttClient client, DisconnectReason reason) {
            told.add("disconnected " + reason.cause());
        }

        @Override
        public void reconnectScheduled(MqttClient client, DisconnectReason reason, Duration delay) {
            told.add("scheduled");
        }

        @Override
        public void publishStarted(MqttClient client, Publish message) {
            told.add("publishing " + message.topic().text());
        }

        @Override
        public void publishDone(MqttClient client, Publish message, ReasonCode reason, Duration took) {
            assertEquals(message.qos() == QoS.AT_MOST_ONCE, took.isZero());
            told.add("published " + message.topic().text() + " " + reason);
        }

        @Override
        public void publishDropped(MqttClient client, Publish message, RuntimeException why) {
            told.add("dropped " + message.topic().text());
        }

        @Override
        public void messageReceived(MqttClient client, Message message) {
            told.add("received " + message.topic());
        }

        @Override
        public void subscribeDone(
                MqttClient client, List<Subscription> subscriptions, List<ReasonCode> reasons, Duration took) {
            told.add("subscribed " + subscriptions.get(0).filter().text() + " " + reasons);
        }

        String next() throws InterruptedException {
            String event = told.poll(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(event != null, "the listener is told something");
            return event;
        }

        void skip(int some) throws InterruptedException {
            for (int i = 0; i < some; i++) {
                next();
            }
        }

        boolean isQuiet() {
            return told.isEmpty();
        }
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.topic.TopicFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SessionStoreTest {
    private static final byte[] HI = {'h', 'i'};
    private static final Properties LONG_SESSION = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L);

    @TempDir
    private Path directory;

    private static FlowChange<Publish> published(int id) {
        return published(id, "x");
    }

    private static FlowChange<Publish> published(int id, String payload) {
        return new FlowChange.Published<>(
                id, QoS.EXACTLY_ONCE, ScriptedServer.message("a", payload, QoS.EXACTLY_ONCE, id));
    }

    private Path sessionFile() throws IOException {
        try (var files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".session"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static ScriptedServer serverWithTheSession() throws IOException {
        return new ScriptedServer()
                .on(
                        PacketType.CONNECT,
                        packet -> List.of(new ConnAck(!((Connect) packet).cleanStart(), ReasonCode.SUCCESS)));
    }

    private static ClientOptions options(ScriptedServer server, SessionStore store) {
        return server.options()
                .cleanStart(false)
                .properties(LONG_SESSION)
                .sessionStore(store)
                .build();
    }

    private void anotherClientGoesOnWhereTheFirstWasInterrupted(SessionStore first, SessionStore second)
            throws Exception {
        // given a client that is gone in the middle of an exchange each way
        try (ScriptedServer server = serverWithTheSession()) {
            server.on(PacketType.PUBLISH).on(PacketType.PUBREC);
            MqttClient client = MqttClient.connect(options(server, first));
            client.subscribe("in", QoS.EXACTLY_ONCE);
            client.publish("out", HI, QoS.EXACTLY_ONCE);
            server.next(Publish.class);
            server.send(ScriptedServer.message("in", "x", QoS.EXACTLY_ONCE, 9));
            server.next(PubRec.class);
            client.close();
        }

        // when
        RecordingHandler handler = new RecordingHandler();
        try (ScriptedServer server = serverWithTheSession();
                MqttClient client = MqttClient.connect(options(server, second), handler)) {
            // then
            assertEquals("connected", handler.next());
            assertFalse(server.next(Connect.class).cleanStart());
            Publish again = server.next(Publish.class);
            assertEquals("out", again.topic().text());
            assertTrue(again.dup());
            server.next(PubRel.class);

            // when the server sends its message again
            server.send(ScriptedServer.message("in", "x", QoS.EXACTLY_ONCE, 9).again());

            // then
            server.next(PubComp.class);
            assertTrue(handler.isQuiet(), "it was told already");
            assertTrue(client.isConnected());
        }
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-4.3.3-10", "MQTT-4.1.0-1"})
    void aSessionInMemoryOutlivesItsClient() throws Exception {
        SessionStore store = SessionStore.inMemory();

        anotherClientGoesOnWhereTheFirstWasInterrupted(store, store);
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-4.3.3-10", "MQTT-4.1.0-1"})
    void aSessionInAFileOutlivesItsClient() throws Exception {
        anotherClientGoesOnWhereTheFirstWasInterrupted(
                SessionStore.inFiles(directory), SessionStore.inFiles(directory));
    }

    @Test
    void aServerThatHasLostTheSessionEmptiesTheStore() throws Exception {
        // given
        SessionStore store = SessionStore.inFiles(directory);
        try (StoredSession session = store.open("test")) {
            session.append(published(7));
            session.sync();
        }

        // when
        try (ScriptedServer server = new ScriptedServer();
                MqttClient client = MqttClient.connect(options(server, store))) {
            client.publish("a", HI, QoS.AT_LEAST_ONCE);
            assertFalse(server.next(Publish.class).dup());
        }

        // then
        try (StoredSession session = store.open("test")) {
            assertTrue(session.flows().outgoing().stream().noneMatch(outgoing -> outgoing.packetId() == 7));
        }
    }

    @Test
    void aMessageIsOnDiskBeforeItLeaves() throws Exception {
        SessionStore store = SessionStore.inFiles(directory);
        try (ScriptedServer server = serverWithTheSession()) {
            server.on(PacketType.PUBLISH);
            try (MqttClient client = MqttClient.connect(options(server, store))) {
                client.publish("a", HI, QoS.AT_LEAST_ONCE);
                server.next(Publish.class);

                FlowSnapshot<Publish> onDisk =
                        SessionLog.read(Files.readAllBytes(sessionFile())).flows();
                assertEquals(1, onDisk.outgoing().size());
            }
        }
    }

    @Test
    void whatCannotBeStoredDoesNotLeave() throws Exception {
        // given a disk that fails
        StoredSession failing = new StoredSession() {
            @Override
            public FlowSnapshot<Publish> flows() {
                return StoredSession.NONE.flows();
            }

            @Override
            public void append(FlowChange<Publish> change) {
                full = true;
            }

            private volatile boolean full;

            @Override
            public void reset() {}

            @Override
            public void sync() throws IOException {
                if (full) {
                    throw new IOException("no space left, on purpose");
                }
            }

            @Override
            public void close() {}
        };
        RecordingHandler handler = new RecordingHandler();
        try (ScriptedServer server = serverWithTheSession();
                MqttClient client = MqttClient.connect(options(server, clientId -> failing), handler)) {
            assertEquals("connected", handler.next());

            // when
            client.publish("a", HI, QoS.AT_LEAST_ONCE);

            // then
            assertEquals("disconnected IO_ERROR", handler.next());
            server.awaitEnd();
            assertTrue(server.rest().stream().noneMatch(packet -> packet.type() == PacketType.PUBLISH));
        }
    }

    @Test
    void aFileIsOneClientsAtATime() throws Exception {
        SessionStore store = SessionStore.inFiles(directory);
        try (StoredSession first = store.open("c");
                StoredSession other = SessionStore.inFiles(directory).open("d")) {
            assertThrows(IOException.class, () -> store.open("c"));
            assertThrows(
                    IOException.class, () -> SessionStore.inFiles(directory).open("c"));
            assertTrue(first.isKept() && other.isKept());
        }
        store.open("c").close();
    }

    @Test
    void aTailThatWasNotWrittenToItsEndIsCutOff() throws Exception {
        // given
        SessionStore store = SessionStore.inFiles(directory);
        try (StoredSession session = store.open("c")) {
            session.append(published(1));
            session.sync();
            session.append(published(2));
        }
        byte[] bytes = Files.readAllBytes(sessionFile());
        Files.write(sessionFile(), java.util.Arrays.copyOf(bytes, bytes.length - 3));

        // when, then
        try (StoredSession session = store.open("c")) {
            assertEquals(1, session.flows().outgoing().size());
            session.append(published(3));
        }
        try (StoredSession session = store.open("c")) {
            assertEquals(2, session.flows().outgoing().size());
        }
    }

    @Test
    void aFileOfSomebodyElseIsNotTouched() throws Exception {
        SessionStore store = SessionStore.inFiles(directory);
        store.open("c").close();
        Files.writeString(sessionFile(), "shopping list", StandardOpenOption.TRUNCATE_EXISTING);

        assertThrows(IOException.class, () -> store.open("c"));

        assertEquals("shopping list", Files.readString(sessionFile()));
    }

    @Test
    void aFileThatHasGrownIsWrittenAnew() throws Exception {
        SessionStore store = SessionStore.inFiles(directory);
        String payload = "x".repeat(10_000);
        long largest = 0;
        try (StoredSession session = store.open("c")) {
            for (int i = 1; i <= 200; i++) {
                session.append(published(i, payload));
                session.sync();
                session.append(new FlowChange.Released<>(i));
                session.append(new FlowChange.Completed<>(i));
                largest = Math.max(largest, Files.size(sessionFile()));
            }
            session.append(published(201));
        }

        assertTrue(largest < 400_000, "2 MB went in, and the file had " + largest + " bytes at most");
        try (StoredSession session = store.open("c")) {
            assertEquals(201, session.flows().lastPacketId());
            assertEquals(1, session.flows().outgoing().size());
        }
    }

    @Test
    void clientIdentifiersHaveFilesOfTheirOwn() {
        assertNotEquals(FileSessionStore.nameOf("a/b"), FileSessionStore.nameOf("a_b"));
        assertNotEquals(
                FileSessionStore.nameOf("Kitchen"),
                FileSessionStore.nameOf("kitchen").toLowerCase(java.util.Locale.ROOT));
        assertTrue(FileSessionStore.nameOf("../../etc/passwd").startsWith("______etc_passwd-"));
        assertTrue(FileSessionStore.nameOf("x".repeat(65_535)).length() < 80);
    }

    private void theNextClientMakesStoredSubscriptionsAnew(SessionStore first, SessionStore second) throws Exception {
        // given a client that subscribed, and left
        Properties numbered = Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 7);
        try (ScriptedServer server = serverWithTheSession();
                MqttClient client = MqttClient.connect(options(server, first))) {
            client.subscribe("one", QoS.AT_LEAST_ONCE, message -> {});
            client.subscribe(List.of(new Subscription(TopicFilter.of("two"), QoS.EXACTLY_ONCE)), numbered);
            client.subscribe("gone", QoS.AT_LEAST_ONCE);
            client.unsubscribe("gone");
            CompletableFuture<Message> ignored =
                    client.request("q", HI, QoS.AT_MOST_ONCE, Duration.ofSeconds(20)); // with a response topic
            server.next(Publish.class);
        }

        // when the next one finds a server that has forgotten all
        RecordingHandler handler = new RecordingHandler();
        try (ScriptedServer server = new ScriptedServer();
                MqttClient client = MqttClient.connect(options(server, second), handler)) {
            assertEquals("connected", handler.next());

            // then
            assertEquals(
                    List.of(new Subscription(TopicFilter.of("one"), QoS.AT_LEAST_ONCE)),
                    server.next(Subscribe.class).subscriptions());
            Subscribe two = server.next(Subscribe.class);
            assertEquals(numbered, two.properties());
            assertEquals(List.of(new Subscription(TopicFilter.of("two"), QoS.EXACTLY_ONCE)), two.subscriptions());
            client.unsubscribe("other"); // no other SUBSCRIBE came before
            assertTrue(server.rest().stream().noneMatch(Subscribe.class::isInstance));

            // and nobody but the handler is there for their messages
            server.send(ScriptedServer.message("one", "x", QoS.AT_MOST_ONCE, 0));
            assertEquals("one=x", handler.next());
        }
    }

    @Test
    void subscriptionsInMemoryOutliveTheSessionOfTheServer() throws Exception {
        SessionStore store = SessionStore.inMemory();

        theNextClientMakesStoredSubscriptionsAnew(store, store);
    }

    @Test
    void subscriptionsInAFileOutliveTheSessionOfTheServer() throws Exception {
        theNextClientMakesStoredSubscriptionsAnew(SessionStore.inFiles(directory), SessionStore.inFiles(directory));
    }

    @Test
    void aCleanStartForgetsStoredSubscriptions() throws Exception {
        SessionStore store = SessionStore.inFiles(directory);
        try (StoredSession session = store.open("test")) {
            session.subscribed(
                    new StoredSubscription(new Subscription(TopicFilter.of("a"), QoS.AT_LEAST_ONCE), Properties.EMPTY));
        }
        try (ScriptedServer server = new ScriptedServer();
                MqttClient client = MqttClient.connect(
                        options(server, store).toBuilder().cleanStart(true).build())) {
            client.unsubscribe("other");
            assertTrue(server.rest().stream().noneMatch(Subscribe.class::isInstance));
        }

        try (StoredSession session = store.open("test")) {
            assertEquals(List.of(), session.subscriptions());
        }
    }

    @Test
    void aFileOfTheVersionBeforeIsReadAndOneOfALaterVersionRefused() throws Exception {
        SessionStore store = SessionStore.inFiles(directory);
        try (StoredSession session = store.open("test")) {
            session.append(published(7));
            session.sync();
        }
        byte[] bytes = Files.readAllBytes(sessionFile());
        bytes[7] = '1';
        Files.write(sessionFile(), bytes);

        try (StoredSession session = store.open("test")) {
            assertEquals(1, session.flows().outgoing().size());
        }

        assertEquals('2', Files.readAllBytes(sessionFile())[7]);
        bytes[7] = '3';
        Files.write(sessionFile(), bytes);
        IOException refused = assertThrows(IOException.class, () -> store.open("test"));
        assertTrue(refused.getMessage().endsWith("is no session file, or one of a later version"));
    }
}

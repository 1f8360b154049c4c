package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.client.OfflineQueue.WhenFull;
import io.mqttx.client.WaitingMessages.Waiting;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OfflineQueueTest {
    private static final byte[] HI = {'h', 'i'};

    private final RecordingHandler handler = new RecordingHandler() {
        @Override
        public void onPublishDropped(MqttClient client, Publish message, RuntimeException why) {
            add(message.topic() + " dropped");
        }
    };
    private ScriptedServer server;

    @BeforeEach
    void startServer() throws IOException {
        server = new ScriptedServer();
        server.on(PacketType.CONNECT, new ConnAck(false, ReasonCode.SERVER_BUSY));
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
    }

    private MqttClient start(OfflineQueue queue) {
        return MqttClient.start(
                server.options()
                        .reconnect(ReconnectOptions.builder()
                                .firstDelay(Duration.ofMillis(5))
                                .maxDelay(Duration.ofMillis(20))
                                .build())
                        .offlineQueue(queue)
                        .build(),
                handler);
    }

    private static Waiting waiting(String topic, long since) {
        return new Waiting(ScriptedServer.message(topic, "x", QoS.AT_LEAST_ONCE, 1), Optional.empty(), since);
    }

    @Test
    void whatIsPublishedWithoutAConnectionIsSentInOrderWhenThereIsOne() throws Exception {
        try (MqttClient client = start(OfflineQueue.of(10))) {
            // given
            client.publish("t/0", HI, QoS.AT_MOST_ONCE);
            CompletableFuture<ReasonCode> one = client.publishAsync("t/1", HI, QoS.AT_LEAST_ONCE);
            client.publish("t/2", HI, QoS.EXACTLY_ONCE);
            CompletableFuture<ReasonCode> three = client.publishAsync("t/3", HI, QoS.AT_MOST_ONCE);
            assertFalse(one.isDone());

            // when
            server.on(PacketType.CONNECT, server::honestly);

            // then
            for (int i = 0; i < 4; i++) {
                assertEquals("t/" + i, server.next(Publish.class).topic().text());
            }
            assertEquals(ReasonCode.SUCCESS, one.get());
            assertEquals(ReasonCode.SUCCESS, three.get());
            assertEquals("connected", handler.next());
        }
    }

    @Test
    void aFullQueueRefusesTheNewMessage() {
        try (MqttClient client = start(OfflineQueue.of(1))) {
            client.publish("a", HI, QoS.AT_LEAST_ONCE);

            assertThrows(FlowControlException.class, () -> client.publish("b", HI, QoS.AT_LEAST_ONCE));
            CompletableFuture<ReasonCode> future = client.publishAsync("c", HI, QoS.AT_LEAST_ONCE);
            assertInstanceOf(
                    FlowControlException.class,
                    assertThrows(CompletionException.class, future::join).getCause());
        }
    }

    @Test
    void theOldestMessageMakesRoomAndItsOwnerIsTold() throws Exception {
        OfflineQueue queue = new OfflineQueue(2, 1000, WhenFull.DROP_OLDEST, Duration.ofDays(1));
        try (MqttClient client = start(queue)) {
            CompletableFuture<ReasonCode> first = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);
            client.publish("b", HI, QoS.AT_LEAST_ONCE);
            client.publish("c", HI, QoS.AT_LEAST_ONCE);
            client.publish("d", HI, QoS.AT_LEAST_ONCE);

            assertInstanceOf(
                    MessageDroppedException.class,
                    assertThrows(CompletionException.class, first::join).getCause());
            assertEquals("b dropped", handler.next());
        }
    }

    @Test
    void aMessageThatWaitsForTooLongIsGivenUpWithoutAConnection() throws Exception {
        OfflineQueue queue = new OfflineQueue(2, 1000, WhenFull.DROP_OLDEST, Duration.ofMillis(30));
        try (MqttClient client = start(queue)) {
            CompletableFuture<ReasonCode> first = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);
            client.publish("b", HI, QoS.AT_LEAST_ONCE);

            assertInstanceOf(
                    MessageDroppedException.class,
                    assertThrows(CompletionException.class, first::join).getCause());
            assertEquals("b dropped", handler.next());
        }
    }

    @Test
    void closingFailsWhatIsKept() {
        MqttClient client = start(OfflineQueue.of(10));
        CompletableFuture<ReasonCode> future = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);

        client.close();

        assertInstanceOf(
                NotConnectedException.class,
                assertThrows(CompletionException.class, future::join).getCause());
        assertThrows(NotConnectedException.class, () -> client.publish("a", HI, QoS.AT_LEAST_ONCE));
    }

    @Test
    void bytesCountToo() {
        // given room for two messages of 130 bytes
        WaitingMessages messages =
                new WaitingMessages(new OfflineQueue(10, 270, WhenFull.DROP_OLDEST, Duration.ofDays(1)));
        Waiting first = waiting("a", 0);
        assertTrue(messages.addForConnection(first).isEmpty());
        assertTrue(messages.addForConnection(waiting("b", 0)).isEmpty());

        // when, then
        assertEquals(List.of(first), messages.addForConnection(waiting("c", 0)));
        Waiting tooLarge = waiting("x".repeat(200), 0);
        assertEquals(List.of(tooLarge), messages.addForConnection(tooLarge));
        assertEquals("b", messages.remove().message().topic().text());
    }

    @Test
    void ageIsMeasuredWithAClockThatMayWrap() {
        WaitingMessages messages =
                new WaitingMessages(new OfflineQueue(10, 1000, WhenFull.REFUSE_NEW, Duration.ofNanos(100)));
        messages.addForConnection(waiting("a", Long.MAX_VALUE));
        messages.addForConnection(waiting("b", Long.MAX_VALUE + 50));

        assertEquals(20, messages.untilTooOld(Long.MAX_VALUE + 80));
        assertEquals(1, messages.removeOld(Long.MAX_VALUE + 100).size());
        assertEquals("b", messages.remove().message().topic().text());
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class MessagesTest {
    private static final byte[] HI = "hi".getBytes(StandardCharsets.UTF_8);

    private final RecordingHandler handler = new RecordingHandler();

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    private MqttClient connect() throws InterruptedException {
        return connect(ProtocolVersion.V5);
    }

    private MqttClient connect(ProtocolVersion version) throws InterruptedException {
        MqttClient client = MqttClient.connect(server.options().version(version).build(), handler);
        assertEquals("connected", handler.next());
        return client;
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.3.1-1", "MQTT-4.3.2-2", "MQTT-4.3.3-2", "MQTT-4.3.3-4"})
    void everyQosIsPublishedAndAnsweredInEveryVersion(ProtocolVersion version) throws Exception {
        try (MqttClient client = connect(version)) {
            for (QoS qos : QoS.values()) {
                // when
                ReasonCode reason = client.publishAsync("a/b", HI, qos).get();

                // then
                assertEquals(ReasonCode.SUCCESS, reason);
                Publish sent = server.next(Publish.class);
                assertEquals("a/b", sent.topic().text());
                assertEquals(qos, sent.qos());
                assertFalse(sent.dup());
            }
            assertEquals(2, server.next(PubRel.class).packetId());
        }
    }

    @Test
    void blockingPublishDoesNotWaitForTheAcknowledgement() throws Exception {
        server.on(PacketType.PUBLISH);
        try (MqttClient client = connect()) {
            client.publish("a", HI, QoS.AT_LEAST_ONCE);

            assertEquals(QoS.AT_LEAST_ONCE, server.next(Publish.class).qos());
        }
    }

    @Test
    void aRefusedMessageFailsItsFutureOrIsToldToTheHandler() throws Exception {
        // given
        server.on(
                PacketType.PUBLISH,
                packet -> List.of(new PubAck(((Publish) packet).packetId(), ReasonCode.NOT_AUTHORIZED)));
        try (MqttClient client = connect()) {
            // when
            CompletableFuture<ReasonCode> future = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);
            CompletionException error = assertThrows(CompletionException.class, future::join);
            client.publish("b", HI, QoS.AT_LEAST_ONCE);

            // then
            PublishRefusedException refused = assertInstanceOf(PublishRefusedException.class, error.getCause());
            assertEquals(ReasonCode.NOT_AUTHORIZED, refused.code());
            assertEquals("a", refused.topic());
            assertEquals("b refused NOT_AUTHORIZED", handler.next());
        }
    }

    @Test
    @Statement({"MQTT-3.2.2-11", "MQTT-3.2.2-14", "MQTT-3.2.2-15"})
    void whatTheServerDoesNotTakeIsAnErrorBeforeItIsSent() throws Exception {
        // given
        server.on(
                PacketType.CONNECT,
                ScriptedServer.accepted(Properties.of(Property.MAXIMUM_QOS, 0)
                        .with(Property.RETAIN_AVAILABLE, false)
                        .with(Property.MAXIMUM_PACKET_SIZE, 100L)));
        try (MqttClient client = connect()) {
            // when, then
            assertEquals(ReasonCode.QOS_NOT_SUPPORTED, refusal(() -> client.publish("a", HI, QoS.AT_LEAST_ONCE)));
            assertEquals(
                    ReasonCode.PACKET_TOO_LARGE, refusal(() -> client.publish("a", new byte[200], QoS.AT_MOST_ONCE)));
            Publish retained =
                    ScriptedServer.message("a", "b", QoS.AT_MOST_ONCE, 0).withRetain(true);
            assertEquals(ReasonCode.RETAIN_NOT_SUPPORTED, refusal(() -> client.publish(retained)));
            assertInstanceOf(
                    ProtocolException.class,
                    assertThrows(
                                    CompletionException.class,
                                    () -> client.publishAsync(retained).join())
                            .getCause());
        }
        assertFalse(server.rest().stream().anyMatch(packet -> packet.type() == PacketType.PUBLISH));
    }

    @Test
    void aTopicWithAWildcardIsRefused() throws Exception {
        try (MqttClient client = connect()) {
            assertThrows(IllegalArgumentException.class, () -> client.publish("a/#", "b"));
        }
    }

    @Test
    @Statement({"MQTT-4.9.0-1", "MQTT-4.9.0-2"})
    void aFullWindowLetsAsyncMessagesWaitInOrderAndBlockingOnesTimeOut() throws Exception {
        // given
        server.on(PacketType.CONNECT, ScriptedServer.receiving(2)).on(PacketType.PUBLISH);
        MqttClient client = MqttClient.connect(
                server.options().requestTimeout(Duration.ofMillis(100)).build(), handler);
        List<CompletableFuture<ReasonCode>> futures = new ArrayList<>();

        // when
        for (int i = 0; i < 5; i++) {
            futures.add(client.publishAsync("t/" + i, HI, QoS.AT_LEAST_ONCE));
        }
        assertThrows(RequestTimeoutException.class, () -> client.publish("late", HI, QoS.AT_LEAST_ONCE));
        client.publish("qos0", "does not wait");

        // then
        assertEquals("t/0", server.next(Publish.class).topic().text());
        assertEquals("t/1", server.next(Publish.class).topic().text());
        assertEquals("qos0", server.next(Publish.class).topic().text());
        server.on(PacketType.PUBLISH, server::honestly);
        server.send(new PubAck(1), new PubAck(2));
        for (CompletableFuture<ReasonCode> future : futures) {
            assertEquals(ReasonCode.SUCCESS, future.get());
        }
        for (int i = 2; i < 5; i++) {
            assertEquals("t/" + i, server.next(Publish.class).topic().text());
        }
        client.close();
    }

    @Test
    void asyncMessagesBeyondTheQueueFailAtOnce() throws Exception {
        server.on(PacketType.PUBLISH);
        try (MqttClient client = connect()) {
            for (int i = 0; i < 100 + WaitingMessages.FOR_WINDOW_AT_MOST; i++) {
                assertFalse(client.publishAsync("a", HI, QoS.AT_LEAST_ONCE).isDone());
            }

            CompletableFuture<ReasonCode> tooMany = client.publishAsync("a", HI, QoS.AT_LEAST_ONCE);

            CompletionException error = assertThrows(CompletionException.class, tooMany::join);
            assertInstanceOf(FlowControlException.class, error.getCause());
        }
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"MQTT-4.3.2-4", "MQTT-4.3.3-8", "MQTT-4.3.3-11"})
    void messagesAreToldInOrderAndAcknowledgedInEveryVersion(ProtocolVersion version) throws Exception {
        try (MqttClient client = connect(version)) {
            // when
            server.send(
                    ScriptedServer.message("m/0", "zero", QoS.AT_MOST_ONCE, 0),
                    ScriptedServer.message("m/1", "one", QoS.AT_LEAST_ONCE, 7),
                    ScriptedServer.message("m/2", "two", QoS.EXACTLY_ONCE, 8));

            // then
            assertEquals("m/0=zero", handler.next());
            assertEquals("m/1=one", handler.next());
            assertEquals("m/2=two", handler.next());
            assertEquals(7, server.next(PubAck.class).packetId());
            assertEquals(8, server.next(PubRec.class).packetId());
            assertEquals(8, server.next(PubComp.class).packetId());
            assertTrue(client.isConnected());
        }
    }

    @ParameterizedTest
    @EnumSource
    void subscribeReturnsTheGrantedQosInEveryVersion(ProtocolVersion version) throws Exception {
        server.on(
                PacketType.SUBSCRIBE,
                packet -> List.of(new SubAck(
                        ((Subscribe) packet).packetId(), List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.GRANTED_QOS_0))));
        try (MqttClient client = connect(version)) {
            List<QoS> granted = client.subscribe(List.of(subscription("a/+"), subscription("b/#")), Properties.EMPTY);

            assertEquals(List.of(QoS.EXACTLY_ONCE, QoS.AT_MOST_ONCE), granted);
        }
    }

    @Test
    void aRefusedFilterIsAnErrorThatNamesFilterAndCode() throws Exception {
        server.on(
                PacketType.SUBSCRIBE,
                packet -> List.of(new SubAck(
                        ((Subscribe) packet).packetId(),
                        List.of(ReasonCode.GRANTED_QOS_2, ReasonCode.NOT_AUTHORIZED))));
        try (MqttClient client = connect()) {
            List<Subscription> wanted = List.of(subscription("mine"), subscription("yours"));

            FilterRefusedException refused =
                    assertThrows(FilterRefusedException.class, () -> client.subscribe(wanted, Properties.EMPTY));
            CompletionException later = assertThrows(
                    CompletionException.class,
                    () -> client.subscribeAsync(wanted, Properties.EMPTY).join());

            assertEquals(Map.of("yours", ReasonCode.NOT_AUTHORIZED), refused.refused());
            assertEquals("refused: yours: NOT_AUTHORIZED", refused.getMessage());
            assertInstanceOf(FilterRefusedException.class, later.getCause());
        }
    }

    @Test
    void aSubscriptionWithACallbackTakesItsMessagesFromTheHandler() throws Exception {
        try (MqttClient client = connect()) {
            // given
            client.subscribe("mine/#", QoS.AT_LEAST_ONCE, message -> handler.add("callback " + message.levels()));

            // when
            server.send(
                    ScriptedServer.message("mine/1", "x", QoS.AT_MOST_ONCE, 0),
                    ScriptedServer.message("other", "y", QoS.AT_MOST_ONCE, 0));

            // then
            assertEquals("callback [mine, 1]", handler.next());
            assertEquals("other=y", handler.next());

            // when
            client.unsubscribe("mine/#");
            server.send(ScriptedServer.message("mine/1", "z", QoS.AT_MOST_ONCE, 0));

            // then
            assertEquals("mine/1=z", handler.next());
        }
    }

    @Test
    @Statement({"MQTT-3.3.2-8"})
    void topicsHaveAliasesWhereTheServerTakesThem() throws Exception {
        server.on(PacketType.CONNECT, ScriptedServer.accepted(Properties.of(Property.TOPIC_ALIAS_MAXIMUM, 1)));
        try (MqttClient client = connect()) {
            // when
            client.publish("a/long/topic", HI, QoS.AT_LEAST_ONCE);
            client.publish("a/long/topic", HI, QoS.AT_LEAST_ONCE);

            // then
            Publish first = server.next(Publish.class);
            Publish second = server.next(Publish.class);
            assertEquals("a/long/topic", first.topic().text());
            assertEquals(1, first.properties().number(Property.TOPIC_ALIAS, 0));
            assertTrue(second.topic().isNone());
            assertEquals(1, second.properties().number(Property.TOPIC_ALIAS, 0));
            assertThrows(IllegalArgumentException.class, () -> client.publish(second));
        }
    }

    @Test
    @Statement({"MQTT-4.6.0-2"})
    void aMessageIsAcknowledgedByHandInItsTurn() throws Exception {
        List<Message> messages = new java.util.concurrent.CopyOnWriteArrayList<>();
        ClientOptions options = server.options().manualAcknowledgement(true).build();
        try (MqttClient client = MqttClient.connect(options)) {
            // given
            CountDownLatch both = new CountDownLatch(2);
            client.subscribe("a", QoS.AT_LEAST_ONCE, message -> {
                messages.add(message);
                both.countDown();
            });
            server.send(
                    ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, 1),
                    ScriptedServer.message("a", "x", QoS.AT_LEAST_ONCE, 2));
            await(both);

            // when
            client.acknowledge(messages.get(1));
            client.acknowledge(messages.get(1));
            client.subscribe("round trip", QoS.AT_MOST_ONCE);

            // then
            assertTrue(server.rest().stream().noneMatch(packet -> packet.type() == PacketType.PUBACK));
            client.acknowledge(messages.get(0));
            assertEquals(1, server.next(PubAck.class).packetId());
            assertEquals(2, server.next(PubAck.class).packetId());
        }
    }

    @Test
    void aRefusedSubscriptionLeavesTheCallbackOfTheOneBefore() throws Exception {
        try (MqttClient client = connect()) {
            // given
            client.subscribe("mine", QoS.AT_MOST_ONCE, message -> handler.add("first " + message.text()));
            server.on(
                    PacketType.SUBSCRIBE,
                    packet -> List.of(new SubAck(((Subscribe) packet).packetId(), List.of(ReasonCode.NOT_AUTHORIZED))));

            // when
            assertThrows(
                    FilterRefusedException.class,
                    () -> client.subscribe("mine", QoS.EXACTLY_ONCE, message -> handler.add("second")));
            server.send(ScriptedServer.message("mine", "x", QoS.AT_MOST_ONCE, 0));

            // then
            assertEquals("first x", handler.next());
        }
    }

    @Test
    void aCallbackThatThrowsDoesNotTakeTheMessageFromTheNext() throws Exception {
        try (MqttClient client = connect()) {
            client.subscribe("a/#", QoS.AT_MOST_ONCE, message -> {
                throw new IllegalStateException("thrown on purpose");
            });
            client.subscribe("a/b", QoS.AT_MOST_ONCE, message -> handler.add("second " + message.text()));

            server.send(ScriptedServer.message("a/b", "x", QoS.AT_MOST_ONCE, 0));

            assertEquals("second x", handler.next());
        }
    }

    @Test
    void whatCameBeforeUnsubackIsForTheCallback() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        try (MqttClient client = connect()) {
            // given a callback that is still busy with the first message when the second comes
            client.subscribe("mine", QoS.AT_MOST_ONCE, message -> {
                handler.add("callback " + message.text());
                await(go);
            });
            server.send(
                    ScriptedServer.message("mine", "first", QoS.AT_MOST_ONCE, 0),
                    ScriptedServer.message("mine", "second", QoS.AT_MOST_ONCE, 0));
            assertEquals("callback first", handler.next());

            // when
            client.unsubscribe("mine");
            go.countDown();

            // then
            assertEquals("callback second", handler.next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void unsubscribeWaitsForItsAnswerInEveryVersion(ProtocolVersion version) throws Exception {
        try (MqttClient client = connect(version)) {
            assertEquals(
                    List.of(ReasonCode.SUCCESS), client.unsubscribe(List.of(TopicFilter.of("a")), Properties.EMPTY));
            assertEquals("a", server.next(Unsubscribe.class).filters().get(0).text());
        }
    }

    @Test
    void aRequestWithoutAnswerTimesOutAndTheConnectionLives() throws Exception {
        server.on(PacketType.SUBSCRIBE);
        try (MqttClient client = MqttClient.connect(
                server.options().requestTimeout(Duration.ofMillis(100)).build())) {
            assertThrows(RequestTimeoutException.class, () -> client.subscribe("a", QoS.AT_MOST_ONCE));
            CompletableFuture<QoS> later = client.subscribeAsync("a", QoS.AT_MOST_ONCE, message -> {});
            assertInstanceOf(
                    RequestTimeoutException.class,
                    assertThrows(CompletionException.class, later::join).getCause());

            assertTrue(client.isConnected());
        }
    }

    @Test
    void theEndOfTheConnectionFailsWhatWaits() throws Exception {
        // given
        server.on(PacketType.SUBSCRIBE).on(PacketType.PUBLISH);
        MqttClient client = connect();
        CompletableFuture<ReasonCode> published = client.publishAsync("a", HI, QoS.EXACTLY_ONCE);
        CompletableFuture<List<QoS>> subscribed = client.subscribeAsync(List.of(subscription("a")), Properties.EMPTY);
        server.next(Subscribe.class);

        // when
        server.hangUp();

        // then
        assertInstanceOf(
                NotConnectedException.class,
                assertThrows(CompletionException.class, published::join).getCause());
        assertInstanceOf(
                NotConnectedException.class,
                assertThrows(CompletionException.class, subscribed::join).getCause());
        assertTrue(client.publishAsync("a", HI, QoS.AT_MOST_ONCE).isCompletedExceptionally() || !client.isConnected());
    }

    @Test
    void aLargeMessageGoesBothWays() throws Exception {
        byte[] large = new byte[900_000];
        server.on(PacketType.PUBLISH, packet -> List.of(packet));
        try (MqttClient client = connect()) {
            client.publish("a", large, QoS.AT_MOST_ONCE);

            assertEquals(2 + large.length, handler.next().length());
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Subscription subscription(String filter) {
        return new Subscription(TopicFilter.of(filter), QoS.EXACTLY_ONCE);
    }

    private static ReasonCode refusal(Runnable call) {
        return assertThrows(ProtocolException.class, call::run).reason();
    }
}

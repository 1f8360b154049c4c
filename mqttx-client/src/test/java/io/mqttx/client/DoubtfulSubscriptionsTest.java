package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a client asks for again although the server says that it has the session: it may be one that has lost them. */
@Timeout(60)
class DoubtfulSubscriptionsTest {
    private static final ConnAck NEW_SESSION = new ConnAck(false, ReasonCode.SUCCESS);
    private static final ConnAck SESSION_PRESENT = new ConnAck(true, ReasonCode.SUCCESS);

    @AutoClose
    private final ScriptedServer server = new ScriptedServer();

    @AutoClose
    private final ScriptedServer other = new ScriptedServer();

    @ParameterizedTest
    @EnumSource(
            value = ProtocolVersion.class,
            names = {"V3_1_1", "V5"})
    void whenAConnackGetsLostTheNextSessionMayBeTheOneThatItToldOf(ProtocolVersion version) throws Exception {
        try (MqttClient client = connect(version)) {
            client.subscribe("a", QoS.AT_LEAST_ONCE);
            server.next(Subscribe.class);
            server.on(PacketType.CONNECT, packet -> {
                server.on(PacketType.CONNECT, SESSION_PRESENT);
                return nothing();
            });

            server.hangUp();

            // a session that has the subscription must not send its retained messages again
            RetainHandling handling = version.hasProperties() ? RetainHandling.SEND_IF_NEW : RetainHandling.SEND;
            assertEquals(
                    List.of(new Subscription(TopicFilter.of("a"), QoS.AT_LEAST_ONCE, false, false, handling)),
                    server.next(Subscribe.class).subscriptions());
            nothingIsAskedForAgain(client);
        }
    }

    @Test
    void whatWasWantedWithoutRetainedMessagesIsAskedForAgainWithoutThem() throws Exception {
        Subscription wanted =
                new Subscription(TopicFilter.of("a"), QoS.AT_LEAST_ONCE, true, true, RetainHandling.DO_NOT_SEND);
        try (MqttClient client = connect(ProtocolVersion.V5)) {
            client.subscribe(List.of(wanted), Properties.EMPTY);
            server.next(Subscribe.class);
            server.on(PacketType.CONNECT, packet -> {
                server.on(PacketType.CONNECT, SESSION_PRESENT);
                return nothing();
            });

            server.hangUp();

            assertEquals(List.of(wanted), server.next(Subscribe.class).subscriptions());
        }
    }

    @Test
    void whatWasBeingMadeAnewWhenTheConnectionBrokeIsMadeAnewOnTheNext() throws Exception {
        try (MqttClient client = connect(ProtocolVersion.V5)) {
            client.subscribe("a", QoS.AT_LEAST_ONCE);
            client.subscribe("b", QoS.AT_LEAST_ONCE);
            server.next(Subscribe.class);
            server.next(Subscribe.class);
            client.unsubscribe("b");
            server.on(PacketType.SUBSCRIBE, packet -> {
                server.on(PacketType.CONNECT, SESSION_PRESENT);
                server.on(PacketType.SUBSCRIBE, server::honestly);
                return nothing();
            });

            server.hangUp(); // the server begins a new session, and hangs up on the subscription

            server.next(Subscribe.class);
            Subscribe again = server.next(Subscribe.class);
            assertEquals(1, again.subscriptions().size());
            assertEquals("a", again.subscriptions().get(0).filter().text());
            nothingIsAskedForAgain(client);
        }
    }

    @Test
    void aServerThatRefusesHasBegunNoSession() throws Exception {
        try (MqttClient client = connect(ProtocolVersion.V5)) {
            client.subscribe("a", QoS.AT_LEAST_ONCE);
            server.next(Subscribe.class);
            server.on(PacketType.CONNECT, packet -> {
                server.on(PacketType.CONNECT, SESSION_PRESENT);
                return List.of(new ConnAck(false, ReasonCode.SERVER_UNAVAILABLE));
            });

            nothingIsAskedForAgain(client);
        }
    }

    @Test
    void aSessionOfAnotherServerMayBeAnOlderOne() throws Exception {
        other.on(PacketType.CONNECT, SESSION_PRESENT);
        try (MqttClient client = connect(ProtocolVersion.V5, other.address())) {
            client.subscribe("a", QoS.AT_LEAST_ONCE);

            server.close();

            assertEquals(
                    "a",
                    other.next(Subscribe.class).subscriptions().get(0).filter().text());
        }
    }

    private MqttClient connect(ProtocolVersion version, ServerAddress... others) throws InterruptedException {
        server.on(PacketType.CONNECT, NEW_SESSION);
        MqttClient client = MqttClient.connect(
                server.options()
                        .version(version)
                        .cleanStart(false)
                        .properties(
                                version.hasProperties()
                                        ? Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1000L)
                                        : Properties.EMPTY)
                        .reconnect(ReconnectOptions.builder()
                                .firstDelay(Duration.ofMillis(5))
                                .maxDelay(Duration.ofMillis(20))
                                .otherServers(others)
                                .build())
                        .build(),
                new ClientHandler() {});
        server.next(Connect.class);
        return client;
    }

    /** The connection breaks once more, without any doubt. */
    private void nothingIsAskedForAgain(MqttClient client) throws Exception {
        client.publish("before", new byte[0], QoS.AT_LEAST_ONCE);
        server.next(Publish.class);
        AtomicInteger times = new AtomicInteger();
        server.on(PacketType.SUBSCRIBE, packet -> {
            times.incrementAndGet();
            return server.honestly(packet);
        });

        server.hangUp();
        server.next(Connect.class);
        publishWhenConnected(client);
        server.next(Publish.class);

        assertEquals(0, times.get());
    }

    private static void publishWhenConnected(MqttClient client) {
        boolean published = false;
        while (!published) {
            try {
                client.publish("after", new byte[0], QoS.AT_LEAST_ONCE);
                published = true;
            } catch (NotConnectedException e) {
                Thread.onSpinWait(); // nobody tells this thread
            }
        }
    }

    /** Hangs up instead of an answer. */
    private List<Packet> nothing() {
        try {
            server.hangUp();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return List.of();
    }
}

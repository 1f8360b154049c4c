package io.mqttx.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.protocol.action.Action;
import io.mqttx.protocol.action.Action.Close;
import io.mqttx.protocol.action.Action.Handle;
import io.mqttx.protocol.action.Action.Send;
import io.mqttx.protocol.action.Action.SendMessage;
import io.mqttx.protocol.action.ActionLog;
import io.mqttx.protocol.flow.SessionFlows;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClientConnectionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Connect CONNECT = new Connect(ProtocolVersion.V5, "c", true);
    private static final Properties METHOD = Properties.of(Property.AUTHENTICATION_METHOD, "M");
    private static final Subscription WANTED = new Subscription(TopicFilter.of("a/#"), QoS.AT_LEAST_ONCE);

    private final ClientConnection connection = new ClientConnection(10, 3 * SECOND);
    private final SessionFlows<Publish> flows = new SessionFlows<>();
    private final ActionLog<Publish> log = new ActionLog<>();

    @Test
    @Statement("MQTT-3.1.0-1")
    @Statement(value = "MQTT-3.1.0-1", version = Version.V3_1_1)
    void connectIsTheFirstPacketAndConnackOpens() {
        // when
        connection.connect(CONNECT, flows, false, 0, log);
        boolean before = connection.isOpen();
        connection.received(success(Properties.EMPTY), 0, log);

        // then
        assertFalse(before);
        assertTrue(connection.isOpen());
        assertEquals(List.of(new Send<>(CONNECT), new Handle<>(success(Properties.EMPTY))), log.drain());
        assertThrows(IllegalStateException.class, () -> connection.connect(CONNECT, flows, false, 0, log));
    }

    @Test
    void aRefusalIsHandedOverAndCloses() {
        // given
        connection.connect(CONNECT, flows, false, 0, log);
        log.drain();

        // when
        connection.received(new ConnAck(false, ReasonCode.BANNED), 0, log);

        // then
        assertEquals(
                new Handle<>(new ConnAck(false, ReasonCode.BANNED)),
                log.actions().get(0));
        assertEquals(
                ReasonCode.BANNED,
                assertInstanceOf(Close.class, log.actions().get(1)).reason());
    }

    @Test
    @Statement("MQTT-3.2.2-4")
    void aSessionThatIsNotKnownHereCloses() {
        // given
        connection.connect(CONNECT, flows, false, 0, log);
        log.drain();

        // when
        connection.received(new ConnAck(true, ReasonCode.SUCCESS), 0, log);

        // then
        assertClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement("MQTT-3.2.2-5")
    void aSessionThatTheServerForgotIsForgottenHere() {
        // given
        flows.outbound().resume(10, log);
        flows.outbound().publish(message(), QoS.AT_LEAST_ONCE, log);
        connection.connect(new Connect(ProtocolVersion.V5, "c", false), flows, true, 0, log);
        log.drain();

        // when
        connection.received(success(Properties.EMPTY), 0, log);

        // then
        assertEquals(List.of(new Handle<>(success(Properties.EMPTY))), log.drain());
        assertTrue(connection.flows().isIdle());
    }

    @Test
    @Statement("MQTT-4.4.0-1")
    void aSessionThatIsPresentGoesOn() {
        // given
        flows.outbound().resume(10, log);
        flows.outbound().publish(message(), QoS.AT_LEAST_ONCE, log);
        flows.disconnected();
        connection.connect(new Connect(ProtocolVersion.V5, "c", false), flows, true, 0, log);
        log.drain();

        // when
        connection.received(new ConnAck(true, ReasonCode.SUCCESS), 0, log);

        // then
        assertEquals(
                new SendMessage<>(message(), QoS.AT_LEAST_ONCE, 1, true),
                log.actions().get(1));
    }

    @Test
    @Statement({"MQTT-3.1.2-21", "MQTT-3.2.2-21", "MQTT-3.1.2-20"})
    void theServersKeepAliveDecidesWhenToPing() {
        // given
        open(Properties.of(Property.SERVER_KEEP_ALIVE, 4));
        connection.written(SECOND);

        // when
        connection.expire(4 * SECOND - 1, log);
        List<?> early = log.drain();
        connection.expire(4 * SECOND, log);
        List<?> due = log.drain();
        connection.received(PingResp.INSTANCE, 5 * SECOND, log);
        connection.expire(7 * SECOND, log);
        List<?> again = log.drain();
        connection.expire(10 * SECOND, log);

        // then
        assertEquals(List.of(), early);
        assertEquals(List.of(new Send<>(PingReq.INSTANCE)), due);
        assertEquals(List.of(new Send<>(PingReq.INSTANCE)), again);
        assertClosed(ReasonCode.KEEP_ALIVE_TIMEOUT);
    }

    @Test
    void withoutConnackInTimeItCloses() {
        // given
        connection.connect(CONNECT, flows, false, 0, log);
        log.drain();

        // when
        connection.expire(3 * SECOND, log);

        // then
        assertClosed(ReasonCode.UNSPECIFIED_ERROR);
    }

    @Test
    @Statement({"MQTT-3.2.2-11", "MQTT-3.2.2-14", "MQTT-3.2.2-15"})
    void whatTheServerDoesNotTakeIsRefusedBeforeItIsSent() {
        // given
        open(Properties.of(Property.MAXIMUM_QOS, 0)
                .with(Property.RETAIN_AVAILABLE, false)
                .with(Property.MAXIMUM_PACKET_SIZE, 20L)
                .with(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, false));
        Publish small = new Publish(TopicName.of("t"), ByteBuffer.allocate(0));
        Publish large = new Publish(TopicName.of("t"), ByteBuffer.allocate(20));

        // when, then
        assertEquals(ReasonCode.QOS_NOT_SUPPORTED, refusal(message()));
        assertEquals(ReasonCode.RETAIN_NOT_SUPPORTED, refusal(small.withRetain(true)));
        assertEquals(ReasonCode.PACKET_TOO_LARGE, refusal(large));
        assertEquals(
                ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
                assertThrows(
                                ProtocolException.class,
                                () -> connection.subscribe(List.of(WANTED), Properties.EMPTY, log))
                        .reason());
        assertEquals(List.of(), log.drain());
        assertEquals(0, connection.publish(small, log));
        assertEquals(0, flows.ids().inUse());
    }

    @Test
    @Statement({"MQTT-2.2.1-3", "MQTT-3.3.4-7", "MQTT-4.9.0-3", "P5-08"})
    void requestsShareIdentifiersWithMessagesAndDoNotWaitForTheWindow() {
        // given
        open(Properties.of(Property.RECEIVE_MAXIMUM, 1));

        // when
        int published = connection.publish(message(), log);
        boolean full = !connection.canPublish();
        int subscribed = connection.subscribe(List.of(WANTED), Properties.EMPTY, log);
        int unsubscribed = connection.unsubscribe(List.of(WANTED.filter()), Properties.EMPTY, log);
        log.drain();
        SubAck subAck = new SubAck(2, List.of(ReasonCode.GRANTED_QOS_1));
        connection.received(subAck, 0, log);
        connection.received(subAck, 0, log);
        UnsubAck unsubAck = new UnsubAck(3, List.of(ReasonCode.SUCCESS));
        connection.received(unsubAck, 0, log);

        // then
        assertTrue(full);
        assertEquals(List.of(1, 2, 3), List.of(published, subscribed, unsubscribed));
        assertEquals(List.of(new Handle<>(subAck), new Handle<>(unsubAck)), log.drain());
        assertEquals(1, flows.ids().inUse());
    }

    @Test
    @Statement({"MQTT-3.8.4-6", "MQTT-3.9.3-2"})
    void aSubackMustAnswerEachFilterOfASubscribe() {
        // given
        open(Properties.EMPTY);
        connection.subscribe(List.of(WANTED), Properties.EMPTY, log);
        log.drain();

        // when
        connection.received(new SubAck(1, List.of(ReasonCode.GRANTED_QOS_0, ReasonCode.GRANTED_QOS_0)), 0, log);

        // then
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void identifiersOfRequestsAreFreeWhenTheConnectionIsGone() {
        // given
        open(Properties.EMPTY);
        connection.subscribe(List.of(WANTED), Properties.EMPTY, log);

        // when
        connection.closed();

        // then
        assertEquals(0, flows.ids().inUse());
    }

    @Test
    @Statement("MQTT-3.2.0-2")
    void aSecondConnackCloses() {
        // given
        open(Properties.EMPTY);

        // when
        connection.received(success(Properties.EMPTY), 0, log);

        // then
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement("MQTT-3.2.0-1")
    @Statement(value = "MQTT-3.2.0-1", version = Version.V3_1_1)
    void aPacketBeforeConnackCloses() {
        // given
        connection.connect(CONNECT, flows, false, 0, log);
        log.drain();

        // when
        connection.received(PingResp.INSTANCE, 0, log);

        // then
        assertClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void packetsThatOnlyAClientSendsClose() {
        // given
        open(Properties.EMPTY);

        // when
        connection.received(PingReq.INSTANCE, 0, log);

        // then
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement("MQTT-3.2.2-16")
    void withoutAClientIdentifierTheServerMustAssignOne() {
        // given
        connection.connect(CONNECT.withClientId(""), flows, false, 0, log);
        ClientConnection other = new ClientConnection(10, SECOND);
        other.connect(CONNECT.withClientId(""), new SessionFlows<>(), false, 0, log);
        log.drain();

        // when
        connection.received(success(Properties.of(Property.ASSIGNED_CLIENT_IDENTIFIER, "x")), 0, log);
        log.drain();
        other.received(success(Properties.EMPTY), 0, log);

        // then
        assertEquals("x", connection.terms().clientId());
        assertClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement({"MQTT-4.12.0-3", "MQTT-4.12.0-5", "MQTT-4.12.1-1", "P5-64"})
    void authenticationGoesBackAndForthBeforeConnackAndAfter() {
        // given
        Auth more = new Auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD);
        Auth again = new Auth(ReasonCode.RE_AUTHENTICATE, METHOD);
        Auth done = new Auth(ReasonCode.SUCCESS, METHOD);
        connection.connect(CONNECT.withProperties(METHOD), flows, false, 0, log);
        log.drain();

        // when
        connection.received(more, 0, log);
        connection.authenticate(more, log);
        connection.received(success(METHOD), 0, log);
        connection.authenticate(again, log);
        connection.received(done, 0, log);

        // then
        assertEquals(
                List.of(
                        new Handle<>(more),
                        new Send<>(more),
                        new Handle<>(success(METHOD)),
                        new Send<>(again),
                        new Handle<>(done)),
                log.drain());
        assertThrows(IllegalStateException.class, () -> connection.authenticate(more, log));
    }

    @Test
    @Statement({"MQTT-4.12.0-5", "MQTT-4.12.0-6"})
    void aConnackWithAnotherMethodCloses() {
        // given
        connection.connect(CONNECT, flows, false, 0, log);
        log.drain();

        // when
        connection.received(success(METHOD), 0, log);

        // then
        assertClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement({"MQTT-3.14.4-1", "MQTT-3.14.4-2", "P5-13"})
    void disconnectIsTheLastPacket() {
        // given
        open(Properties.EMPTY);
        Disconnect longer =
                new Disconnect(ReasonCode.NORMAL_DISCONNECTION, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 9L));

        // when, then
        assertThrows(ProtocolException.class, () -> connection.disconnect(longer, log));
        connection.disconnect(new Disconnect(ReasonCode.NORMAL_DISCONNECTION), log);
        assertSaidAndClosed(ReasonCode.NORMAL_DISCONNECTION);
        assertThrows(IllegalStateException.class, () -> connection.publish(message(), log));
    }

    @Test
    @Statement("MQTT-3.14.2-2")
    void aServerMayNotSpeakOfSessionExpiry() {
        // given
        open(Properties.EMPTY);

        // when
        connection.received(
                new Disconnect(ReasonCode.SERVER_BUSY, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 1L)), 0, log);

        // then
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    void aDisconnectFromTheServerIsHandedOverAndCloses() {
        // given
        open(Properties.EMPTY);

        // when
        connection.received(new Disconnect(ReasonCode.SESSION_TAKEN_OVER), 0, log);

        // then
        assertEquals(
                new Handle<>(new Disconnect(ReasonCode.SESSION_TAKEN_OVER)),
                log.actions().get(0));
        assertInstanceOf(Close.class, log.actions().get(1));
    }

    @Test
    @Statement({"P5-25", "MQTT-3.1.2-29"})
    void aReasonStringThatWasNotWantedCloses() {
        // given
        connection.connect(
                CONNECT.withProperties(Properties.of(Property.REQUEST_PROBLEM_INFORMATION, false)),
                flows,
                false,
                0,
                log);
        connection.received(success(Properties.EMPTY), 0, log);
        connection.subscribe(List.of(WANTED), Properties.EMPTY, log);
        log.drain();

        // when
        connection.received(
                new SubAck(1, List.of(ReasonCode.NOT_AUTHORIZED), Properties.of(Property.REASON_STRING, "no")), 0, log);

        // then
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement(
            value = {"MQTT-4.4.0-1", "MQTT-3.1.2-4"},
            version = Version.V3_1_1)
    void aServerOfVersion31ThatCannotSayItHasTheSessionIsTrusted() {
        // given
        Connect connect = new Connect(ProtocolVersion.V3_1, "c", false);
        flows.outbound().resume(10, log);
        flows.outbound().publish(message(), QoS.AT_LEAST_ONCE, log);
        connection.connect(connect, flows, true, 0, log);
        log.drain();

        // when
        connection.received(success(Properties.EMPTY), 0, log);

        // then
        assertEquals(
                new SendMessage<>(message(), QoS.AT_LEAST_ONCE, 1, true),
                log.actions().get(1));
    }

    private void open(Properties told) {
        connection.connect(CONNECT, flows, false, 0, log);
        connection.received(success(told), 0, log);
        log.drain();
    }

    private ReasonCode refusal(Publish message) {
        return assertThrows(ProtocolException.class, () -> connection.publish(message, log))
                .reason();
    }

    private void assertSaidAndClosed(ReasonCode reason) {
        List<Action<Publish>> actions = log.drain();
        assertEquals(new Send<Publish>(new Disconnect(reason)), actions.get(0));
        assertEquals(reason, assertInstanceOf(Close.class, actions.get(1)).reason());
    }

    private void assertClosed(ReasonCode reason) {
        List<Action<Publish>> actions = log.drain();
        assertEquals(1, actions.size());
        assertEquals(reason, assertInstanceOf(Close.class, actions.get(0)).reason());
    }

    private static ConnAck success(Properties properties) {
        return new ConnAck(false, ReasonCode.SUCCESS, properties);
    }

    private static Publish message() {
        return new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of("t"), 1, ByteBuffer.allocate(0));
    }
}

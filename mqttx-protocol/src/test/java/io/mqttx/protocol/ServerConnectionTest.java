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
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.Will;
import io.mqttx.protocol.action.Action;
import io.mqttx.protocol.action.Action.Close;
import io.mqttx.protocol.action.Action.Deliver;
import io.mqttx.protocol.action.Action.Handle;
import io.mqttx.protocol.action.Action.Send;
import io.mqttx.protocol.action.ActionLog;
import io.mqttx.protocol.flow.SessionFlows;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerConnectionTest {
    private static final long SECOND = 1_000_000_000L;
    private static final ProtocolVersion V5 = ProtocolVersion.V5;
    private static final Properties METHOD = Properties.of(Property.AUTHENTICATION_METHOD, "M");

    private final ServerConnection<String> connection = new ServerConnection<>(0, 10 * SECOND);
    private final SessionFlows<String> flows = new SessionFlows<>();
    private final ActionLog<String> log = new ActionLog<>();

    @Test
    @Statement({"MQTT-3.1.4-5", "MQTT-3.2.0-1"})
    void connectIsHandedOverAndConnackIsSentWhenItIsAccepted() {
        // given
        Connect connect = new Connect(V5, "c", true);

        // when
        connection.received(connect, 0, log);
        boolean paused = connection.isReadingPaused();
        connection.accept(success(Properties.EMPTY), flows, 10, 0xFFFF, 0, log);

        // then
        assertTrue(paused);
        assertFalse(connection.isReadingPaused());
        assertEquals(List.of(new Handle<>(connect), new Send<>(success(Properties.EMPTY))), log.drain());
    }

    @Test
    @Statement("MQTT-3.1.0-1")
    @Statement(value = "MQTT-3.1.0-1", version = Version.V3_1_1)
    void anyOtherFirstPacketClosesWithoutAWord() {
        // when
        connection.received(PingReq.INSTANCE, 0, log);

        // then
        assertClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement("MQTT-3.1.0-2")
    void aSecondConnectCloses() {
        // given
        open(new Connect(V5, "c", true), Properties.EMPTY);

        // when
        connection.received(new Connect(V5, "c", true), 0, log);

        // then
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.0-2", "MQTT-4.8.0-1"},
            version = Version.V3_1_1)
    void aSecondConnectClosesWithoutAWordBeforeVersion5() {
        // given
        open(new Connect(ProtocolVersion.V3_1_1, "c", true), Properties.EMPTY);

        // when
        connection.received(new Connect(ProtocolVersion.V3_1_1, "c", true), 0, log);

        // then
        assertClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement({"MQTT-3.1.4-2", "MQTT-3.2.2-7"})
    void aRefusalNamesItsReason() {
        // given
        connection.received(new Connect(V5, "c", true), 0, log);
        log.drain();

        // when
        connection.refuse(ReasonCode.BANNED, Properties.EMPTY, log);

        // then
        assertEquals(
                new Send<>(new ConnAck(false, ReasonCode.BANNED)), log.actions().get(0));
        assertInstanceOf(Close.class, log.actions().get(1));
    }

    @Test
    @Statement(
            value = {"MQTT-3.2.2-5", "MQTT-3.2.2-6"},
            version = Version.V3_1_1)
    void aRefusalWithoutAReturnCodeIsSilentBeforeVersion5() {
        // given
        ServerConnection<String> other = new ServerConnection<>(0, SECOND);
        connection.received(new Connect(ProtocolVersion.V3_1_1, "c", true), 0, log);
        other.received(new Connect(ProtocolVersion.V3_1_1, "c", true), 0, log);
        log.drain();

        // when
        connection.refuse(ReasonCode.SERVER_BUSY, Properties.EMPTY, log);
        other.refuse(ReasonCode.PACKET_TOO_LARGE, Properties.EMPTY, log);

        // then
        List<Action<String>> actions = log.drain();
        assertEquals(new Send<>(new ConnAck(false, ReasonCode.SERVER_UNAVAILABLE)), actions.get(0));
        assertInstanceOf(Close.class, actions.get(1));
        assertInstanceOf(Close.class, actions.get(2));
    }

    @Test
    @Statement({"MQTT-3.2.2-12", "MQTT-3.2.2-13"})
    void aWillThatTheServerCannotKeepIsRefused() {
        // given
        Will will = new Will(TopicName.of("w"), ByteBuffer.allocate(0), QoS.EXACTLY_ONCE, true, Properties.EMPTY);
        connection.received(new Connect(V5, "c", true).withWill(will), 0, log);
        log.drain();

        // when
        boolean open = connection.accept(success(Properties.of(Property.MAXIMUM_QOS, 1)), flows, 10, 0xFFFF, 0, log);

        // then
        assertFalse(open);
        assertEquals(
                new Send<>(new ConnAck(false, ReasonCode.QOS_NOT_SUPPORTED)),
                log.actions().get(0));
    }

    @Test
    @Statement(
            value = {"MQTT-3.1.3-8", "MQTT-3.1.4-1"},
            version = Version.V3_1_1)
    void aBadConnectIsAnsweredOnlyWhereTheStandardWantsIt() {
        // given
        ServerConnection<String> other = new ServerConnection<>(0, SECOND);

        // when
        connection.malformed(new ProtocolException(ReasonCode.CLIENT_IDENTIFIER_NOT_VALID, "empty"), log);
        other.malformed(ProtocolException.malformed("no CONNECT"), log);

        // then
        List<Action<String>> actions = log.drain();
        assertEquals(new Send<>(new ConnAck(false, ReasonCode.CLIENT_IDENTIFIER_NOT_VALID)), actions.get(0));
        assertEquals(3, actions.size());
    }

    @Test
    @Statement({"P5-36", "P5-37", "MQTT-3.3.4-6"})
    void aPublishBeyondWhatConnackAllowedCloses() {
        assertRefused(ReasonCode.QOS_NOT_SUPPORTED, Properties.of(Property.MAXIMUM_QOS, 0), message(QoS.AT_LEAST_ONCE));
        assertRefused(
                ReasonCode.RETAIN_NOT_SUPPORTED,
                Properties.of(Property.RETAIN_AVAILABLE, false),
                message(QoS.AT_MOST_ONCE).withRetain(true));
        assertRefused(
                ReasonCode.PROTOCOL_ERROR,
                Properties.EMPTY,
                message(QoS.AT_MOST_ONCE).withProperties(Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 1)));
        assertRefused(
                ReasonCode.TOPIC_ALIAS_INVALID,
                Properties.of(Property.TOPIC_ALIAS_MAXIMUM, 2),
                message(QoS.AT_MOST_ONCE).withProperties(Properties.of(Property.TOPIC_ALIAS, 3)));
    }

    @Test
    @Statement({"P5-39", "P5-40", "P5-41"})
    void aSubscribeBeyondWhatConnackAllowedCloses() {
        assertRefused(
                ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
                Properties.of(Property.WILDCARD_SUBSCRIPTION_AVAILABLE, false),
                subscribe("a/#", Properties.EMPTY));
        assertRefused(
                ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                Properties.of(Property.SHARED_SUBSCRIPTION_AVAILABLE, false),
                subscribe("$share/g/a", Properties.EMPTY));
        assertRefused(
                ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                Properties.of(Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE, false),
                subscribe("a", Properties.of(Property.SUBSCRIPTION_IDENTIFIER, 1)));
    }

    @Test
    void packetsThatOnlyAServerSendsClose() {
        assertRefused(ReasonCode.PROTOCOL_ERROR, Properties.EMPTY, PingResp.INSTANCE);
        assertRefused(ReasonCode.PROTOCOL_ERROR, Properties.EMPTY, new SubAck(1, List.of(ReasonCode.GRANTED_QOS_0)));
        assertRefused(ReasonCode.PROTOCOL_ERROR, Properties.EMPTY, success(Properties.EMPTY));
    }

    @Test
    @Statement("MQTT-3.12.4-1")
    @Statement(value = "MQTT-3.12.4-1", version = Version.V3_1_1)
    void pingreqIsAnswered() {
        // given
        open(new Connect(V5, "c", true), Properties.EMPTY);

        // when
        connection.received(PingReq.INSTANCE, 0, log);

        // then
        assertEquals(List.of(new Send<>(PingResp.INSTANCE)), log.drain());
    }

    @Test
    @Statement({"MQTT-3.1.2-22", "MQTT-3.2.2-22"})
    void silenceForOneAndAHalfTimesTheKeepAliveCloses() {
        // given
        open(new Connect(V5, "c", true).withKeepAlive(10), Properties.EMPTY);
        connection.received(PingReq.INSTANCE, 5 * SECOND, log);
        log.drain();

        // when
        connection.expire(20 * SECOND - 1, log);
        List<Action<String>> before = log.drain();
        long left = connection.nextDeadline(19 * SECOND);
        connection.expire(20 * SECOND, log);

        // then
        assertEquals(List.of(), before);
        assertEquals(SECOND, left);
        assertSaidAndClosed(ReasonCode.KEEP_ALIVE_TIMEOUT);
    }

    @Test
    @Statement("P5-33")
    void withoutConnectInTimeItCloses() {
        // when
        connection.expire(10 * SECOND, log);

        // then
        assertClosed(ReasonCode.MAXIMUM_CONNECT_TIME);
    }

    @Test
    @Statement("P5-13")
    void aSessionThatWasToEndCannotBeProlongedWithDisconnect() {
        assertRefused(
                ReasonCode.PROTOCOL_ERROR,
                Properties.EMPTY,
                new Disconnect(ReasonCode.NORMAL_DISCONNECTION, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 5L)));
    }

    @Test
    void aDisconnectWithAReasonOfServersIsAViolation() {
        assertRefused(ReasonCode.PROTOCOL_ERROR, Properties.EMPTY, new Disconnect(ReasonCode.SERVER_SHUTTING_DOWN));
    }

    @Test
    @Statement({"P5-61", "P5-13"})
    void aDisconnectIsHandedOverAndCloses() {
        // given
        Properties expiry = Properties.of(Property.SESSION_EXPIRY_INTERVAL, 60L);
        Disconnect disconnect = new Disconnect(
                ReasonCode.DISCONNECT_WITH_WILL_MESSAGE, Properties.of(Property.SESSION_EXPIRY_INTERVAL, 0L));
        open(new Connect(V5, "c", true).withProperties(expiry), Properties.EMPTY);

        // when
        connection.received(disconnect, 0, log);

        // then
        assertEquals(new Handle<>(disconnect), log.actions().get(0));
        assertInstanceOf(Close.class, log.actions().get(1));
        assertTrue(connection.terms().endsWithConnection());
        assertTrue(connection.isClosed());
    }

    @Test
    @Statement({"MQTT-4.12.0-2", "MQTT-4.12.0-5", "P5-63"})
    void authenticationGoesBackAndForthBeforeConnack() {
        // given
        connection.received(new Connect(V5, "c", true).withProperties(METHOD), 0, log);
        Auth more = new Auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD);
        log.drain();

        // when
        connection.authenticate(more, log);
        boolean pausedForServer = connection.isReadingPaused();
        connection.received(more, 0, log);
        boolean pausedForClient = connection.isReadingPaused();
        connection.accept(success(Properties.EMPTY), flows, 10, 0xFFFF, 0, log);

        // then
        assertFalse(pausedForServer);
        assertTrue(pausedForClient);
        assertEquals(List.of(new Send<>(more), new Handle<>(more), new Send<>(success(METHOD))), log.drain());
    }

    @Test
    @Statement({"P5-64", "MQTT-4.12.1-1"})
    void reAuthenticationRunsBesideOtherPackets() {
        // given
        Auth again = new Auth(ReasonCode.RE_AUTHENTICATE, METHOD);
        Auth done = new Auth(ReasonCode.SUCCESS, METHOD);
        open(new Connect(V5, "c", true).withProperties(METHOD), Properties.EMPTY);

        // when
        connection.received(again, 0, log);
        connection.received(PingReq.INSTANCE, 0, log);
        connection.authenticate(done, log);

        // then
        assertEquals(List.of(new Handle<>(again), new Send<>(PingResp.INSTANCE), new Send<>(done)), log.drain());
    }

    @Test
    @Statement({"P5-62", "MQTT-4.12.0-7"})
    void authWithoutOrWithAnotherMethodCloses() {
        assertRefused(ReasonCode.PROTOCOL_ERROR, Properties.EMPTY, new Auth(ReasonCode.RE_AUTHENTICATE, METHOD));
        ServerConnection<String> other = new ServerConnection<>(0, SECOND);
        other.received(new Connect(V5, "c", true).withProperties(METHOD), 0, log);
        other.accept(success(Properties.EMPTY), new SessionFlows<>(), 10, 0xFFFF, 0, log);
        log.drain();
        other.received(
                new Auth(ReasonCode.RE_AUTHENTICATE, Properties.of(Property.AUTHENTICATION_METHOD, "N")), 0, log);
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement("MQTT-3.1.2-30")
    void anythingButAuthDuringAuthenticationCloses() {
        // given
        connection.received(new Connect(V5, "c", true).withProperties(METHOD), 0, log);
        connection.authenticate(new Auth(ReasonCode.CONTINUE_AUTHENTICATION, METHOD), log);
        log.drain();

        // when
        connection.received(PingReq.INSTANCE, 0, log);

        // then
        assertEquals(
                new Send<>(new ConnAck(false, ReasonCode.PROTOCOL_ERROR)),
                log.actions().get(0));
        assertInstanceOf(Close.class, log.actions().get(1));
    }

    @Test
    @Statement({"MQTT-3.2.2-19", "MQTT-3.2.2-20", "MQTT-3.9.2-1", "MQTT-3.14.2-3"})
    void explanationsTooLargeForTheClientAreLeftOut() {
        // given
        Properties why = Properties.of(Property.REASON_STRING, "a long explanation of what happened");
        Connect connect = new Connect(V5, "c", true).withProperties(Properties.of(Property.MAXIMUM_PACKET_SIZE, 20L));
        connection.received(connect, 0, log);
        log.drain();

        // when
        connection.accept(success(why), flows, 10, 0xFFFF, 0, log);
        connection.answer(new SubAck(1, List.of(ReasonCode.GRANTED_QOS_0), why), log);
        connection.disconnect(ReasonCode.SERVER_BUSY, why, log);

        // then
        assertEquals(
                List.of(
                        new Send<>(success(Properties.EMPTY)),
                        new Send<>(new SubAck(1, List.of(ReasonCode.GRANTED_QOS_0))),
                        new Send<>(new Disconnect(ReasonCode.SERVER_BUSY))),
                log.drain().subList(0, 3));
    }

    @Test
    @Statement({"MQTT-3.1.2-5", "MQTT-4.4.0-1"})
    void aSessionGoesOnBehindItsConnack() {
        // given
        open(new Connect(V5, "c", true), Properties.EMPTY);
        connection.publish("m", QoS.AT_LEAST_ONCE, log);
        connection.closed();
        log.drain();
        ServerConnection<String> next = new ServerConnection<>(0, SECOND);
        next.received(new Connect(V5, "c", false), 0, log);

        // when
        next.accept(new ConnAck(true, ReasonCode.SUCCESS), flows, 10, 0xFFFF, 0, log);

        // then
        assertEquals(
                List.of(
                        new Handle<>(new Connect(V5, "c", false)),
                        new Send<>(new ConnAck(true, ReasonCode.SUCCESS)),
                        new Action.SendMessage<>("m", QoS.AT_LEAST_ONCE, 1, true)),
                log.drain());
    }

    @Test
    void aWrongKindOfAnswerCloses() {
        // given
        open(new Connect(V5, "c", true), Properties.EMPTY);
        connection.publish("m", QoS.AT_LEAST_ONCE, log);
        log.drain();

        // when
        connection.received(new PubRec(1), 0, log);

        // then
        assertSaidAndClosed(ReasonCode.PROTOCOL_ERROR);
    }

    @Test
    @Statement({"MQTT-3.3.4-9", "MQTT-4.9.0-1"})
    void theClientsReceiveMaximumAndTheServersOwnBoundHold() {
        // given
        open(new Connect(V5, "c", true).withProperties(Properties.of(Property.RECEIVE_MAXIMUM, 1)), Properties.EMPTY);

        // when
        connection.publish("a", QoS.AT_LEAST_ONCE, log);
        boolean full = !connection.canPublish();
        connection.received(new PubAck(1), 0, log);

        // then
        assertTrue(full);
        assertTrue(connection.canPublish());
    }

    @Test
    @Statement("MQTT-3.3.2-7")
    void aTopicAliasIsResolvedBeforeDelivery() {
        // given
        open(new Connect(V5, "c", true), Properties.of(Property.TOPIC_ALIAS_MAXIMUM, 5));
        Publish aliased = message(QoS.AT_MOST_ONCE).withProperties(Properties.of(Property.TOPIC_ALIAS, 5));

        // when
        connection.received(aliased, 0, log);
        connection.received(aliased.withTopic(TopicName.NONE), 0, log);

        // then
        Deliver<String> plain = new Deliver<>(message(QoS.AT_MOST_ONCE));
        assertEquals(List.of(plain, plain), log.drain());
    }

    @Test
    void packetsDuringADecisionAreTheOwnersMistake() {
        // given
        connection.received(new Connect(V5, "c", true), 0, log);

        // when, then
        assertThrows(IllegalStateException.class, () -> connection.received(PingReq.INSTANCE, 0, log));
    }

    private void open(Connect connect, Properties told) {
        connection.received(connect, 0, log);
        connection.accept(success(told), flows, 10, 0xFFFF, 0, log);
        log.drain();
    }

    /** On a connection of its own: a packet that ends it with this reason. */
    private void assertRefused(ReasonCode reason, Properties told, Packet packet) {
        ServerConnection<String> own = new ServerConnection<>(0, SECOND);
        own.received(new Connect(V5, "c", true), 0, log);
        own.accept(success(told), new SessionFlows<>(), 10, 0xFFFF, 0, log);
        log.drain();
        own.received(packet, 0, log);
        assertSaidAndClosed(reason);
        assertTrue(own.isClosed());
    }

    private void assertSaidAndClosed(ReasonCode reason) {
        List<Action<String>> actions = log.drain();
        assertEquals(new Send<String>(new Disconnect(reason)), actions.get(0));
        assertEquals(reason, assertInstanceOf(Close.class, actions.get(1)).reason());
        assertEquals(2, actions.size());
    }

    private void assertClosed(ReasonCode reason) {
        List<Action<String>> actions = log.drain();
        assertEquals(reason, assertInstanceOf(Close.class, actions.get(0)).reason());
        assertEquals(1, actions.size());
    }

    private static ConnAck success(Properties properties) {
        return new ConnAck(false, ReasonCode.SUCCESS, properties);
    }

    private static Publish message(QoS qos) {
        return new Publish(qos, false, TopicName.of("t"), qos == QoS.AT_MOST_ONCE ? 0 : 1, ByteBuffer.allocate(0));
    }

    private static Subscribe subscribe(String filter, Properties properties) {
        return new Subscribe(1, List.of(new Subscription(TopicFilter.of(filter), QoS.AT_MOST_ONCE)), properties);
    }
}

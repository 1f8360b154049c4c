package io.mqttx.protocol.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.action.Action.Complete;
import io.mqttx.protocol.action.Action.Persist;
import io.mqttx.protocol.action.Action.Send;
import io.mqttx.protocol.action.Action.SendMessage;
import io.mqttx.protocol.action.ActionLog;
import io.mqttx.protocol.action.FlowChange;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboundFlowTest {
    private static final QoS QOS_1 = QoS.AT_LEAST_ONCE;
    private static final QoS QOS_2 = QoS.EXACTLY_ONCE;

    private final PacketIds ids = new PacketIds();
    private final OutboundFlow<String> flow = new OutboundFlow<>(ids);
    private final ActionLog<String> log = new ActionLog<>();

    @Test
    @Statement({"MQTT-4.3.2-1", "MQTT-4.3.2-2", "MQTT-2.2.1-4"})
    @Statement(value = "MQTT-4.3.2-1", version = Version.V3_1_1)
    void qos1MessageIsKeptBeforeItIsSentAndDoneWithItsPuback() {
        // given
        flow.resume(10, log);

        // when
        flow.publish("m", QOS_1, log);
        flow.received(new PubAck(1), log);

        // then
        assertEquals(
                List.of(
                        new Persist<>(new FlowChange.Published<>(1, QOS_1, "m")),
                        new SendMessage<>("m", QOS_1, 1, false),
                        new Persist<>(new FlowChange.Completed<>(1)),
                        new Complete<>(1, ReasonCode.SUCCESS)),
                log.drain());
        assertEquals(0, flow.inFlight());
        assertFalse(ids.isInUse(1));
    }

    @Test
    @Statement({"MQTT-4.3.3-1", "MQTT-4.3.3-2", "MQTT-4.3.3-4"})
    @Statement(value = "MQTT-4.3.3-1", version = Version.V3_1_1)
    void qos2MessageIsReleasedAtPubrecAndDoneAtPubcomp() {
        // given
        flow.resume(10, log);
        flow.publish("m", QOS_2, log);
        log.drain();

        // when
        flow.received(new PubRec(1), log);
        flow.received(new PubComp(1), log);

        // then
        assertEquals(
                List.of(
                        new Persist<>(new FlowChange.Released<>(1)),
                        new Send<>(new PubRel(1)),
                        new Persist<>(new FlowChange.Completed<>(1)),
                        new Complete<>(1, ReasonCode.SUCCESS)),
                log.drain());
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.6.0-1"})
    @Statement(
            value = {"MQTT-4.4.0-1", "MQTT-3.3.1-1", "MQTT-4.6.0-1"},
            version = Version.V3_1_1)
    void resumptionSendsMessagesAgainInTheirOrderWithDupAndTheOldIdentifiers() {
        // given
        flow.resume(10, log);
        flow.publish("a", QOS_1, log);
        flow.publish("b", QOS_2, log);
        flow.publish("c", QOS_1, log);
        flow.received(new PubAck(1), log);
        flow.publish("d", QOS_1, log);
        flow.disconnected();
        log.drain();

        // when
        flow.resume(10, log);

        // then
        assertEquals(
                List.of(
                        new SendMessage<>("b", QOS_2, 2, true),
                        new SendMessage<>("c", QOS_1, 3, true),
                        new SendMessage<>("d", QOS_1, 4, true)),
                log.drain());
    }

    @Test
    @Statement({"MQTT-4.4.0-1", "MQTT-4.3.3-6", "MQTT-4.6.0-4"})
    @Statement(
            value = {"MQTT-4.4.0-1", "MQTT-4.3.3-1", "MQTT-4.6.0-4"},
            version = Version.V3_1_1)
    void pubrelIsSentAgainInTheOrderOfThePubrecsWhenTheConnectionBrokeBeforePubcomp() {
        // given
        flow.resume(10, log);
        flow.publish("a", QOS_2, log);
        flow.publish("b", QOS_2, log);
        flow.received(new PubRec(2), log);
        flow.received(new PubRec(1), log);
        flow.disconnected();
        log.drain();

        // when
        flow.resume(10, log);

        // then
        assertEquals(List.of(new Send<>(new PubRel(2)), new Send<>(new PubRel(1))), log.drain());
    }

    @Test
    @Statement({"MQTT-4.9.0-1", "MQTT-4.9.0-2", "MQTT-3.3.4-9"})
    void aSmallerWindowAfterResumptionSendsTheRestAsAnswersCome() {
        // given
        flow.resume(10, log);
        flow.publish("a", QOS_1, log);
        flow.publish("b", QOS_1, log);
        flow.publish("c", QOS_1, log);
        flow.disconnected();
        log.drain();

        // when
        flow.resume(1, log);
        List<?> atOnce = log.drain();
        flow.received(new PubAck(1), log);
        boolean roomForNew = flow.canSend();

        // then
        assertEquals(List.of(new SendMessage<>("a", QOS_1, 1, true)), atOnce);
        assertEquals(new SendMessage<>("b", QOS_1, 2, true), log.drain().get(2));
        assertFalse(roomForNew);
    }

    @Test
    @Statement({"MQTT-3.3.4-8", "MQTT-3.3.4-10", "MQTT-4.9.0-3"})
    void pubrelDoesNotWaitForTheWindow() {
        // given
        flow.resume(10, log);
        flow.publish("a", QOS_1, log);
        flow.publish("b", QOS_2, log);
        flow.received(new PubRec(2), log);
        flow.disconnected();
        log.drain();

        // when
        flow.resume(1, log);

        // then
        assertEquals(List.of(new Send<>(new PubRel(2)), new SendMessage<>("a", QOS_1, 1, true)), log.drain());
    }

    @Test
    @Statement({"MQTT-4.9.0-2", "P5-16"})
    void aFullWindowTakesNoMoreMessages() {
        // given
        flow.resume(1, log);
        flow.publish("a", QOS_2, log);

        // when
        flow.received(new PubRec(1), log);

        // then
        assertFalse(flow.canSend());
        assertThrows(IllegalStateException.class, () -> flow.publish("b", QOS_1, log));
    }

    @Test
    @Statement({"P5-16", "P5-51", "MQTT-4.4.0-2"})
    void pubrecWithAnErrorEndsTheExchange() {
        // given
        flow.resume(1, log);
        flow.publish("a", QOS_2, log);
        log.drain();

        // when
        flow.received(new PubRec(1, ReasonCode.QUOTA_EXCEEDED), log);

        // then
        assertEquals(
                List.of(new Persist<>(new FlowChange.Completed<>(1)), new Complete<>(1, ReasonCode.QUOTA_EXCEEDED)),
                log.drain());
        assertTrue(flow.canSend());
    }

    @Test
    @Statement("P5-16")
    void theQuotaNeverRisesAboveItsInitialValue() {
        // given
        flow.resume(5, log);
        flow.publish("a", QOS_2, log);
        flow.received(new PubRec(1), log);
        flow.disconnected();
        flow.resume(2, log);

        // when
        flow.received(new PubComp(1), log);

        // then
        assertEquals(2, flow.quota());
    }

    @Test
    void aSecondPubrecIsAnsweredWithPubrelAgain() {
        // given
        flow.resume(1, log);
        flow.publish("a", QOS_2, log);
        flow.received(new PubRec(1), log);
        log.drain();

        // when
        flow.received(new PubRec(1), log);

        // then
        assertEquals(List.of(new Send<>(new PubRel(1))), log.drain());
    }

    @Test
    @Statement("P5-52")
    void answersToUnknownIdentifiersAreIgnoredOrRefused() {
        // given
        flow.resume(1, log);

        // when
        flow.received(new PubAck(7), log);
        flow.received(new PubComp(7), log);
        flow.received(new PubRec(7, ReasonCode.NOT_AUTHORIZED), log);
        flow.received(new PubRec(7), log);

        // then
        assertEquals(List.of(new Send<>(new PubRel(7, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND))), log.drain());
        assertEquals(1, flow.quota());
    }

    @Test
    void aMessageThatThePeerTookOverIsDoneAlsoWhenThePeerHasForgottenItsIdentifier() {
        // given
        flow.resume(1, log);
        flow.publish("one", QOS_2, log);
        flow.received(new PubRec(1), log);
        log.drain();

        // when
        flow.received(new PubComp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND), log);

        // then
        assertEquals(
                List.of(new Persist<>(new FlowChange.Completed<>(1)), new Complete<>(1, ReasonCode.SUCCESS)),
                log.drain());
    }

    @Test
    void theWrongKindOfAnswerIsAViolation() {
        // given
        flow.resume(10, log);
        flow.publish("one", QOS_1, log);
        flow.publish("two", QOS_2, log);

        // when, then
        assertThrows(Violation.class, () -> flow.received(new PubRec(1), log));
        assertThrows(Violation.class, () -> flow.received(new PubComp(1), log));
        assertThrows(Violation.class, () -> flow.received(new PubAck(2), log));
        assertThrows(Violation.class, () -> flow.received(new PubComp(2), log));
        flow.received(new PubRec(2), log);
        assertThrows(Violation.class, () -> flow.received(new PubAck(2), log));
    }

    @Test
    @Statement("MQTT-3.1.2-25")
    void aMessageTooLargeToSendAgainIsTreatedAsDelivered() {
        // given
        flow.resume(10, log);
        flow.publish("large", QOS_1, log);
        flow.publish("small", QOS_1, log);
        flow.disconnected();
        log.drain();

        // when
        flow.resume(1, log);
        flow.abandon(1, true, log);

        // then
        assertEquals(
                List.of(
                        new SendMessage<>("large", QOS_1, 1, true),
                        new Persist<>(new FlowChange.Completed<>(1)),
                        new Complete<>(1, ReasonCode.SUCCESS),
                        new SendMessage<>("small", QOS_1, 2, true)),
                log.drain());
    }

    @Test
    @Statement("MQTT-3.1.2-25")
    void aQos2MessageThatCannotBeSentAgainIsReleasedSinceThePeerMayHaveIt() {
        // given
        flow.resume(10, log);
        flow.publish("large", QOS_2, log);
        flow.disconnected();
        log.drain();

        // when
        flow.resume(10, log);
        flow.abandon(1, true, log);
        flow.received(new PubComp(1, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND), log);

        // then
        assertEquals(
                List.of(
                        new SendMessage<>("large", QOS_2, 1, true),
                        new Persist<>(new FlowChange.Released<>(1)),
                        new Send<>(new PubRel(1)),
                        new Persist<>(new FlowChange.Completed<>(1)),
                        new Complete<>(1, ReasonCode.SUCCESS)),
                log.drain());
    }

    @Test
    void aSnapshotRestoresWhatIsInFlightInItsOrder() {
        // given
        SessionFlows<String> flows = new SessionFlows<>();
        flows.outbound().resume(10, log);
        flows.outbound().publish("a", QOS_2, log);
        flows.outbound().publish("b", QOS_1, log);
        flows.outbound().received(new PubRec(1), log);
        log.drain();

        // when
        SessionFlows<String> restored = SessionFlows.restore(flows.snapshot());
        restored.outbound().resume(10, log);
        int next = restored.outbound().publish("c", QOS_1, log);

        // then
        assertEquals(
                List.of(new Send<>(new PubRel(1)), new SendMessage<>("b", QOS_1, 2, true)),
                log.drain().subList(0, 2));
        assertEquals(3, next);
    }
}

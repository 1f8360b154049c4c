package io.mqttx.protocol.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.action.Action.Deliver;
import io.mqttx.protocol.action.Action.Persist;
import io.mqttx.protocol.action.Action.Send;
import io.mqttx.protocol.action.ActionLog;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class InboundFlowTest {
    private static final QoS QOS_1 = QoS.AT_LEAST_ONCE;
    private static final QoS QOS_2 = QoS.EXACTLY_ONCE;

    private final InboundFlow flow = new InboundFlow();
    private final ActionLog<String> log = new ActionLog<>();

    @Test
    @Statement({"MQTT-4.3.2-4", "MQTT-3.3.4-1", "MQTT-2.2.1-5"})
    void qos1MessageIsDeliveredAndAnsweredWhenAccepted() {
        // given
        connect(ProtocolVersion.V5);

        // when
        flow.received(message(QOS_1, 5), log);
        flow.accepted(5, ReasonCode.SUCCESS, log);

        // then
        assertEquals(List.of(new Deliver<>(message(QOS_1, 5)), new Send<>(new PubAck(5))), log.drain());
        assertEquals(0, flow.inFlight());
    }

    @Test
    @Statement({"MQTT-4.3.3-8", "MQTT-4.3.3-11", "MQTT-4.3.3-12"})
    @Statement(value = "MQTT-4.3.3-2", version = Version.V3_1_1)
    void qos2MessageGoesThroughFourPackets() {
        // given
        connect(ProtocolVersion.V5);

        // when
        flow.received(message(QOS_2, 5), log);
        flow.accepted(5, ReasonCode.SUCCESS, log);
        flow.received(new PubRel(5), log);

        // then
        assertEquals(
                List.of(
                        new Deliver<>(message(QOS_2, 5)),
                        new Persist<>(new FlowChange.Received<>(5)),
                        new Send<>(new PubRec(5)),
                        new Persist<>(new FlowChange.Concluded<>(5)),
                        new Send<>(new PubComp(5))),
                log.drain());
        assertEquals(0, flow.inFlight());
    }

    @Test
    @Statement("MQTT-4.3.3-10")
    @Statement(value = "MQTT-4.3.3-2", version = Version.V3_1_1)
    void qos2DuplicateIsAnsweredAgainAndNotDeliveredTwice() {
        // given
        connect(ProtocolVersion.V5);
        flow.received(message(QOS_2, 5), log);
        flow.accepted(5, ReasonCode.SUCCESS, log);
        log.drain();

        // when
        flow.received(message(QOS_2, 5), log);

        // then
        assertEquals(List.of(new Send<>(new PubRec(5))), log.drain());
    }

    @Test
    @Statement("MQTT-4.3.3-10")
    void qos2DuplicateIsKnownAfterARestartFromTheSnapshot() {
        // given
        SessionFlows<String> flows = new SessionFlows<>();
        flows.inbound().resume(InboundTerms.of(ProtocolVersion.V5));
        flows.inbound().received(message(QOS_2, 5), log);
        flows.inbound().accepted(5, ReasonCode.SUCCESS, log);
        log.drain();

        // when
        SessionFlows<String> restored = SessionFlows.restore(flows.snapshot());
        restored.inbound().resume(InboundTerms.of(ProtocolVersion.V5));
        restored.inbound().received(message(QOS_2, 5).again(), log);

        // then
        assertEquals(List.of(new Send<>(new PubRec(5))), log.drain());
    }

    @Test
    void aMessageThatIsWithdrawnIsDeliveredWhenItComesAgain() {
        for (QoS qos : List.of(QOS_1, QOS_2)) {
            // given
            connect(ProtocolVersion.V3_1_1);
            flow.received(message(qos, 5), log);
            log.drain();

            // when
            flow.withdrawn(5);
            connect(ProtocolVersion.V3_1_1);
            flow.received(message(qos, 5).again(), log);

            // then
            assertEquals(List.of(new Deliver<>(message(qos, 5).again())), log.drain());
            flow.withdrawn(5);
        }
    }

    @Test
    void whatIsTakenOverAlreadyCannotBeWithdrawn() {
        // given
        connect(ProtocolVersion.V3_1_1);
        flow.received(message(QOS_2, 5), log);
        flow.accepted(5, ReasonCode.SUCCESS, log);
        log.drain();

        // when
        flow.withdrawn(5);
        flow.received(message(QOS_2, 5).again(), log);

        // then
        assertEquals(List.of(new Send<>(new PubRec(5))), log.drain());
    }

    @Test
    @Statement({"MQTT-4.6.0-2", "MQTT-4.6.0-3"})
    @Statement(
            value = {"MQTT-4.6.0-2", "MQTT-4.6.0-3"},
            version = Version.V3_1_1)
    void answersLeaveInTheOrderOfTheMessagesWhateverTheOrderOfTheDecisions() {
        // given
        connect(ProtocolVersion.V5);
        flow.received(message(QOS_1, 1), log);
        flow.received(message(QOS_2, 2), log);
        flow.received(message(QOS_1, 3), log);
        log.drain();

        // when
        flow.accepted(3, ReasonCode.SUCCESS, log);
        flow.accepted(2, ReasonCode.SUCCESS, log);
        flow.accepted(1, ReasonCode.NO_MATCHING_SUBSCRIBERS, log);

        // then
        assertEquals(
                List.of(
                        new Persist<>(new FlowChange.Received<>(2)),
                        new Send<>(new PubAck(1, ReasonCode.NO_MATCHING_SUBSCRIBERS)),
                        new Send<>(new PubRec(2)),
                        new Send<>(new PubAck(3))),
                log.drain());
    }

    @Test
    @Statement({"P5-15", "MQTT-3.3.4-7"})
    void oneMessageMoreThanTheReceiveMaximumIsAViolation() {
        // given
        flow.resume(new InboundTerms(ProtocolVersion.V5, 2, Explanations.UNLIMITED));
        flow.received(message(QOS_1, 1), log);
        flow.received(message(QOS_2, 2), log);
        flow.accepted(2, ReasonCode.SUCCESS, log);

        // when
        Violation violation = assertThrows(Violation.class, () -> flow.received(message(QOS_1, 3), log));

        // then
        assertEquals(ReasonCode.RECEIVE_MAXIMUM_EXCEEDED, violation.reason());
    }

    @Test
    @Statement("MQTT-4.3.3-9")
    void aRefusedQos2MessageIsForgottenInVersion5() {
        // given
        connect(ProtocolVersion.V5);
        flow.received(message(QOS_2, 5), log);
        log.drain();

        // when
        flow.accepted(5, ReasonCode.NOT_AUTHORIZED, log);
        flow.received(message(QOS_2, 5), log);

        // then
        assertEquals(
                List.of(new Send<>(new PubRec(5, ReasonCode.NOT_AUTHORIZED)), new Deliver<>(message(QOS_2, 5))),
                log.drain());
    }

    @Test
    @Statement(value = "MQTT-3.3.5-2", version = Version.V3_1_1)
    void aRefusedMessageIsAcknowledgedNormallyBeforeVersion5() {
        // given
        connect(ProtocolVersion.V3_1_1);
        flow.received(message(QOS_1, 4), log);
        flow.received(message(QOS_2, 5), log);
        log.drain();

        // when
        flow.accepted(4, ReasonCode.NOT_AUTHORIZED, log);
        flow.accepted(5, ReasonCode.NOT_AUTHORIZED, log);
        flow.received(message(QOS_2, 5), log);
        flow.received(new PubRel(5), log);

        // then
        assertEquals(
                List.of(
                        new Send<>(new PubAck(4)),
                        new Persist<>(new FlowChange.Received<>(5)),
                        new Send<>(new PubRec(5)),
                        new Send<>(new PubRec(5)),
                        new Persist<>(new FlowChange.Concluded<>(5)),
                        new Send<>(new PubComp(5))),
                log.drain());
    }

    @Test
    @Statement("P5-52")
    void pubrelForAnUnknownIdentifierIsAnsweredWithPubcomp() {
        // given
        InboundFlow older = new InboundFlow();
        connect(ProtocolVersion.V5);
        older.resume(InboundTerms.of(ProtocolVersion.V3_1_1));

        // when
        flow.received(new PubRel(9), log);
        older.received(new PubRel(9), log);

        // then
        assertEquals(
                List.of(new Send<>(new PubComp(9, ReasonCode.PACKET_IDENTIFIER_NOT_FOUND)), new Send<>(new PubComp(9))),
                log.drain());
    }

    @Test
    void aMessageSentAgainWhileItIsBeingDecidedIsNotDeliveredAgain() {
        // given
        connect(ProtocolVersion.V5);
        flow.received(message(QOS_1, 1), log);
        flow.received(message(QOS_2, 2), log);
        flow.disconnected();
        connect(ProtocolVersion.V5);
        log.drain();

        // when
        flow.received(message(QOS_1, 1).again(), log);
        flow.received(message(QOS_2, 2).again(), log);
        List<?> beforeDecisions = log.drain();
        flow.accepted(1, ReasonCode.SUCCESS, log);
        flow.accepted(2, ReasonCode.SUCCESS, log);

        // then
        assertEquals(List.of(), beforeDecisions);
        assertEquals(
                List.of(
                        new Send<>(new PubAck(1)),
                        new Persist<>(new FlowChange.Received<>(2)),
                        new Send<>(new PubRec(2))),
                log.drain());
    }

    @Test
    void aDecisionThatFellWhileNobodyWasConnectedAnswersWhenThePeerAsksAgain() {
        // given
        connect(ProtocolVersion.V5);
        flow.received(message(QOS_1, 1), log);
        flow.disconnected();
        log.drain();

        // when
        flow.accepted(1, ReasonCode.SUCCESS, log);
        List<?> whileDisconnected = log.drain();
        connect(ProtocolVersion.V5);
        flow.received(message(QOS_1, 1).again(), log);

        // then
        assertEquals(List.of(), whileDisconnected);
        assertEquals(List.of(new Send<>(new PubAck(1))), log.drain());
        assertEquals(0, flow.inFlight());
    }

    @Test
    void anIdentifierInUseForAnotherMessageIsRefusedOrAViolationBeforeVersion5() {
        // given
        InboundFlow older = new InboundFlow();
        connect(ProtocolVersion.V5);
        older.resume(InboundTerms.of(ProtocolVersion.V3_1_1));
        flow.received(message(QOS_2, 1), log);
        older.received(message(QOS_2, 1), log);
        flow.accepted(1, ReasonCode.SUCCESS, log);
        log.drain();

        // when
        flow.received(message(QOS_1, 1), log);

        // then
        assertEquals(List.of(new Send<>(new PubAck(1, ReasonCode.PACKET_IDENTIFIER_IN_USE))), log.drain());
        assertThrows(Violation.class, () -> older.received(message(QOS_1, 1), log));
    }

    @Test
    void anIdentifierThatThePeerForgotWithItsConnectionIsFreeForAnotherMessage() {
        for (ProtocolVersion version : List.of(ProtocolVersion.V5, ProtocolVersion.V3_1_1)) {
            for (QoS qos : List.of(QOS_1, QOS_2)) {
                // given
                InboundFlow crashed = new InboundFlow();
                crashed.resume(InboundTerms.of(version));
                crashed.received(message(QOS_1, 1), log);
                crashed.resume(InboundTerms.of(version));
                log.drain();

                // when
                crashed.received(message(qos, 1), log);

                // then
                assertEquals(List.of(new Deliver<>(message(qos, 1))), log.drain());
            }
        }
    }

    @Test
    void pubrelBeforePubrecIsAViolation() {
        // given
        connect(ProtocolVersion.V5);
        flow.received(message(QOS_2, 1), log);

        // when, then
        assertThrows(Violation.class, () -> flow.received(new PubRel(1), log));
    }

    @Test
    @Statement({"MQTT-3.4.2-2", "MQTT-3.1.2-29"})
    void aReasonStringIsLeftOutWhereItDoesNotFitOrIsNotWanted() {
        // given
        Properties why = Properties.of(Property.REASON_STRING, "because");
        flow.resume(new InboundTerms(ProtocolVersion.V5, 10, new Explanations(15, true)));

        // when
        for (int id = 1; id <= 3; id++) {
            flow.received(message(QOS_1, id), log);
            flow.accepted(id, ReasonCode.NOT_AUTHORIZED, why, log);
            flow.resume(new InboundTerms(ProtocolVersion.V5, 10, new Explanations(id == 1 ? 16 : 1000, id == 1)));
        }

        // then: 1 + 1 + 2 + 1 + 1 + 10 bytes
        assertEquals(
                new Send<>(new PubAck(1, ReasonCode.NOT_AUTHORIZED)),
                log.actions().get(1));
        assertEquals(
                new Send<>(new PubAck(2, ReasonCode.NOT_AUTHORIZED, why)),
                log.actions().get(3));
        assertEquals(
                new Send<>(new PubAck(3, ReasonCode.NOT_AUTHORIZED)),
                log.actions().get(5));
    }

    private void connect(ProtocolVersion version) {
        flow.resume(InboundTerms.of(version));
    }

    private static Publish message(QoS qos, int id) {
        return new Publish(qos, false, TopicName.of("t"), id, ByteBuffer.allocate(0));
    }
}

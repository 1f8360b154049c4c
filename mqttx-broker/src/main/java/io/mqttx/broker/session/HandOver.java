package io.mqttx.broker.session;

import io.mqttx.broker.api.BrokerEvents.DropCause;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.Seat;
import io.mqttx.broker.spi.Loop;
import io.mqttx.packet.QoS;
import io.mqttx.protocol.action.ActionLog;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.protocol.flow.SessionFlows;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * Gives messages of shared subscriptions that one session has not delivered to other members (§4.8.2). On the session's
 * loop.
 */
final class HandOver {
    private final Router router;
    private final OfflineQueue queue;
    private final Keeper keeper;
    private final Loop loop;
    private final BiConsumer<Delivery, DropCause> dropped;

    HandOver(Router router, OfflineQueue queue, Keeper keeper, Loop loop, BiConsumer<Delivery, DropCause> dropped) {
        this.router = router;
        this.queue = queue;
        this.keeper = keeper;
        this.loop = loop;
        this.dropped = dropped;
    }

    /**
     * Gives away what waits at hand.
     *
     * @param from       those that came by such places
     * @param onlyOnline whether it stays in its place if nobody else is connected and has room
     */
    void unsent(Predicate<Seat> from, boolean onlyOnline) {
        if (queue.isEmpty()) {
            return;
        }
        Predicate<Delivery> leaves = waiting ->
                waiting.seat().isShared() && from.test(waiting.seat()) && (passOn(waiting, onlyOnline) || !onlyOnline);
        queue.take(leaves).forEach(delivery -> keeper.dequeued(delivery.sequence()));
    }

    /**
     * Gives away the QoS 1 messages that were sent and not acknowledged. QoS 2 messages stay where they are
     * [MQTT-4.8.2-4] [MQTT-4.8.2-5].
     */
    void unanswered(SessionFlows<Delivery> flows) {
        for (FlowSnapshot.Outgoing<Delivery> outgoing : flows.snapshot().outgoing()) {
            if (outgoing instanceof FlowSnapshot.Unanswered<Delivery> unanswered
                    && unanswered.qos() == QoS.AT_LEAST_ONCE
                    && unanswered.message().seat().isShared()) {
                Seat seat = unanswered.message().seat();
                if (passOn(unanswered.message(), !seat.isVacant())) {
                    flows.outbound()
                            .abandon(unanswered.packetId(), true, new ActionLog<>()); // nobody is there to be told
                    keeper.changed(new FlowChange.Completed<>(unanswered.packetId()));
                }
            }
        }
    }

    private boolean passOn(Delivery delivery, boolean onlyOnline) {
        if (delivery.message().isExpired(loop)) {
            dropped.accept(delivery, DropCause.EXPIRED);
            return true;
        }
        keeper.leaves(delivery.sequence());
        return router.passOn(delivery.message(), delivery.seat(), onlyOnline);
    }
}

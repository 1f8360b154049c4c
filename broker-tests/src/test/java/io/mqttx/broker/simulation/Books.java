package io.mqttx.broker.simulation;

import io.mqttx.packet.QoS;
import java.util.List;

/** Compares what was published with what everybody got, once nothing is on its way any more. */
final class Books {
    private final Ledger ledger;
    private final Day day;

    Books(Ledger ledger, Day day) {
        this.ledger = ledger;
        this.day = day;
    }

    /**
     * Checks that nothing is missing, and that nothing came too often.
     *
     * @param members of the shared subscription, among the stayers
     */
    void check(List<SimulatedClient> stayers, List<SimulatedClient> members, SimulatedClient watcher) {
        ledger.visits().checkWills(watcher.id, watcher.inbox.wills(), ledger.excuses());
        for (Sent message : ledger.sent()) {
            for (SimulatedClient stayer : stayers) {
                if (!members.contains(stayer)) {
                    boolean maybeTwice = stayer.inbox.qos().get(message.number) == QoS.AT_LEAST_ONCE;
                    checkArrived(message, List.of(stayer), maybeTwice);
                }
            }
            if (!members.isEmpty()) {
                checkArrived(message, members, day.nimble() || message.qos == QoS.AT_LEAST_ONCE);
            }
        }
    }

    /** It came to one of these. */
    private void checkArrived(Sent message, List<SimulatedClient> who, boolean maybeTwice) {
        int times = who.stream()
                .mapToInt(client -> client.inbox.times().getOrDefault(message.number, 0))
                .sum();
        boolean enough = times >= 1 || !message.acknowledged || message.mayBeRefused() || isExcused(message, who);
        boolean few = times <= 1 || maybeTwice || message.repeated;
        boolean none = message.isRefused() || isDropped(message, who);
        Ledger.check(
                enough && few && (times == 0 || !none),
                who.get(0).id + " or who shares with it got message " + message.number + " of " + message.publisher
                        + " at " + message.qos + " " + times + " times");
    }

    private boolean isExcused(Sent message, List<SimulatedClient> who) {
        List<String> clients = who.stream().map(client -> client.id).toList();
        return ledger.excuses().excuse(clients, Integer.toString(message.number));
    }

    /**
     * Whether it cannot have come: what a crash undoes may come after all, and so may what is shared; and what came with
     * an alias may be too large without one, when it is sent again.
     */
    private boolean isDropped(Sent message, List<SimulatedClient> who) {
        return !day.durable()
                && !day.picky()
                && who.size() == 1
                && message.cameOnce()
                && ledger.excuses().has(who.get(0).id, Integer.toString(message.number));
    }
}

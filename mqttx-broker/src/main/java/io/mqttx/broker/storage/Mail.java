package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A message on its way to clients that are there: if all of them answer before it is given to the storage, it need not
 * be kept. On the loop.
 */
final class Mail {
    private final Turn turn;
    private final Change.Queued queued;
    private final Map<Long, Expected> expected; // of the journal
    private final List<Expected> receivers;
    private int open;

    /** One receiver whose answer is expected. */
    final class Expected {
        private final Change.Receiver receiver;
        private Change.Sent sent; // null until then
        private boolean answered;

        Expected(Change.Receiver receiver) {
            this.receiver = receiver;
        }

        void sent(Change.Sent change) {
            sent = change;
        }

        /** It is done with the message; tells whether the whole turn is now. */
        boolean answered() {
            answered = true;
            return --open == 0 && turn.answered();
        }

        Turn turn() {
            return turn;
        }
    }

    Mail(Turn turn, Change.Queued queued, Map<Long, Expected> expected) {
        this.turn = turn;
        this.queued = queued;
        this.expected = expected;
        this.open = queued.receivers().size();
        this.receivers = new ArrayList<>(open);
        for (Change.Receiver receiver : queued.receivers()) {
            Expected one = new Expected(receiver);
            receivers.add(one);
            expected.put(receiver.sequence(), one);
        }
    }

    /** Tells the storage what it has to know, if anything: no answer is expected any more. */
    void give(List<Change> into) {
        List<Change.Receiver> left = new ArrayList<>(open);
        List<Change.Sent> sent = new ArrayList<>(open);
        for (Expected one : receivers) {
            if (!one.answered) {
                expected.remove(one.receiver.sequence());
                left.add(one.receiver);
                if (one.sent != null) {
                    sent.add(one.sent);
                }
            }
        }
        if (!left.isEmpty()) {
            into.add(left.size() == receivers.size() ? queued : new Change.Queued(queued.message(), left));
            into.addAll(sent);
        }
    }
}

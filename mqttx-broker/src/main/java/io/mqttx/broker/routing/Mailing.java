package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Journal;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.QoS;
import java.util.ArrayList;
import java.util.List;

/**
 * One message on its way to its receivers where some of them keep theirs: first the journal is told of all of those at
 * once, then they get it. So nobody can be done with a message of which the storage has not heard.
 */
final class Mailing {
    private final SharedMessage message;
    private final Journals journals;
    private final Journal journal;
    private final List<Letter> letters = new ArrayList<>();
    private final List<Change.Receiver> receivers = new ArrayList<>(0); // those who keep it

    private record Letter(Subscriber subscriber, Grant grant, long sequence) {}

    Mailing(SharedMessage message, Journals journals, Journal journal) {
        this.message = message;
        this.journals = journals;
        this.journal = journal;
    }

    void add(Subscriber subscriber, Grant grant) {
        QoS qos = message.publish().qos().atMost(grant.maximumQoS()); // [MQTT-3.8.4-8]
        long session = qos == QoS.AT_MOST_ONCE ? 0 : subscriber.key();
        long sequence = session == 0 ? 0 : journals.next();
        if (session != 0) {
            boolean retain = grant.retainAsPublished() && message.publish().retain();
            Kept.Terms terms = new Kept.Terms(
                    qos, retain, true, grant.identifiers(), grant.seat().share());
            receivers.add(new Change.Receiver(session, sequence, terms));
        }
        letters.add(new Letter(subscriber, grant, sequence));
    }

    /** Whether it can be sent: nothing has to be kept, or that is possible. */
    boolean canBeKept() {
        return receivers.isEmpty() || journals.trouble().isEmpty();
    }

    void send(Shards shards) {
        if (!receivers.isEmpty()) {
            Change.Queued queued = new Change.Queued(message.kept(journals.clocks()), receivers);
            if (isAnswerExpected()) {
                journal.expect(queued);
            } else {
                journal.add(queued);
            }
        }
        boolean wait = !receivers.isEmpty() || journal.holdsLetters(); // to keep the order
        for (Letter letter : letters) {
            if (mayNotComeTwice(letter)) {
                journal.follow();
                journal.whenSafe(journal.filling(), () -> send(letter, false, shards));
            } else {
                send(letter, wait, shards);
            }
        }
    }

    /** Whether all who keep the message are there, and may be done with it before it has to be kept. */
    private boolean isAnswerExpected() {
        if (journal.isDetached()) {
            return false;
        }
        for (Letter letter : letters) {
            QoS qos = message.publish().qos().atMost(letter.grant.maximumQoS());
            if (letter.sequence != 0
                    && (qos != QoS.AT_LEAST_ONCE
                            || !letter.subscriber.loop().isCurrent()
                            || !letter.subscriber.mayAnswerSoon())) {
                return false;
            }
        }
        return true;
    }

    private void send(Letter letter, boolean wait, Shards shards) {
        Loop loop = letter.subscriber.loop();
        if (loop.isCurrent()) {
            Delivering.to(letter.subscriber, message, letter.grant, letter.sequence);
        } else if (wait) {
            journal.afterwards(() -> shards.post(loop, message, letter.subscriber, letter.grant, letter.sequence));
        } else {
            shards.post(loop, message, letter.subscriber, letter.grant, letter.sequence);
        }
    }

    /**
     * Whether the letter has to wait until the publisher need not publish again: a QoS 2 message at QoS 0 cannot be told
     * apart when it comes again after a crash of the broker.
     */
    private boolean mayNotComeTwice(Letter letter) {
        return message.publish().qos() == QoS.EXACTLY_ONCE
                && letter.grant.maximumQoS() == QoS.AT_MOST_ONCE
                && !journal.isDetached();
    }

    /** It is not sent after all. */
    void cancel() {
        for (Letter letter : letters) {
            if (letter.grant.seat().isShared()) {
                letter.grant.seat().room().arrived(); // or rather, it never left
            }
        }
    }
}

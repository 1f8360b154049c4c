package io.mqttx.broker.session;

import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.routing.Seat;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.broker.storage.Journal;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscription;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.topic.TopicFilter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** What one session tells the storage, if it outlives its connection; otherwise nothing. On the session's loop. */
final class Keeper {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    /** That of every session where there is no storage. */
    static final Keeper NOTHING = new Keeper();

    private final String clientId;
    private final Journals journals;
    private final Loop loop;
    private final Journal journal; // of that loop
    private final Map<Integer, Long> inFlight = new HashMap<>(0); // packet identifier to sequence number
    private volatile long key; // 0: nothing is kept; read by any thread, and so is the next
    private volatile boolean leaving; // nothing more is to be kept for it
    private boolean unreadable; // and that was said

    /** The keeper of a session that was kept under this key, or with 0 is not kept yet. */
    Keeper(String clientId, Journals journals, Loop loop, long key) {
        this.clientId = clientId;
        this.journals = journals;
        this.loop = loop;
        this.journal = journals.of(loop);
        this.key = key;
    }

    private Keeper() {
        this.clientId = "";
        this.journals = Journals.none(new Clocks(() -> 0, InstantSource.system()));
        this.loop = null; // never asked for, since nothing is kept
        this.journal = null;
    }

    /** The number of the session, or 0. From any thread. */
    long key() {
        return leaving ? 0 : key;
    }

    boolean keeps() {
        return key != 0;
    }

    /** The client is there; its session is to live for so long after that. Once kept, it stays so until it ends. */
    void connected(long expirySeconds) {
        if (!keeps() && expirySeconds > 0 && journals.keeps()) {
            key = journals.next();
        }
        put(expirySeconds, 0);
    }

    void disconnected(long expirySeconds) {
        put(expirySeconds, journals.clocks().today());
    }

    private void put(long expirySeconds, long disconnected) {
        if (keeps()) {
            journal.add(new Change.SessionPut(new Kept.Session(key, clientId, expirySeconds, disconnected)));
        }
    }

    /**
     * The session ends, but for messages that others are to have. A broker that finds it so, with a connection that
     * ended and no time to live, goes on with them.
     */
    void ending() {
        put(0, journals.clocks().today());
        leaving = true;
    }

    void ended() {
        if (keeps()) {
            journal.add(new Change.SessionEnded(key));
            key = 0;
        }
    }

    void subscribed(Subscription subscription, int identifier) {
        if (keeps()) {
            journal.add(new Change.Subscribed(key, new Kept.Subscribed(subscription, identifier)));
        }
    }

    void unsubscribed(TopicFilter filter) {
        if (keeps()) {
            journal.add(new Change.Unsubscribed(key, filter));
        }
    }

    /** The delivery with a number under which it is kept, if it is to be. */
    Delivery queued(Delivery delivery) {
        if (!keeps() || delivery.sequence() != 0 || delivery.qos() == QoS.AT_MOST_ONCE) {
            return delivery;
        }
        Delivery numbered = delivery.withSequence(journals.next());
        Kept.Terms terms = new Kept.Terms(
                delivery.qos(),
                delivery.retain(),
                delivery.counted(),
                delivery.identifiers(),
                delivery.seat().share());
        journal.add(new Change.Queued(
                delivery.message().kept(journals.clocks()),
                List.of(new Change.Receiver(key, numbered.sequence(), terms))));
        return numbered;
    }

    /** What was read back. */
    Delivery restored(Kept.Entry entry, Seat seat) {
        Kept.Terms terms = entry.terms();
        SharedMessage message = SharedMessage.restored(entry.message(), journals.clocks());
        return new Delivery(
                message, terms.qos(), terms.retain(), terms.counted(), terms.identifiers(), seat, entry.sequence());
    }

    /**
     * Reads these messages of the queue, once the storage knows of them.
     *
     * @param into told on the loop what was found; or that they could not be read
     */
    void read(long[] sequences, BiConsumer<long[], Optional<List<Kept.Entry>>> into) {
        journal.afterwards(() -> journals.read(key, sequences)
                .whenComplete((entries, error) -> loop.execute(() -> {
                    if (error != null) {
                        sayUnreadable(error);
                    }
                    unreadable = error != null;
                    into.accept(sequences, error == null ? Optional.of(entries) : Optional.empty());
                })));
    }

    private void sayUnreadable(Throwable error) {
        if (!unreadable) { // once, though it is tried again and again
            LOG.log(
                    Level.ERROR,
                    "the queue of client " + Quoted.of(clientId) + " cannot be read: " + error.getMessage());
        }
    }

    /** Calls {@code then} on the loop when all changes until now are safe. */
    void whenSafe(Runnable then) {
        journal.follow();
        journal.whenSafe(journal.filling(), then);
    }

    /** What was in flight when the broker before this one ended. */
    void restored(int packetId, long sequence) {
        inFlight.put(packetId, sequence);
    }

    /** A message is gone that was not in flight. */
    void dequeued(long sequence) {
        if (keeps() && sequence != 0) {
            journal.done(sequence, new Change.Dequeued(key, sequence));
        }
    }

    /** A message is about to go to another session: until that has it for sure, it has to be kept here. */
    void leaves(long sequence) {
        if (keeps() && sequence != 0) {
            journal.keep(sequence);
        }
    }

    /** Something changed of what is in flight. */
    void changed(FlowChange<Delivery> change) {
        if (!keeps()) {
            return;
        }
        int id = change.packetId();
        if (change instanceof FlowChange.Published<Delivery> published) {
            long sequence = published.message().sequence();
            inFlight.put(id, sequence);
            Change.Sent sent = new Change.Sent(key, sequence, id, journals.next());
            if (published.qos() == QoS.EXACTLY_ONCE) {
                journal.add(sent);
            } else {
                journal.sent(sent);
            }
        } else if (change instanceof FlowChange.Released<Delivery>) {
            journal.add(new Change.Released(key, sequence(inFlight.put(id, 0L)), id, journals.next()));
        } else if (change instanceof FlowChange.Completed<Delivery>) {
            long sequence = sequence(inFlight.remove(id));
            journal.done(sequence, new Change.Completed(key, sequence, id));
        } else if (change instanceof FlowChange.Received<Delivery>) {
            journal.add(new Change.Received(key, id));
        } else if (change instanceof FlowChange.Concluded<Delivery>) {
            journal.add(new Change.Concluded(key, id));
        }
    }

    private static long sequence(Long known) {
        return known == null ? 0 : known;
    }
}

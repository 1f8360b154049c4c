package io.mqttx.broker;

import io.mqttx.broker.connection.Home;
import io.mqttx.broker.connection.Inheritance;
import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.session.Delivery;
import io.mqttx.broker.session.Session;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.storage.Journals;
import io.mqttx.protocol.flow.FlowSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Takes what a storage has kept, before the broker listens: sessions go to their homes. What fell due meanwhile is done
 * in the end, on the loops, when all who may want to hear of it are there. On the thread that starts the broker.
 */
final class Restore implements Storage.Loader {
    private static final long MILLIS = 1000;
    private static final long NANOS = 1_000_000L; // of a millisecond

    private final Journals journals;
    private final Inheritance inheritance;
    private final RetainedMessages retained;
    private final List<Due> inTheEnd = new ArrayList<>();
    private Optional<Part> current = Optional.empty();
    private int sessions;
    private int messages;
    private int retainedMessages;

    /** A session, as far as it was told. */
    private static final class Part {
        final Kept.Session kept;
        final Home home;
        final Session session;
        final List<FlowSnapshot.Outgoing<Delivery>> outgoing = new ArrayList<>(0);
        final List<Integer> received = new ArrayList<>(0);

        Part(Kept.Session kept, Home home) {
            this.kept = kept;
            this.home = home;
            this.session = home.sessions().restore(kept);
        }
    }

    /** Something to do on the loop of a session, so that its changes are one batch. */
    private record Due(Home home, Runnable step) {}

    Restore(Journals journals, Inheritance inheritance, RetainedMessages retained) {
        this.journals = journals;
        this.inheritance = inheritance;
        this.retained = retained;
    }

    @Override
    public void session(Kept.Session session) {
        complete();
        journals.isTaken(session.key());
        current = Optional.of(new Part(session, inheritance.homeOf(session.clientId())));
        sessions++;
    }

    @Override
    public void subscribed(Kept.Subscribed subscribed) {
        part().session.restore(subscribed);
    }

    @Override
    public void will(Kept.Will will) {
        Part part = part();
        long now = journals.clocks().today();
        long due = will.due() == 0 ? now + will.delaySeconds() * MILLIS : will.due(); // the end broke its connection
        inTheEnd.add(new Due(
                part.home, () -> inheritance.will(part.home, part.session, will, Math.max(0, due - now) * NANOS)));
    }

    @Override
    public void queued(long sequence, boolean counted, boolean shared, int bytes) {
        journals.isTaken(sequence);
        part().session.restoreQueued(sequence, counted, shared, bytes);
        messages++;
    }

    @Override
    public void sent(int packetId, long order, Kept.Entry entry) {
        journals.isTaken(entry.sequence());
        journals.isTaken(order);
        Part part = part();
        Delivery delivery = part.session.restoreSent(packetId, entry);
        part.outgoing.add(new FlowSnapshot.Unanswered<>(packetId, delivery.qos(), delivery));
        messages++;
    }

    @Override
    public void released(int packetId, long order) {
        journals.isTaken(order);
        part().outgoing.add(new FlowSnapshot.Release<>(packetId));
    }

    @Override
    public void received(int packetId) {
        part().received.add(packetId);
    }

    @Override
    public void retained(Kept.Message message) {
        retained.restore(message);
        retainedMessages++;
    }

    /** Everything was told. */
    void end() {
        complete();
        inTheEnd.forEach(due -> due.home.sessions().loop().execute(due.step));
    }

    /** What there was, for a log line. */
    String summary() {
        return sessions + " sessions, " + messages + " messages for them, " + retainedMessages + " retained messages";
    }

    private Part part() {
        return current.orElseThrow();
    }

    private void complete() {
        current.ifPresent(part -> {
            part.session.restore(new FlowSnapshot<>(part.outgoing, part.received, 0));
            boolean wasConnected = part.kept.disconnected() == 0;
            long since = wasConnected ? 0 : Math.max(0, journals.clocks().today() - part.kept.disconnected());
            long left = part.kept.expirySeconds() == Session.FOR_EVER
                    ? Session.FOR_EVER
                    : part.kept.expirySeconds() - since / MILLIS;
            inTheEnd.add(new Due(part.home, () -> part.home.sessions().restored(part.session, part.kept, left)));
        });
        current = Optional.empty();
    }
}

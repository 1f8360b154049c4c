package io.mqttx.broker.simulation;

import static io.mqttx.broker.simulation.Ledger.check;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.packet.Property;
import io.mqttx.packet.Will;
import io.mqttx.testkit.ManualLoops;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Which connections the broker let in and how they ended, and so which sessions there have to be and which wills. It
 * makes the broker's handlers: that is where it learns this.
 */
final class Visits implements HandlerFactory {
    private static final long NANOS = 1_000_000_000L;

    // Nobody here breaks a rule, and the broker has no reason to send anybody away.
    private static final Set<Cause> ALLOWED =
            Set.of(Cause.BY_CLIENT, Cause.CONNECTION_LOST, Cause.KEEP_ALIVE_TIMEOUT, Cause.TAKEN_OVER);

    private final ManualLoops loops;
    private final Day day;
    private final Function<Message, PublishDecision> deciding;
    private final Map<Integer, Visit> visits = new HashMap<>(); // by number of the connection
    private final Map<String, Visit> latest = new HashMap<>(); // by client identifier
    private final Map<Integer, Found> found = new HashMap<>(); // by number of the connection
    private long started; // the broker
    private int jumps; // of the clock: what was due meanwhile is late, in any order

    /** Whether the client of this connection has to find its session; nothing if that cannot be told. */
    private enum Found {
        YES,
        NO,
        MAYBE
    }

    /** None yet; {@code deciding} says what becomes of a message. */
    Visits(ManualLoops loops, Day day, Function<Message, PublishDecision> deciding) {
        this.loops = loops;
        this.day = day;
        this.deciding = deciding;
    }

    /** One connection that the broker let in. */
    private static final class Visit implements BrokerHandler {
        private final Visits visits;
        private final int number;
        private final Connecting connecting;
        private long ended = -1;
        private int ends;
        private int jumpsAtEnd;
        private boolean byClient;
        private boolean saidGoodbye;
        private int resumedAfter = -1; // the visit that went on with the session, before the will was due
        private boolean maybeResumed; // too close to tell
        private boolean told; // CONNACK has come
        private boolean crashed; // the broker, while the connection stood
        private boolean uncertain; // ended so close to a crash, or by it, that its will may or may not come

        Visit(Visits visits, int number, Connecting connecting) {
            this.visits = visits;
            this.number = number;
            this.connecting = connecting;
        }

        @Override
        public ConnectDecision onConnect(Connecting client) {
            return ConnectDecision.accept();
        }

        @Override
        public void onConnected(Connection connection) {
            visits.connected(this);
        }

        @Override
        public PublishDecision onPublish(Message message) {
            return visits.deciding.apply(message);
        }

        @Override
        public void onDisconnect(DisconnectReason reason) {
            ends++;
            ended = visits.loops.now();
            jumpsAtEnd = visits.jumps;
            byClient = reason.cause() == Cause.BY_CLIENT;
            check(
                    visits.isAllowed(reason) && !(saidGoodbye && reason.cause() == Cause.CONNECTION_LOST),
                    "connection " + number + " ended by " + reason + (saidGoodbye ? " after a goodbye" : ""));
        }

        /** When its will was due at the latest, once it has ended; the broker before this one may have failed to see to it. */
        long willDue(long started) {
            long delay = connecting.connect().will().properties().number(Property.WILL_DELAY_INTERVAL, 0);
            return (crashed ? Math.max(ended, started) : ended) + Math.min(delay, expiry()) * NANOS;
        }

        long expiry() {
            return connecting.version().hasProperties()
                    ? connecting.connect().properties().number(Property.SESSION_EXPIRY_INTERVAL, 0)
                    : connecting.connect().cleanStart() ? 0 : 0xFFFF_FFFFL;
        }
    }

    @Override
    public BrokerHandler create(Connecting client) {
        int number = Integer.parseInt(client.credentials().userName().orElseThrow());
        Visit visit = new Visit(this, number, client);
        check(visits.put(number, visit) == null, "connection " + number + " is asked about once");
        return visit;
    }

    /** The handler of a will that a broker before this one did not publish: nobody is at the door. */
    @Override
    public BrokerHandler restore(Connecting client) {
        return BrokerHandler.allowAll();
    }

    /** A broker has begun again. */
    void begun() {
        started = loops.now();
    }

    /**
     * The broker is gone: connections end.
     *
     * @param unsafe nanoseconds: what happened in that time may be lost
     */
    void crashed(long unsafe) {
        jumps++; // the sessions' time begins anew
        for (Visit visit : visits.values()) {
            if (visit.ends == 0) {
                visit.ends = 1;
                visit.ended = loops.now();
                visit.jumpsAtEnd = jumps - 1;
                visit.crashed = true;
                visit.uncertain = !visit.told || visit.expiry() == 0 || visit.saidGoodbye;
            } else if (loops.now() - visit.ended <= unsafe
                    || day.faulty() && loops.now() - visit.willDue(started) <= unsafe) {
                visit.uncertain = true;
            }
        }
        for (Visit visit : visits.values()) {
            if (visit.resumedAfter >= 0 && !visits.get(visit.resumedAfter).told) {
                visit.uncertain = true; // that it went on may be lost
            }
        }
    }

    void clockJumped() {
        jumps++;
    }

    private boolean isAllowed(DisconnectReason reason) {
        return ALLOWED.contains(reason.cause()) || reason.cause() != Cause.SHUTDOWN && day.isForTheDisk(reason.code());
    }

    private void connected(Visit visit) {
        Visit before = latest.put(visit.connecting.clientId(), visit);
        Found session = Found.NO;
        if (before != null && !visit.connecting.connect().cleanStart()) {
            check(before.ends == 1, "the connection before has ended");
            if (before.uncertain) {
                found.put(visit.number, before.expiry() == 0 && before.crashed ? Found.NO : Found.MAYBE);
                before.maybeResumed = true;
                return;
            }
            long away = loops.now() - before.ended;
            long lives = before.expiry() == 0xFFFF_FFFFL ? Long.MAX_VALUE : before.expiry() * NANOS;
            boolean known = before.jumpsAtEnd == jumps || lives == Long.MAX_VALUE || lives == 0;
            session = !known || away == lives && lives > 0 ? Found.MAYBE : away < lives ? Found.YES : Found.NO;
            noteResumption(before, visit, session, away);
        }
        found.put(visit.number, session);
    }

    private void noteResumption(Visit before, Visit visit, Found session, long away) {
        long delay = before.connecting.connect().will().properties().number(Property.WILL_DELAY_INTERVAL, 0) * NANOS;
        if (delay == 0 || session == Found.NO) {
            return; // the will was due at once, or the session ended before
        }
        if (before.jumpsAtEnd != jumps || away == delay || session == Found.MAYBE) {
            before.maybeResumed = true;
        } else if (away < delay) {
            before.resumedAfter = visit.number;
        }
    }

    /** DISCONNECT is on its way, and nothing will stop it but the end of the connection. */
    void saidGoodbye(int connection) {
        Visit visit = visits.get(connection);
        if (visit != null && visit.ends == 0) {
            visit.saidGoodbye = true;
        }
    }

    /** The number of a client's last connection that was let in. */
    int latest(String clientId) {
        return latest.get(clientId).number;
    }

    /** CONNACK has come. */
    void sessionTold(int connection, boolean present) {
        visits.get(connection).told = true;
        Found expected = found.get(connection);
        check(expected != null, "connection " + connection + " was let in before its CONNACK");
        check(
                expected == Found.MAYBE || present == (expected == Found.YES),
                "session present on connection " + connection + " is " + present + ", not " + expected);
    }

    /** At the end of the day: everybody has left. */
    void checkEnds() {
        visits.values()
                .forEach(visit -> check(
                        visit.ends == (found.containsKey(visit.number) ? 1 : visit.ends) && visit.ends <= 1,
                        "connection " + visit.number + " ended " + visit.ends + " times"));
    }

    /** Wills that a watcher got, once each: as many as connections that ended without a goodbye. */
    void checkWills(String watcher, Map<String, Integer> got, Excuses excuses) {
        for (Visit visit : visits.values()) {
            Will will = visit.connecting.connect().will();
            if (!will.isPresent() || !found.containsKey(visit.number)) {
                continue;
            }
            int times = got.getOrDefault("w" + visit.number, 0);
            boolean due = visit.ends == 1 && !visit.byClient && visit.resumedAfter < 0;
            boolean maybe = visit.uncertain || visit.maybeResumed && !visit.byClient;
            boolean right = maybe ? times <= 1 : times == (due ? 1 : 0);
            boolean excused = !right && due && times == 0 && excuses.excuse(List.of(watcher), "w" + visit.number);
            check(
                    right || excused,
                    "the will of connection " + visit.number + " came " + times + " times, and is "
                            + (due ? "due" : "not due") + (visit.byClient ? " after a goodbye" : ""));
        }
    }
}

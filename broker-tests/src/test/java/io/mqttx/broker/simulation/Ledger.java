package io.mqttx.broker.simulation;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Message;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Will;
import io.mqttx.testkit.ManualLoops;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What was published, what the broker said that it did, and so what everybody has to have got in the end.
 *
 * <p>It is the broker's handler as well: that is where it learns which connections were let in and how they ended.
 */
final class Ledger implements HandlerFactory, BrokerEvents {
    private static final long NANOS = 1_000_000_000L;

    // Nobody here breaks a rule, and the broker has no reason to send anybody away.
    private static final Set<Cause> ALLOWED =
            Set.of(Cause.BY_CLIENT, Cause.CONNECTION_LOST, Cause.KEEP_ALIVE_TIMEOUT, Cause.TAKEN_OVER);

    private final ManualLoops loops;
    private final boolean diskFails; // now and then
    private final List<Sent> sent = new ArrayList<>();
    private final Map<Integer, Visit> visits = new HashMap<>(); // by number of the connection
    private final Map<String, Visit> latest = new HashMap<>(); // by client identifier
    private final Map<String, String> retained = new HashMap<>(); // topic to the payload that was accepted last
    private final Map<String, List<String>> accepted =
            new HashMap<>(); // topic to all payloads to be retained, in order
    private final Map<String, Set<String>> possible = new HashMap<>(); // topic to what may be retained
    private long started; // the broker
    private int jumps; // of the clock: what was due meanwhile is late, in any order

    Ledger(ManualLoops loops, boolean diskFails) {
        this.loops = loops;
        this.diskFails = diskFails;
    }

    /** One message of a client. */
    static final class Sent {
        final int number;
        final String publisher;
        final String topic;
        final QoS qos;
        boolean acknowledged; // the broker took it over: now it has to arrive
        boolean repeated; // to a session that perhaps never heard of it
        boolean overtaken; // perhaps: it was refused, and its publisher never heard and sent it again

        Sent(int number, String publisher, String topic, QoS qos) {
            this.number = number;
            this.publisher = publisher;
            this.topic = topic;
            this.qos = qos;
        }
    }

    /** One connection that the broker let in. */
    static final class Visit implements BrokerHandler {
        private final Ledger ledger;
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

        Visit(Ledger ledger, int number, Connecting connecting) {
            this.ledger = ledger;
            this.number = number;
            this.connecting = connecting;
        }

        @Override
        public ConnectDecision onConnect(Connecting client) {
            return ConnectDecision.accept();
        }

        @Override
        public void onConnected(Connection connection) {
            ledger.connected(this);
        }

        @Override
        public void onDisconnect(DisconnectReason reason) {
            ends++;
            ended = ledger.loops.now();
            jumpsAtEnd = ledger.jumps;
            byClient = reason.cause() == Cause.BY_CLIENT;
            check(
                    ledger.isAllowed(reason) && !(saidGoodbye && reason.cause() == Cause.CONNECTION_LOST),
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

    private boolean isAllowed(DisconnectReason reason) {
        return ALLOWED.contains(reason.cause()) || reason.cause() != Cause.SHUTDOWN && isForTheDisk(reason.code());
    }

    /** This message is sent again on another connection. */
    void sentAgain(Sent message) {
        message.overtaken |= diskFails;
    }

    /** Whether the disk is a good reason to refuse something with this code. */
    boolean isForTheDisk(ReasonCode reason) {
        return diskFails
                && Set.of(ReasonCode.QUOTA_EXCEEDED, ReasonCode.SERVER_UNAVAILABLE)
                        .contains(reason);
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
     * The broker is gone: connections end, and what was neither acknowledged nor safe may be lost.
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
                    || diskFails && loops.now() - visit.willDue(started) <= unsafe) {
                visit.uncertain = true;
            }
        }
        for (Visit visit : visits.values()) {
            if (visit.resumedAfter >= 0 && !visits.get(visit.resumedAfter).told) {
                visit.uncertain = true; // that it went on may be lost
            }
        }
        accepted.forEach((topic, payloads) -> possible.put(topic, lastPossible(payloads)));
    }

    /** What may be retained after a crash: the last that was acknowledged to, or anything behind it. */
    private Set<String> lastPossible(List<String> payloads) {
        Set<String> last = new HashSet<>();
        for (int i = payloads.size() - 1; i >= 0; i--) {
            String payload = payloads.get(i);
            last.add(payload);
            if (payload.matches("[0-9]+ *") && sent.get(Integer.parseInt(payload.strip())).acknowledged) {
                return last;
            }
        }
        last.add(""); // none
        return last;
    }

    /** What may be retained now, nothing said as empty text. */
    boolean mayBeRetained(String topic, String payload) {
        return possible.getOrDefault(topic, Set.of("")).contains(payload);
    }

    /** Topics that have or had a retained message. */
    Set<String> topics() {
        return accepted.keySet();
    }

    void clockJumped() {
        jumps++;
    }

    Sent publish(String publisher, String topic, QoS qos) {
        Sent message = new Sent(sent.size(), publisher, topic, qos);
        sent.add(message);
        return message;
    }

    List<Sent> sent() {
        return sent;
    }

    Map<String, String> retained() {
        return retained;
    }

    /** Whether the client of this connection has to find its session; nothing if that cannot be told. */
    private enum Found {
        YES,
        NO,
        MAYBE
    }

    private final Map<Integer, Found> found = new HashMap<>();

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

    /** CONNACK has come. */
    void sessionTold(int connection, boolean present) {
        visits.get(connection).told = true;
        Found expected = found.get(connection);
        check(expected != null, "connection " + connection + " was let in before its CONNACK");
        check(
                expected == Found.MAYBE || present == (expected == Found.YES),
                "session present on connection " + connection + " is " + present + ", not " + expected);
    }

    @Override
    public void published(Message message) {
        Publish publish = message.packet();
        if (publish.retain()) {
            String payload = text(publish);
            String topic = publish.topic().text();
            retained.put(topic, payload);
            if (topic.startsWith("$")) {
                return; // what the broker says of itself
            }
            accepted.computeIfAbsent(topic, name -> new ArrayList<>()).add(payload);
            possible.put(topic, Set.of(payload));
        }
    }

    /** At the end of the day: everybody has left. */
    void checkEnds() {
        visits.values()
                .forEach(visit -> check(
                        visit.ends == (found.containsKey(visit.number) ? 1 : visit.ends) && visit.ends <= 1,
                        "connection " + visit.number + " ended " + visit.ends + " times"));
    }

    /** Wills that a watcher got, once each: as many as connections that ended without a goodbye. */
    void checkWills(Map<String, Integer> got) {
        for (Visit visit : visits.values()) {
            Will will = visit.connecting.connect().will();
            if (!will.isPresent() || !found.containsKey(visit.number)) {
                continue;
            }
            int times = got.getOrDefault("w" + visit.number, 0);
            boolean due = visit.ends == 1 && !visit.byClient && visit.resumedAfter < 0;
            boolean maybe = visit.uncertain || visit.maybeResumed && !visit.byClient;
            boolean right = maybe ? times <= 1 : times == (due ? 1 : 0);
            check(
                    right,
                    "the will of connection " + visit.number + " came " + times + " times, and is "
                            + (due ? "due" : "not due") + (visit.byClient ? " after a goodbye" : ""));
        }
    }

    static String text(Publish publish) {
        return StandardCharsets.UTF_8.decode(publish.payload()).toString();
    }

    static void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }
}

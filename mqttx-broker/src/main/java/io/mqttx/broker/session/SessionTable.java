package io.mqttx.broker.session;

import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The sessions of one loop: found, made, taken over, ended. On that loop. */
public final class SessionTable {
    private static final long NANOS = 1_000_000_000L;

    private final Loop loop;
    private final SessionServices services;
    private final SessionListener listener;
    private final Map<String, Session> sessions = new ConcurrentHashMap<>(); // found by any thread
    private final Map<Session, Loop.Timer> expiring = new HashMap<>();

    /**
     * An empty table.
     *
     * @param listener told of each session that ends
     */
    public SessionTable(Loop loop, SessionServices services, SessionListener listener) {
        this.loop = loop;
        this.services = services;
        this.listener = listener;
    }

    /**
     * The session for a client that has come.
     *
     * @param session the one to go on with
     * @param present whether it existed before (§3.2.2.1.1)
     */
    public record Opened(Session session, boolean present) {}

    /** The loop that all of them belong to. */
    public Loop loop() {
        return loop;
    }

    /** How many there are. From any thread. */
    public int size() {
        return sessions.size();
    }

    /** The session of this client, if there is one. From any thread. */
    public Optional<Session> find(String clientId) {
        return Optional.ofNullable(sessions.get(clientId));
    }

    /** All of them, as they are about now. From any thread. */
    public Iterator<Session> sessions() {
        return sessions.values().iterator();
    }

    /** All of them, as they are now. */
    public List<Session> all() {
        return List.copyOf(sessions.values());
    }

    /** Ends the session of this client and its connection, if it has one; tells whether there was one. */
    public boolean end(String clientId) {
        Optional<Session> known = find(clientId);
        known.ifPresent(session -> {
            session.expiresAfter(0);
            session.outlet().ifPresent(Outlet::sessionEnded);
        });
        find(clientId).filter(session -> known.get() == session).ifPresent(this::end); // it was offline
        return known.isPresent();
    }

    /**
     * A client was let in: another connection of the same client is closed first [MQTT-3.1.4-3], then its session
     * goes on, or with {@code cleanStart} ends and another begins [MQTT-3.1.2-4] [MQTT-3.1.2-5] [MQTT-3.1.2-6].
     */
    public Opened open(String clientId, boolean cleanStart) {
        find(clientId).flatMap(Session::outlet).ifPresent(Outlet::takenOver);
        Optional<Session> known = find(clientId); // a session that ended with its connection is gone by now
        if (known.isPresent() && !cleanStart) {
            cancelExpiry(known.get());
            return new Opened(known.get(), true);
        }
        known.ifPresent(this::end);
        Session made = new Session(clientId, loop, services);
        sessions.put(clientId, made);
        return new Opened(made, false);
    }

    /** The client of {@code session} is gone: it ends now, later, or never (§3.1.2.11.2). */
    public void disconnected(Session session) {
        session.detach();
        long seconds = session.expirySeconds();
        if (seconds == 0) {
            end(session);
        } else {
            session.liesFallow();
            expireIn(session, seconds * NANOS);
        }
    }

    /** A session that was kept: the storage has the rest of it. It has no connection. */
    public Session restore(Kept.Session kept) {
        Session session = new Session(kept.clientId(), loop, services, kept.key());
        session.expiresAfter(kept.expirySeconds());
        if (!hasEnded(kept)) {
            sessions.put(kept.clientId(), session);
        }
        return session;
    }

    /**
     * Everything of this session is there again: it lives for so many seconds more, or has ended meanwhile.
     *
     * @param kept as it was given to {@link #restore}
     */
    public void restored(Session session, Kept.Session kept, long seconds) {
        if (seconds > 0) {
            if (kept.disconnected() == 0) { // it is the end of the broker that ended its connection
                session.liesFallow();
            }
            expireIn(session, seconds * NANOS);
        } else if (hasEnded(kept)) {
            session.end(); // and goes on to do so; another of the same client may have begun
        } else {
            services.events().sessionExpired(session.clientId());
            end(session);
        }
    }

    /** Whether it had ended before the broker did, and was giving messages to others. */
    private static boolean hasEnded(Kept.Session kept) {
        return kept.expirySeconds() == 0 && kept.disconnected() != 0;
    }

    private void expireIn(Session session, long nanos) {
        if (session.expirySeconds() != Session.FOR_EVER) {
            expiring.put(session, loop.schedule(() -> expired(session), nanos));
        }
    }

    private void expired(Session session) {
        if (expiring.remove(session) != null) {
            services.events().sessionExpired(session.clientId());
            end(session);
        }
    }

    private void end(Session session) {
        cancelExpiry(session);
        sessions.remove(session.clientId(), session);
        session.end();
        listener.ended(session);
    }

    private void cancelExpiry(Session session) {
        Loop.Timer timer = expiring.remove(session);
        if (timer != null) {
            timer.cancel();
        }
    }
}

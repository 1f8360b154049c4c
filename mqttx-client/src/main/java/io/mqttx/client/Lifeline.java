package io.mqttx.client;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.client.link.Link;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.Terms;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.function.Function;

/**
 * The life of a client: one {@link ClientLoop} after the other, from the first attempt until it is closed or there is no
 * hope. {@link Attempts} says what comes next and {@link BackOff} when; this class lets it happen.
 */
final class Lifeline {
    private static final System.Logger LOG = System.getLogger(Lifeline.class.getName());

    private static final long PATIENCE = 2 * ClientLoop.LINGER; // of close() with a link that takes its time

    private final ClientSession session;
    private final Function<ServerAddress, Link> links;
    private final Promise<MqttClient> connected;
    private final Promise<Boolean> gone = Promise.toWaitFor();

    // Guarded by the client's lock:
    private final Attempts attempts;
    private final BackOff backOff;
    private boolean persistent; // the first attempt is not the last even if it fails
    private OptionalLong pause = OptionalLong.empty(); // until the next attempt, from the end of this one on
    private Optional<Future<?>> waiting = Optional.empty(); // for the next attempt
    private long acceptedAt;
    private ServerAddress server; // of the attempt that began last
    private long attemptAt;
    private Optional<DisconnectReason> lastEnd = Optional.empty();
    private String clientId; // the one that the server knows

    /**
     * A life that has not begun.
     *
     * @param persistent whether the client tries on when the first attempt fails; otherwise {@code connected} fails
     */
    Lifeline(
            ClientSession session,
            Function<ServerAddress, Link> links,
            boolean persistent,
            Promise<MqttClient> connected) {
        this.session = session;
        this.links = links;
        this.persistent = persistent;
        this.connected = connected;
        this.attempts = new Attempts(session.options());
        this.server = attempts.server();
        this.backOff =
                new BackOff(session.options().reconnect(), session.machine().random());
        this.clientId = session.options().clientId();
        session.begin(next());
    }

    /** Begins. Once. */
    void start() {
        SessionAdvice.of(session.options()).ifPresent(advice -> LOG.log(Level.WARNING, advice));
        session.machine().enter();
        session.loop().start();
    }

    /** Ends it: says goodbye, if there is somebody to say it to, and waits for the end of the connection, but not long. */
    void disconnect(Disconnect disconnect) {
        boolean over = false;
        session.lock().lock();
        try {
            boolean between = session.loop().isOver() && session.goesOn();
            session.loop().sayGoodbye(disconnect);
            session.stop();
            session.callbacks().dropMessages();
            if (between) {
                DisconnectReason closed =
                        DisconnectReason.of(Cause.CLOSED_BY_CLIENT, disconnect.reason(), "closed by the client");
                lastEnd = Optional.of(closed);
                failWhatIsInFlight(closed);
            }
            over = waiting.isPresent();
            waiting.ifPresent(known -> known.cancel(false));
            waiting = Optional.empty();
        } finally {
            session.loop().release();
        }
        if (over) {
            leave();
        }
        session.callerWaits();
        try {
            gone.await(PATIENCE, session.machine());
        } catch (WaitInterruptedException | RequestTimeoutException e) {
            LOG.log(Level.DEBUG, "the link takes its time to close", e);
        }
    }

    /** Why there is no connection. With the lock. */
    DisconnectReason whyNot() {
        return lastEnd.orElseGet(() ->
                DisconnectReason.of(Cause.CONNECT_TIMEOUT, ReasonCode.UNSPECIFIED_ERROR, "there was no CONNACK yet"));
    }

    /** Who the client is to the server. */
    String clientId() {
        session.lock().lock();
        try {
            return clientId;
        } finally {
            session.lock().unlock();
        }
    }

    /** A server accepted the connection. With the lock. */
    void accepted(ConnAck connAck, Terms terms, long now) {
        attempts.accepted(terms);
        acceptedAt = now;
        session.counts().connected();
        session.responsesGoTo(
                connAck.properties().find(Property.RESPONSE_INFORMATION).orElse(""));
        if (session.events().isOn()) {
            tellSucceeded(connAck);
        }
        clientId = terms.clientId();
        persistent = true;
        session.callbacks().add(() -> session.handler().onConnected(session.client(), connAck));
        session.callbacks().add(session.streams()::connected);
        connected.succeed(session.client(), session.completions());
    }

    /** The connection is over, or there was none. With the lock. */
    void ended(DisconnectReason reason, boolean wasAccepted, long now) {
        lastEnd = Optional.of(reason);
        boolean lasted = wasAccepted && backOff.lost(acceptedAt, now);
        Attempts.Verdict verdict = attempts.over(reason, wasAccepted, lasted);
        if (verdict == Attempts.Verdict.NEVER || verdict == Attempts.Verdict.LATER && !persistent) {
            session.stop();
        }
        pause = verdict == Attempts.Verdict.LATER ? OptionalLong.of(backOff.next()) : OptionalLong.of(0);
        if (!session.goesOn() || !attempts.survives()) {
            failWhatIsInFlight(reason);
        } else {
            session.replies().failRequests(() -> new NotConnectedException(reason));
        }
        session.publisher().wakeAll();
        tell(reason, wasAccepted);
    }

    /** The link of the connection is closed, and its threads come back no more. */
    void left() {
        session.lock().lock();
        try {
            if (session.goesOn()) {
                waiting = session.machine().schedule(this::tryAgain, pause.orElse(0));
                return;
            }
        } finally {
            session.lock().unlock();
        }
        leave();
    }

    private void tell(DisconnectReason reason, boolean wasAccepted) {
        ClientHandler handler = session.handler();
        MqttClient client = session.client();
        if (session.events().isOn()) {
            tellOver(reason, wasAccepted);
        }
        if (wasAccepted) {
            session.callbacks().add(() -> handler.onDisconnected(client, reason));
        }
        if (session.goesOn()) {
            Duration delay = Duration.ofNanos(pause.orElse(0));
            session.callbacks().add(() -> handler.onReconnecting(client, reason, delay));
        } else if (!persistent) {
            connected.fail(
                    reason.cause() == Cause.REFUSED
                            ? new ConnectRefusedException(reason)
                            : new ConnectFailedException(reason),
                    session.completions());
        } else if (reason.cause() != Cause.CLOSED_BY_CLIENT
                && session.options().reconnect().enabled()) {
            session.callbacks().add(() -> handler.onGivenUp(client, reason));
        }
    }

    private void failWhatIsInFlight(DisconnectReason reason) {
        boolean stored = !session.goesOn() && session.stored().isKept() && attempts.isSessionKept();
        session.forget(reason, stored);
        if (!session.goesOn() || !session.options().offlineQueue().isOn()) {
            session.publisher().failAll(() -> new NotConnectedException(reason));
        }
        if (!session.goesOn()) {
            session.streams().endAll(reason);
            session.responses().failAll(() -> new NotConnectedException(reason));
        }
        session.completions().kick();
    }

    private void tryAgain() {
        ClientLoop loop;
        session.lock().lock();
        try {
            if (!session.goesOn()) {
                return;
            }
            waiting = Optional.empty();
            loop = next();
            session.begin(loop);
        } finally {
            session.lock().unlock();
        }
        loop.start();
    }

    private ClientLoop next() {
        if (!server.equals(attempts.server())) { // whose session may be an older one
            session.subscriptions().doubt();
        }
        server = attempts.server();
        attemptAt = session.events().now();
        if (session.events().isOn()) {
            ServerAddress to = server;
            session.events().add(events -> events.connectStarted(session.client(), to));
        }
        return new ClientLoop(session, this, links.apply(server), attempts.connect(), attempts.isSessionKept());
    }

    private void tellSucceeded(ConnAck connAck) {
        ServerAddress to = server;
        Duration took = session.events().since(attemptAt);
        session.events().add(events -> events.connectSucceeded(session.client(), to, connAck, took));
    }

    private void tellOver(DisconnectReason reason, boolean wasAccepted) {
        ServerAddress to = server;
        Duration took = session.events().since(attemptAt);
        session.events()
                .add(
                        wasAccepted
                                ? events -> events.disconnected(session.client(), reason)
                                : events -> events.connectFailed(session.client(), to, reason, took));
        if (session.goesOn()) {
            Duration delay = Duration.ofNanos(pause.orElse(0));
            session.events().add(events -> events.reconnectScheduled(session.client(), reason, delay));
        }
    }

    private void leave() {
        try {
            session.stored().close();
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.WARNING, "the stored session may have lost its end", e);
        }
        session.machine().leave();
        gone.succeed(true, session.completions());
    }
}

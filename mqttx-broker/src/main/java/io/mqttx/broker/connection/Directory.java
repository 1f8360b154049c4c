package io.mqttx.broker.connection;

import io.mqttx.broker.api.Connection;
import io.mqttx.broker.session.Outlet;
import io.mqttx.broker.session.Session;
import io.mqttx.broker.session.SessionTable;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;

/** Finds clients and sessions for the application. From any thread. */
public final class Directory {
    private final Homes homes;

    /** Looks there. */
    public Directory(Homes homes) {
        this.homes = homes;
    }

    /** The connection of this client, if it has one. */
    public Optional<Connection> connection(String clientId) {
        return table(clientId).find(clientId).flatMap(Session::outlet).flatMap(Outlet::forApplication);
    }

    /** Calls {@code visitor} with each connection, on the caller's thread. */
    public void forEachConnection(Consumer<Connection> visitor) {
        for (Home home : homes.all()) {
            home.sessions()
                    .sessions()
                    .forEachRemaining(session ->
                            session.outlet().flatMap(Outlet::forApplication).ifPresent(visitor));
        }
    }

    /** Asks about this client's session on its loop. */
    public <T> CompletionStage<T> ask(String clientId, Function<Optional<Session>, T> question) {
        return onLoop(table(clientId), sessions -> question.apply(sessions.find(clientId)));
    }

    /** Ends this client's session; tells whether there was one. */
    public CompletionStage<Boolean> end(String clientId) {
        return onLoop(table(clientId), sessions -> sessions.end(clientId));
    }

    /**
     * Calls {@code visitor} with every session, on the session's loop, one loop after the other. Between slices the
     * loop does its other work.
     *
     * @param visitor tells how many things it looked at, which says how large a slice is
     * @return completes when all were visited, or with what the visitor threw
     */
    public CompletionStage<Void> walk(ToIntFunction<Session> visitor) {
        Walk walk = new Walk(homes.all().iterator(), visitor);
        walk.nextHome();
        return walk.done.minimalCompletionStage();
    }

    private SessionTable table(String clientId) {
        return homes.of(clientId).sessions();
    }

    private static <T> CompletionStage<T> onLoop(SessionTable sessions, Function<SessionTable, T> step) {
        return CompletableFuture.supplyAsync(() -> step.apply(sessions), sessions.loop())
                .minimalCompletionStage();
    }

    /** One way through all sessions. */
    private static final class Walk implements Runnable {
        private static final int SLICE = 1000; // things to look at in one turn of a loop

        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private final Iterator<Home> homes;
        private final ToIntFunction<Session> visitor;
        private SessionTable table; // the one that is visited now, and where
        private Iterator<Session> sessions;

        Walk(Iterator<Home> homes, ToIntFunction<Session> visitor) {
            this.homes = homes;
            this.visitor = visitor;
        }

        void nextHome() {
            if (!homes.hasNext()) {
                done.complete(null);
                return;
            }
            table = homes.next().sessions();
            sessions = table.sessions();
            table.loop().execute(this);
        }

        @Override
        public void run() {
            try {
                for (int seen = 0; seen < SLICE && sessions.hasNext(); ) {
                    seen += 1 + visitor.applyAsInt(sessions.next());
                }
                if (sessions.hasNext()) {
                    table.loop().execute(this);
                } else {
                    nextHome();
                }
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        }
    }
}

package io.mqttx.broker.connection;

import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.spi.Link;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ReasonCode;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Receives new links, and sends all clients away when the broker stops. */
public final class Acceptor implements Function<Link, Link.Receiver> {
    private final Services services;

    /** For clients that get these services. */
    public Acceptor(Services services) {
        this.services = services;
    }

    /** Handlers whose callbacks run on {@code executor}, where they may block. */
    public static HandlerFactory offLoop(HandlerFactory handlers, Executor executor) {
        return OffLoop.factory(handlers, executor);
    }

    @Override
    public Link.Receiver apply(Link link) {
        return new Client(link, services);
    }

    /** Sends every client of this home away [MQTT-4.13.1-1]; on its loop. */
    public void dismiss(Home home) {
        List.copyOf(home.sessions().all())
                .forEach(session -> session.outlet()
                        .filter(Client.class::isInstance)
                        .map(Client.class::cast)
                        .ifPresent(client ->
                                client.disconnect(Cause.SHUTDOWN, ReasonCode.SERVER_SHUTTING_DOWN, Properties.EMPTY)));
        home.wills().publishAll();
    }
}

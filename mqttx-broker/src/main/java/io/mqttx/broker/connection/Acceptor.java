package io.mqttx.broker.connection;

import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.api.HandlerFactory;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.limits.Door;
import io.mqttx.broker.limits.Seats;
import io.mqttx.broker.spi.Link;
import io.mqttx.codec.DecoderOptions;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Receives new links, and sends all clients away when the broker stops. */
public final class Acceptor {
    private static final int MOST_REFUSED = 1000; // at a time

    private final Services services;
    private final Seats connections;
    private final Seats refused;
    private final DecoderOptions decoding;

    /** For clients that get these services. */
    public Acceptor(Services services) {
        int most = services.options().maxConnections();
        this.services = services;
        this.connections = new Seats(most);
        this.refused = new Seats(Math.min(MOST_REFUSED, 1 + most / 8));
        this.decoding = DecoderOptions.defaults()
                .withMaxPacketSize(services.options().maxPacketSize())
                .withLongClientIdsIn31(true);
    }

    /**
     * What receives the links of this listener.
     *
     * @param now on the loops' clock
     */
    public Function<Link, Link.Receiver> at(Listener listener, long now) {
        Door door = new Door(listener, connections, refused, services.events(), now);
        return link -> accept(link, door);
    }

    private Link.Receiver accept(Link link, Door door) {
        Door.Entry entry = door.enter(link.remoteAddress(), link.loop().now());
        if (entry == Door.Entry.TURNED_AWAY) {
            link.abort();
            return TurnedAway.INSTANCE;
        }
        return new Client(link, services, decoding, door, entry);
    }

    /** Handlers whose callbacks run on {@code executor}, where they may block. */
    public static HandlerFactory offLoop(HandlerFactory handlers, Executor executor) {
        return OffLoop.factory(handlers, executor);
    }

    /** Sends every client of this home away [MQTT-4.13.1-1]; on its loop. */
    public void dismiss(Home home) {
        home.sessions()
                .all()
                .forEach(session -> session.outlet()
                        .filter(Client.class::isInstance)
                        .map(Client.class::cast)
                        .ifPresent(client ->
                                client.disconnect(Cause.SHUTDOWN, ReasonCode.SERVER_SHUTTING_DOWN, Properties.EMPTY)));
        home.wills().publishAll();
    }

    /** Nobody: the link is closed already. */
    private enum TurnedAway implements Link.Receiver {
        INSTANCE;

        @Override
        public void received(ByteBuffer bytes) {
            bytes.position(bytes.limit());
        }

        @Override
        public void drained() {}

        @Override
        public void closed(String detail) {}
    }
}

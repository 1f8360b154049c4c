package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.session.Outlet;
import io.mqttx.broker.session.Session;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.packet.Auth;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client from CONNACK on: each packet goes to whoever decides about it. On the session's loop. */
final class Established {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final Client client;
    private final Services services;
    private final Home home;
    private final Session session;
    private final BrokerHandler handler;
    private final Optional<Authenticating> authenticating;
    private final Connection connection;
    private final Deciding deciding;
    private Optional<Kept.Will> will; // empty once the client has said goodbye

    Established(
            Client client,
            Services services,
            Home home,
            Session session,
            BrokerHandler handler,
            Optional<Authenticating> authenticating,
            Optional<Kept.Will> will) {
        this.client = client;
        this.services = services;
        this.home = home;
        this.session = session;
        this.handler = handler;
        this.authenticating = authenticating;
        this.will = will;
        this.connection = new LiveConnection(client, session, handler);
        this.deciding = new Deciding(services, session.clientId(), handler);
        will.ifPresent(left -> home.wills().keep(session.key(), left));
    }

    Session session() {
        return session;
    }

    Connection connection() {
        return connection;
    }

    Vigil vigil() {
        return home.vigil();
    }

    BrokerHandler handler() {
        return handler;
    }

    /** CONNACK is on its way. */
    void begin() {
        services.events().connected(connection);
        tell("onConnected", () -> handler.onConnected(connection));
        session.begin();
    }

    void handle(Packet packet) {
        switch (packet.type()) {
            case SUBSCRIBE -> new Subscribing(client, services, this, (Subscribe) packet).begin();
            case UNSUBSCRIBE -> on((Unsubscribe) packet);
            case DISCONNECT -> on((Disconnect) packet);
            case AUTH -> authenticating.orElseThrow().handle((Auth) packet); // again (§4.12.1)
            default -> throw new IllegalStateException(packet.type() + " is not for the broker to decide");
        }
    }

    /** A message, which is answered when it was decided about. */
    void published(Publish publish) {
        Message message = new Message(session.clientId(), Message.Origin.PUBLISH, publish);
        decided(deciding.decide(message), message, 0);
    }

    /** A message that goes no further. */
    void refused(Publish publish, ReasonCode reason) {
        if (publish.qos() != QoS.AT_MOST_ONCE) {
            answer(
                    publish.packetId(),
                    reason,
                    Properties.EMPTY,
                    session.outlet().orElse(client));
        }
    }

    /** The client answered a message that it got. */
    void delivered(Publish message, ReasonCode reason) {
        tell("onDelivered", () -> handler.onDelivered(message, reason));
    }

    void ended(DisconnectReason reason) {
        session.detach(); // first: its own will is nothing that this connection could still bring
        will.ifPresent(left -> home.wills()
                .due(session.key(), left, done -> deciding.publishWill(left.message(), session.loop(), done)));
        home.sessions().disconnected(session);
        services.events().disconnected(session.clientId(), reason);
        tellOfEnd(handler, session.clientId(), reason);
    }

    static void tellOfEnd(BrokerHandler handler, String clientId, DisconnectReason reason) {
        try {
            handler.onDisconnect(reason);
        } catch (Throwable e) {
            LOG.log(Level.ERROR, "the handler of client " + Quoted.of(clientId) + " failed in onDisconnect", e);
        }
    }

    /** Calls the handler where nothing depends on it, because of something that the client did. */
    void tell(String what, Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            handlerFailed(what, e);
        }
        if (handler instanceof OffLoop elsewhere && !elsewhere.isIdle() && !client.isOver()) {
            client.await(elsewhere.idle(), (nothing, error) -> {}); // so that what waits there stays little
        }
    }

    void handlerFailed(String what, Throwable error) {
        LOG.log(Level.ERROR, "the handler of client " + Quoted.of(session.clientId()) + " failed in " + what, error);
    }

    /** Carries out what was decided after so many nanoseconds, or waits until it is. */
    private void decided(PublishDecision decision, Message message, long waited) {
        if (decision instanceof PublishDecision.Later later) {
            Loop loop = session.loop();
            long asked = loop.now() - waited;
            client.await(
                    later.stage(),
                    (value, error) -> decided(deciding.orRefusal(value, error), message, loop.now() - asked));
            return;
        }
        long entries = client.entries();
        ReasonCode reason = deciding.carryOut(decision, message, waited);
        Properties explanation = Properties.EMPTY;
        boolean refusedByHandler = false;
        if (decision instanceof PublishDecision.Disconnect goodbye) {
            client.disconnect(DisconnectReason.Cause.BY_SERVER, reason, goodbye.properties());
        } else if (decision instanceof PublishDecision.Refuse refuse) {
            explanation = refuse.properties();
            refusedByHandler = true;
        }
        if (message.qos() == QoS.AT_MOST_ONCE) {
            return;
        }
        // The client may have gone and come back meanwhile: its session's outlet answers, not this connection.
        Outlet way = session.outlet().orElse(client);
        way.promiseSince(entries);
        int packetId = message.packet().packetId();
        if (reason.isError() && !refusedByHandler && hasToComeAgain(way)) {
            session.flows().inbound().withdrawn(packetId);
            way.cannotBeTold();
        } else {
            answer(packetId, reason, explanation, way);
        }
    }

    /** One that has to go is answered if it asks again. */
    private void answer(int packetId, ReasonCode reason, Properties explanation, Outlet way) {
        ReasonCode told = reason.allowedIn(PacketType.PUBACK) ? reason : ReasonCode.IMPLEMENTATION_SPECIFIC_ERROR;
        session.flows().inbound().accepted(packetId, told, explanation, way);
    }

    /** Whether a message cannot be kept now, and its client, before version 5, cannot be told. */
    private boolean hasToComeAgain(Outlet way) {
        return !way.version().hasProperties() && services.journals().trouble().isPresent();
    }

    private void on(Unsubscribe unsubscribe) {
        long entries = client.entries();
        List<ReasonCode> reasons = new ArrayList<>(unsubscribe.filters().size());
        for (TopicFilter filter : unsubscribe.filters()) {
            reasons.add(session.unsubscribe(filter) ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED);
        }
        client.promiseSince(entries);
        client.connection().answer(new UnsubAck(unsubscribe.packetId(), reasons), client);
        tell("onUnsubscribe", () -> handler.onUnsubscribe(unsubscribe.filters()));
    }

    private void on(Disconnect disconnect) {
        if (disconnect.reason() == ReasonCode.NORMAL_DISCONNECTION) {
            will.ifPresent(left -> home.wills().forget(session.key()));
            will = Optional.empty(); // [MQTT-3.1.2-8] [MQTT-3.14.4-3]
        }
        long most = services.options().maxSessionExpiry().toSeconds();
        session.expiresAfter(Math.min(most, client.connection().terms().sessionExpirySeconds()));
    }
}

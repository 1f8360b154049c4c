package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.session.Session;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.packet.Will;
import io.mqttx.topic.TopicFilter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/** A client from CONNACK on: each packet goes to whoever decides about it. On the session's loop. */
final class Established {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final Client client;
    private final Services services;
    private final Home home;
    private final Session session;
    private final BrokerHandler handler;
    private final Connection connection;
    private Will will; // NONE once the client has said goodbye

    Established(Client client, Services services, Home home, Session session, BrokerHandler handler, Will will) {
        this.client = client;
        this.services = services;
        this.home = home;
        this.session = session;
        this.handler = handler;
        this.will = will;
        this.connection = new LiveConnection(client, session, handler);
    }

    Session session() {
        return session;
    }

    BrokerHandler handler() {
        return handler;
    }

    /** CONNACK is on its way. */
    void begin() {
        session.expiresAfter(client.connection().terms().sessionExpirySeconds());
        services.events().connected(connection);
        tell("onConnected", () -> handler.onConnected(connection));
        session.drain();
    }

    void handle(Packet packet) {
        switch (packet.type()) {
            case SUBSCRIBE -> new Subscribing(client, services, this, (Subscribe) packet).begin();
            case UNSUBSCRIBE -> on((Unsubscribe) packet);
            case DISCONNECT -> on((Disconnect) packet);
            default -> throw new IllegalStateException(packet.type() + " is not for the broker to decide");
        }
    }

    /** A message, which is answered when it was decided about. */
    void published(Publish publish) {
        Message message = new Message(session.clientId(), Message.Origin.PUBLISH, publish);
        decided(decide(message), message);
    }

    void ended(DisconnectReason reason) {
        home.wills()
                .due(
                        session.clientId(),
                        will,
                        will.properties().number(Property.WILL_DELAY_INTERVAL, 0),
                        () -> publish(will));
        home.sessions().disconnected(session);
        services.events().disconnected(session.clientId(), reason);
        tellOfEnd(handler, session.clientId(), reason);
    }

    static void tellOfEnd(BrokerHandler handler, String clientId, DisconnectReason reason) {
        try {
            handler.onDisconnect(reason);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the handler of client " + Quoted.of(clientId) + " failed in onDisconnect", e);
        }
    }

    /** Calls the handler where nothing depends on it. */
    void tell(String what, Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            handlerFailed(what, e);
        }
    }

    void handlerFailed(String what, Throwable error) {
        LOG.log(Level.ERROR, "the handler of client " + Quoted.of(session.clientId()) + " failed in " + what, error);
    }

    private PublishDecision decide(Message message) {
        try {
            return services.pipeline().decide(handler, message);
        } catch (RuntimeException e) {
            handlerFailed("onPublish", e);
            return PublishDecision.refuse(ReasonCode.UNSPECIFIED_ERROR);
        }
    }

    private void decided(PublishDecision decision, Message message) {
        if (decision instanceof PublishDecision.Later later) {
            client.await(later.stage(), (value, error) -> decided(orRefusal(value, error), message));
            return;
        }
        ReasonCode reason = services.pipeline().carryOut(decision, message);
        if (decision instanceof PublishDecision.Disconnect) {
            client.disconnect(DisconnectReason.Cause.BY_SERVER, reason, Properties.EMPTY);
        } else if (message.qos() != QoS.AT_MOST_ONCE) {
            // The session's flow, not the connection's: the client may have gone and come back meanwhile.
            session.flows().inbound().accepted(message.packet().packetId(), reason, client);
        }
    }

    private PublishDecision orRefusal(PublishDecision decision, Throwable error) {
        if (error == null && decision != null) {
            return decision;
        }
        handlerFailed("onPublish", error);
        return PublishDecision.refuse(ReasonCode.UNSPECIFIED_ERROR);
    }

    private void on(Unsubscribe unsubscribe) {
        List<ReasonCode> reasons = new ArrayList<>(unsubscribe.filters().size());
        for (TopicFilter filter : unsubscribe.filters()) {
            reasons.add(session.unsubscribe(filter) ? ReasonCode.SUCCESS : ReasonCode.NO_SUBSCRIPTION_EXISTED);
        }
        client.connection().answer(new UnsubAck(unsubscribe.packetId(), reasons), client);
        tell("onUnsubscribe", () -> handler.onUnsubscribe(unsubscribe.filters()));
    }

    private void on(Disconnect disconnect) {
        if (disconnect.reason() == ReasonCode.NORMAL_DISCONNECTION) {
            will = Will.NONE; // [MQTT-3.1.2-8] [MQTT-3.14.4-3]
        }
        session.expiresAfter(client.connection().terms().sessionExpirySeconds());
    }

    /** A will takes the same way as any message: it is no way round the handler. */
    private void publish(Will due) {
        Publish publish = new Publish(
                false,
                due.qos(),
                due.retain(),
                due.topic(),
                due.qos() == QoS.AT_MOST_ONCE ? 0 : 1,
                due.properties().without(Property.WILL_DELAY_INTERVAL),
                due.payload());
        Message message = new Message(session.clientId(), Message.Origin.WILL, publish);
        PublishDecision decision = decide(message);
        if (decision instanceof PublishDecision.Later later) {
            later.stage()
                    .whenComplete((value, error) -> home.sessions()
                            .loop()
                            .execute(() -> services.pipeline().carryOut(orRefusal(value, error), message)));
        } else {
            services.pipeline().carryOut(decision, message);
        }
    }
}

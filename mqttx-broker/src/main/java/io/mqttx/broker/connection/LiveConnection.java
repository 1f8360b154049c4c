package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.publish.PublishPipeline;
import io.mqttx.broker.routing.Grant;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.session.Session;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** What the application holds of a client: whatever it asks for is done on the client's loop. */
final class LiveConnection implements Connection {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final Client client;
    private final Session session;
    private final BrokerHandler handler;

    LiveConnection(Client client, Session session, BrokerHandler handler) {
        this.client = client;
        this.session = session;
        this.handler = handler;
    }

    @Override
    public String clientId() {
        return session.clientId();
    }

    @Override
    public ProtocolVersion version() {
        return client.connection().terms().version();
    }

    @Override
    public String remoteAddress() {
        return client.link().remoteAddress();
    }

    @Override
    public void tell(Object info) {
        whileThere(() -> {
            try {
                handler.onInfo(info);
            } catch (Throwable e) {
                LOG.log(Level.ERROR, "the handler of client " + Quoted.of(clientId()) + " failed in onInfo", e);
            }
        });
    }

    @Override
    public void publish(Publish message) {
        Publish plain = PublishPipeline.withoutTravelling(message);
        SharedMessage shared = new SharedMessage("", plain, session.loop().now());
        shared.encoded(version(), session.loop()); // refuses here what the loop could tell nobody about
        whileThere(() -> {
            session.deliver(shared, Grant.of(message.qos(), false, true, 0), 0);
        });
    }

    @Override
    public void disconnect(ReasonCode reason, Properties properties) {
        if (reason == ReasonCode.DISCONNECT_WITH_WILL_MESSAGE) {
            throw new IllegalArgumentException(reason + " is for a client to say (§3.14.2.1)");
        }
        if (properties.has(Property.SESSION_EXPIRY_INTERVAL)) {
            throw new IllegalArgumentException("a server does not say a session expiry [MQTT-3.14.2-2]");
        }
        new Disconnect(reason, properties); // refuses here what the loop could tell nobody about
        whileThere(() -> client.disconnect(Cause.BY_SERVER, reason, properties));
    }

    private void whileThere(Runnable step) {
        session.loop().execute(() -> {
            if (!client.isOver()) {
                client.guarded(step);
            }
        });
    }
}

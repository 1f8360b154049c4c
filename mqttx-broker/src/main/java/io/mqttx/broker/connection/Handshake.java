package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.session.Session;
import io.mqttx.broker.session.SessionTable;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;

/**
 * From CONNECT to CONNACK (§3.1.4): asks the handler, moves the link to the loop where the client's session lives, and
 * opens that. On the link's loop.
 */
final class Handshake {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");
    private static final int IN_FLIGHT = 1000; // unanswered messages to one client, if it would take more

    private final Client client;
    private final Services services;
    private String clientId = "";
    private Optional<BrokerHandler> admitted = Optional.empty(); // its handler, once the client was let in

    Handshake(Client client, Services services) {
        this.client = client;
        this.services = services;
    }

    /** Who it is; empty before CONNECT. */
    String clientId() {
        return clientId;
    }

    void begin(Connect connect) {
        clientId = connect.clientId().isEmpty() ? assign() : connect.clientId();
        Optional<ReasonCode> refusal = client.entry().refusal();
        if (refusal.isPresent()) {
            client.connection().refuse(refusal.get(), Properties.EMPTY, client);
            return;
        }
        if (connect.properties().has(Property.AUTHENTICATION_METHOD)) {
            // [MQTT-4.12.0-1]: no method is offered yet
            client.connection().refuse(ReasonCode.BAD_AUTHENTICATION_METHOD, Properties.EMPTY, client);
            return;
        }
        Connecting connecting = new Connecting(
                connect, clientId, client.link().remoteAddress(), client.link().peerCertificates());
        BrokerHandler handler;
        ConnectDecision decision;
        try {
            handler = services.handlers().create(connecting);
            decision = handler.onConnect(connecting);
        } catch (Throwable e) {
            failed(e);
            return;
        }
        decided(handler, connect, decision);
    }

    /** The connection ended before CONNACK. */
    void ended(DisconnectReason reason) {
        services.events().connectFailed(client.link().remoteAddress(), reason.code(), reason.detail());
        admitted.ifPresent(handler -> Established.tellOfEnd(handler, clientId, reason));
    }

    private void decided(BrokerHandler handler, Connect connect, ConnectDecision decision) {
        if (decision instanceof ConnectDecision.Later later) {
            client.await(later.stage(), (value, error) -> {
                if (client.isOver()) {
                    return;
                }
                if (error == null) {
                    decided(handler, connect, value);
                } else {
                    failed(error);
                }
            });
        } else if (decision == null) {
            failed(new IllegalStateException("no decision")); // no answer is no permission
        } else if (decision instanceof ConnectDecision.Reject reject) {
            client.connection().refuse(reject.reason(), reject.properties(), client);
        } else {
            admitted = Optional.of(handler);
            goHome(handler, connect);
        }
    }

    private void failed(Throwable error) {
        LOG.log(Level.ERROR, "the handler of client " + Quoted.of(clientId) + " failed in onConnect", error);
        client.connection().refuse(ReasonCode.UNSPECIFIED_ERROR, Properties.EMPTY, client);
    }

    private void goHome(BrokerHandler handler, Connect connect) {
        Home home = services.homes().of(clientId);
        boolean isThere = home.sessions().loop().isCurrent();
        if (isThere) {
            open(home, handler, connect);
            return;
        }
        client.move(home.sessions().loop(), () -> {
            if (!client.isOver()) {
                open(home, handler, connect);
            }
        });
    }

    private void open(Home home, BrokerHandler handler, Connect connect) {
        SessionTable.Opened opened = home.sessions().open(clientId, connect.cleanStart());
        if (opened.present()) {
            home.wills().resumed(clientId);
        }
        Session session = opened.session();
        Established established = new Established(client, services, home, session, handler, connect.will());
        client.established(established);
        session.attach(client);
        ConnAck ack = new ConnAck(opened.present(), ReasonCode.SUCCESS, capabilities(connect));
        boolean open = client.connection()
                .accept(ack, session.flows(), IN_FLIGHT, client.link().loop().now(), client);
        if (open) {
            client.opened();
            established.begin();
        }
    }

    private Properties capabilities(Connect connect) {
        if (!connect.version().hasProperties()) {
            return Properties.EMPTY;
        }
        BrokerOptions options = services.options();
        Properties.Builder properties = Properties.builder()
                .add(Property.RECEIVE_MAXIMUM, options.receiveMaximum())
                .add(Property.MAXIMUM_PACKET_SIZE, (long) options.maxPacketSize())
                .add(Property.TOPIC_ALIAS_MAXIMUM, options.topicAliasMaximum());
        if (connect.keepAlive() == 0 && options.idleKeepAlive() > 0) {
            properties.add(Property.SERVER_KEEP_ALIVE, options.idleKeepAlive());
        }
        if (connect.clientId().isEmpty()) {
            properties.add(Property.ASSIGNED_CLIENT_IDENTIFIER, clientId); // [MQTT-3.2.2-16]
        }
        return properties.build();
    }

    /** Unlike any other: 122 random bits. */
    private String assign() {
        return "auto-" + Long.toString(services.random().nextLong() >>> 1, 36) + "-"
                + Long.toString(services.random().nextLong() >>> 5, 36);
    }
}

package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.ConnectDecision;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.session.Session;
import io.mqttx.broker.session.SessionTable;
import io.mqttx.broker.spi.Kept;
import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Will;
import io.mqttx.protocol.Terms;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * From CONNECT to CONNACK (§3.1.4): asks the handler, moves the link to the loop where the client's session lives, and
 * opens that. On the link's loop.
 */
final class Handshake {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");
    private static final int IN_FLIGHT = 1000; // unanswered messages to one client, if it would take more

    private final Client client;
    private final Services services;
    private Connect connect; // null before it has come
    private String clientId = "";
    private Optional<Welcome> welcome = Optional.empty(); // known with CONNECT
    private Optional<Authenticating> authenticating = Optional.empty(); // known with the handler, if it is wanted
    private Optional<BrokerHandler> admitted = Optional.empty(); // its handler, once the client was let in

    Handshake(Client client, Services services) {
        this.client = client;
        this.services = services;
    }

    void begin(Connect received) {
        connect = received;
        clientId = received.clientId().isEmpty() ? assign() : received.clientId();
        client.introduced(clientId);
        Welcome offered = new Welcome(services.options(), received);
        Optional<ReasonCode> refusal = client.entry().refusal().or(offered::refusal);
        if (refusal.isPresent()) {
            client.connection().refuse(refusal.get(), Properties.EMPTY, client);
            return;
        }
        welcome = Optional.of(offered);
        Connecting connecting = new Connecting(
                received, clientId, client.link().remoteAddress(), client.link().peerCertificates());
        BrokerHandler handler;
        try {
            handler = Objects.requireNonNull(services.handlers().create(connecting), "no handler");
        } catch (Throwable e) {
            failed(e);
            return;
        }
        Consumer<Properties> authenticated = properties -> atTheDoor(handler, connecting, properties);
        authenticating = Authenticating.of(client, handler, clientId, received, authenticated);
        if (authenticating.isPresent()) {
            authenticating.get().begin(received.properties());
        } else {
            atTheDoor(handler, connecting, Properties.EMPTY);
        }
    }

    /** An AUTH before CONNACK. */
    void handle(Auth auth) {
        authenticating.orElseThrow().handle(auth);
    }

    /** The connection ended before CONNACK. */
    void ended(DisconnectReason reason) {
        services.events().connectFailed(client.link().remoteAddress(), reason.code(), reason.detail());
        admitted.ifPresent(handler -> Established.tellOfEnd(handler, clientId, reason));
    }

    private void atTheDoor(BrokerHandler handler, Connecting connecting, Properties ofAuthentication) {
        ConnectDecision decision;
        try {
            decision = handler.onConnect(connecting);
        } catch (Throwable e) {
            failed(e);
            return;
        }
        decided(handler, decision, ofAuthentication);
    }

    private void decided(BrokerHandler handler, ConnectDecision decision, Properties ofAuthentication) {
        if (decision instanceof ConnectDecision.Later later) {
            client.await(later.stage(), (value, error) -> {
                if (client.isOver()) {
                    return;
                }
                if (error == null) {
                    decided(handler, value, ofAuthentication);
                } else {
                    failed(error);
                }
            });
        } else if (decision == null) {
            failed(new IllegalStateException("no decision")); // no answer is no permission
        } else if (decision instanceof ConnectDecision.Reject reject) {
            client.connection().refuse(reject.reason(), reject.properties(), client);
        } else if (decision instanceof ConnectDecision.Accept accept) {
            Properties told = welcome.orElseThrow().properties(clientId, ofAuthentication, accept.properties());
            if (!client.connection().takes(told)) {
                client.connection().refuse(ReasonCode.PACKET_TOO_LARGE, Properties.EMPTY, client);
                return;
            }
            admitted = Optional.of(handler);
            goHome(handler, told);
        }
    }

    private void failed(Throwable error) {
        LOG.log(Level.ERROR, "the handler of client " + Quoted.of(clientId) + " failed in onConnect", error);
        client.connection().refuse(ReasonCode.UNSPECIFIED_ERROR, Properties.EMPTY, client);
    }

    private void goHome(BrokerHandler handler, Properties told) {
        Home home = services.homes().of(clientId);
        boolean isThere = home.sessions().loop().isCurrent();
        if (isThere) {
            open(home, handler, told);
            return;
        }
        client.move(home.sessions().loop(), () -> {
            if (!client.isOver()) {
                open(home, handler, told);
            }
        });
    }

    private void open(Home home, BrokerHandler handler, Properties told) {
        long expiry = told.number(Property.SESSION_EXPIRY_INTERVAL, Terms.askedExpiry(connect));
        boolean isKept =
                home.sessions().find(clientId).filter(known -> known.key() != 0).isPresent();
        if ((expiry > 0 || isKept) && services.journals().trouble().isPresent()) {
            client.connection().refuse(ReasonCode.QUOTA_EXCEEDED, Properties.EMPTY, client);
            return;
        }
        client.isHome(home.sessions().loop());
        long entries = client.entries();
        SessionTable.Opened opened = home.sessions().open(clientId, connect.cleanStart());
        if (opened.present()) {
            home.wills().resumed(clientId);
        }
        Session session = opened.session();
        session.attach(client, expiry);
        Established established = new Established(client, services, home, session, handler, authenticating, will());
        client.established(established);
        client.promiseSince(entries);
        ConnAck ack = new ConnAck(opened.present(), ReasonCode.SUCCESS, told);
        boolean open = client.connection()
                .accept(
                        ack,
                        session.flows(),
                        IN_FLIGHT,
                        services.options().maxAliasesSent(),
                        client.link().loop().now(),
                        client);
        if (open) {
            client.opened();
            established.begin();
        }
    }

    private Optional<Kept.Will> will() {
        Will left = connect.will();
        if (!left.isPresent()) {
            return Optional.empty();
        }
        Publish publish = new Publish(
                false,
                left.qos(),
                left.retain(),
                left.topic(),
                left.qos() == QoS.AT_MOST_ONCE ? 0 : 1,
                left.properties().without(Property.WILL_DELAY_INTERVAL),
                left.payload());
        long delay = left.properties().number(Property.WILL_DELAY_INTERVAL, 0);
        return Optional.of(
                new Kept.Will(clientId, connect.credentials().userName().orElse(""), publish, delay, 0));
    }

    /** Unlike any other: 122 random bits. */
    private String assign() {
        return "auto-" + Long.toString(services.random().nextLong() >>> 1, 36) + "-"
                + Long.toString(services.random().nextLong() >>> 5, 36);
    }
}

package io.mqttx.broker.connection;

import io.mqttx.broker.api.AuthDecision;
import io.mqttx.broker.api.AuthStep;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.packet.Auth;
import io.mqttx.packet.Connect;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Enhanced authentication of one client (§4.12): each step to the handler, before CONNACK and again whenever the client
 * asks for it. Whose turn it is is known to the state machine. On the link's loop.
 */
final class Authenticating {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final Client client;
    private final BrokerHandler handler;
    private final String clientId;
    private final String method;
    private final Consumer<Properties> authenticated;

    private Authenticating(
            Client client, BrokerHandler handler, String clientId, String method, Consumer<Properties> authenticated) {
        this.client = client;
        this.handler = handler;
        this.clientId = clientId;
        this.method = method;
        this.authenticated = authenticated;
    }

    /**
     * That of the client that sent {@code connect}, if it wants any.
     *
     * @param authenticated told, before CONNACK, what CONNACK is to carry
     */
    static Optional<Authenticating> of(
            Client client,
            BrokerHandler handler,
            String clientId,
            Connect connect,
            Consumer<Properties> authenticated) {
        return connect.properties()
                .find(Property.AUTHENTICATION_METHOD)
                .filter(method -> !method.isEmpty())
                .map(method -> new Authenticating(client, handler, clientId, method, authenticated));
    }

    /** The CONNECT came, which names the method. */
    void begin(Properties ofConnect) {
        ask(new AuthStep(AuthStep.Kind.CONNECT, ofConnect));
    }

    /** An AUTH came, in its turn and with the method of CONNECT. */
    void handle(Auth auth) {
        boolean again = auth.reason() == ReasonCode.RE_AUTHENTICATE;
        ask(new AuthStep(again ? AuthStep.Kind.RE_AUTHENTICATE : AuthStep.Kind.CONTINUE, auth.properties()));
    }

    private void ask(AuthStep step) {
        AuthDecision decision;
        try {
            decision = orRefusal(handler.onAuth(step), null);
        } catch (Throwable e) {
            decision = orRefusal(null, e);
        }
        decided(decision);
    }

    private void decided(AuthDecision decision) {
        if (decision instanceof AuthDecision.Later later) {
            client.await(later.stage(), (value, error) -> {
                if (!client.isOver()) {
                    decided(orRefusal(value, error));
                }
            });
        } else if (decision instanceof AuthDecision.Challenge challenge) {
            say(ReasonCode.CONTINUE_AUTHENTICATION, challenge.properties());
        } else if (decision instanceof AuthDecision.Refuse refuse) {
            refuse(refuse);
        } else if (decision instanceof AuthDecision.Success success) {
            succeed(success);
        }
    }

    private void succeed(AuthDecision.Success success) {
        if (client.connection().isOpen()) {
            say(ReasonCode.SUCCESS, success.properties());
        } else {
            authenticated.accept(success.properties());
        }
    }

    private void refuse(AuthDecision.Refuse refuse) {
        if (!client.connection().isOpen()) {
            client.connection().refuse(refuse.reason(), refuse.properties(), client);
            return;
        }
        boolean sayable = refuse.reason().allowedIn(PacketType.DISCONNECT);
        client.disconnect(
                Cause.BY_SERVER,
                sayable ? refuse.reason() : ReasonCode.NOT_AUTHORIZED,
                refuse.properties()); // [MQTT-4.12.1-2]
    }

    private void say(ReasonCode reason, Properties properties) {
        client.connection()
                .authenticate(new Auth(reason, properties.with(Property.AUTHENTICATION_METHOD, method)), client);
    }

    private AuthDecision orRefusal(AuthDecision decision, Throwable error) {
        if (error == null && decision != null) {
            return decision;
        }
        Throwable why = error == null ? new IllegalStateException("no decision") : error;
        LOG.log(Level.ERROR, "the handler of client " + Quoted.of(clientId) + " failed in onAuth", why);
        return AuthDecision.refuse(ReasonCode.UNSPECIFIED_ERROR);
    }
}

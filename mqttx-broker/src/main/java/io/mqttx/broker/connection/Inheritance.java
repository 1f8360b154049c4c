package io.mqttx.broker.connection;

import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Connecting;
import io.mqttx.broker.limits.Quoted;
import io.mqttx.broker.session.Session;
import io.mqttx.broker.spi.Kept;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Will;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Objects;

/** What clients of a broker before this one left behind: sessions, and wills that nobody published. Before it listens. */
public final class Inheritance {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final Services services;

    /** For a broker with these services. */
    public Inheritance(Services services) {
        this.services = services;
    }

    /** Where the session of this client belongs. */
    public Home homeOf(String clientId) {
        return services.homes().of(clientId);
    }

    /** A will that is due in so many nanoseconds, or when its session ends. */
    public void will(Home home, Session session, Kept.Will will, long nanos) {
        home.wills().restore(session.key(), will, nanos, done -> publish(will, session, done));
    }

    /** The handler of the connection is gone, so a new one is asked. */
    private void publish(Kept.Will will, Session session, Runnable done) {
        BrokerHandler handler;
        try {
            handler = Objects.requireNonNull(services.handlers().restore(connecting(will)), "no handler");
        } catch (Throwable e) {
            LOG.log(Level.ERROR, "the will of client " + Quoted.of(will.publisher()) + " is lost: no handler", e);
            done.run();
            return;
        }
        new Deciding(services, will.publisher(), handler).publishWill(will.message(), session.loop(), done);
    }

    private static Connecting connecting(Kept.Will will) {
        Credentials credentials = will.userName().isEmpty() ? Credentials.NONE : Credentials.of(will.userName());
        Connect connect =
                new Connect(ProtocolVersion.V5, will.publisher(), false, 0, credentials, Will.NONE, Properties.EMPTY);
        return new Connecting(connect, will.publisher(), "before the broker was restarted", List.of());
    }
}

package io.mqttx.broker.api;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** Whether a client may come in. */
public sealed interface ConnectDecision {

    /** Come in. */
    static ConnectDecision accept() {
        return Accept.PLAIN;
    }

    /**
     * Come in, on these terms (version 5, except where it says otherwise).
     *
     * @param properties any of: server keep alive; session expiry interval, which replaces the client's, up to
     *     {@link BrokerOptions#maxSessionExpiry()}, for clients before version 5 as well if they ask for no clean session;
     *     response information, sent only to who requested it [MQTT-3.1.2-28]; authentication data; reason string; user
     *     properties
     */
    static ConnectDecision accept(Properties properties) {
        return new Accept(properties);
    }

    /**
     * Stay out.
     *
     * @param reason an error code of CONNACK; before version 5 the return code that comes nearest, or a close without
     *     CONNACK if there is none
     */
    static ConnectDecision reject(ReasonCode reason) {
        return new Reject(reason, Properties.EMPTY);
    }

    /** Stay out, with a reason string, a server reference or user properties (version 5). */
    static ConnectDecision reject(ReasonCode reason, Properties properties) {
        return new Reject(reason, properties);
    }

    /** Decided when {@code stage} completes; nothing of this client is read until then. */
    static ConnectDecision later(CompletionStage<ConnectDecision> stage) {
        return new Later(stage);
    }

    /** Come in. */
    record Accept(Properties properties) implements ConnectDecision {
        static final Accept PLAIN = new Accept(Properties.EMPTY);

        /** Checks that they are for an application to say. */
        public Accept {
            Given.properties(
                    properties,
                    "CONNACK",
                    Property.SERVER_KEEP_ALIVE,
                    Property.SESSION_EXPIRY_INTERVAL,
                    Property.RESPONSE_INFORMATION,
                    Property.AUTHENTICATION_DATA,
                    Property.REASON_STRING,
                    Property.USER_PROPERTY);
        }
    }

    /** Stay out. */
    record Reject(ReasonCode reason, Properties properties) implements ConnectDecision {
        /** Checks that the code may stand in CONNACK and says failure. */
        public Reject {
            if (!reason.isError() || !reason.allowedIn(PacketType.CONNACK)) {
                throw new IllegalArgumentException(reason + " does not refuse a CONNECT (§3.2.2.2)");
            }
            Given.explanation(properties, "a refusal");
        }
    }

    /** Not decided yet. */
    record Later(CompletionStage<ConnectDecision> stage) implements ConnectDecision {
        /** Checks that there is a stage. */
        public Later {
            Objects.requireNonNull(stage, "stage");
        }
    }
}

package io.mqttx.broker.api;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** What becomes of a message. */
public sealed interface PublishDecision {

    /** To everybody who subscribed, and into the retained messages if it says so. */
    static PublishDecision route() {
        return Route.INSTANCE;
    }

    /**
     * This message instead: another topic, payload, QoS, RETAIN or other properties. Its packet identifier and DUP
     * do not matter.
     */
    static PublishDecision routeInstead(Publish message) {
        return new RouteInstead(message);
    }

    /** The application has it; it is acknowledged and goes no further. */
    static PublishDecision handled() {
        return Handled.INSTANCE;
    }

    /**
     * Not accepted. Version 5 is told the code at QoS 1 and 2; before that the message is acknowledged and dropped
     * [MQTT-3.3.5-2].
     *
     * @param reason an error code of PUBACK
     */
    static PublishDecision refuse(ReasonCode reason) {
        return new Refuse(reason, Properties.EMPTY);
    }

    /** The same with a reason string or user properties for the answer. */
    static PublishDecision refuse(ReasonCode reason, Properties properties) {
        return new Refuse(reason, properties);
    }

    /**
     * Not accepted, and the client has to go.
     *
     * @param reason an error code of DISCONNECT
     */
    static PublishDecision disconnect(ReasonCode reason) {
        return new Disconnect(reason, Properties.EMPTY);
    }

    /** The same with a reason string, user properties or a server reference for DISCONNECT. */
    static PublishDecision disconnect(ReasonCode reason, Properties properties) {
        return new Disconnect(reason, properties);
    }

    /**
     * Decided when {@code stage} completes; nothing of this client is read until then. The time counts for the expiry of
     * the message (§3.3.2.3.3).
     */
    static PublishDecision later(CompletionStage<PublishDecision> stage) {
        return new Later(stage);
    }

    /** As it came. */
    record Route() implements PublishDecision {
        static final Route INSTANCE = new Route();
    }

    /** Changed. */
    record RouteInstead(Publish message) implements PublishDecision {
        /** Checks that there is a message with a topic. */
        public RouteInstead {
            if (message.topic().isNone()) {
                throw new IllegalArgumentException("a message needs a topic [MQTT-4.7.3-1]");
            }
        }
    }

    /** Taken by the application. */
    record Handled() implements PublishDecision {
        static final Handled INSTANCE = new Handled();
    }

    /** Refused. */
    record Refuse(ReasonCode reason, Properties properties) implements PublishDecision {
        /** Checks that the code may stand in PUBACK and says failure. */
        public Refuse {
            if (!reason.isError() || !reason.allowedIn(PacketType.PUBACK)) {
                throw new IllegalArgumentException(reason + " does not refuse a PUBLISH (§3.4.2.1)");
            }
            Given.properties(properties, "a refusal", Property.REASON_STRING, Property.USER_PROPERTY);
        }
    }

    /** Refused, and out. */
    record Disconnect(ReasonCode reason, Properties properties) implements PublishDecision {
        /** Checks that the code may stand in DISCONNECT and says failure. */
        public Disconnect {
            if (!reason.isError() || !reason.allowedIn(PacketType.DISCONNECT)) {
                throw new IllegalArgumentException(reason + " does not end a connection (§3.14.2.1)");
            }
            Given.explanation(properties, "DISCONNECT");
        }
    }

    /** Not decided yet. */
    record Later(CompletionStage<PublishDecision> stage) implements PublishDecision {
        /** Checks that there is a stage. */
        public Later {
            Objects.requireNonNull(stage, "stage");
        }
    }
}

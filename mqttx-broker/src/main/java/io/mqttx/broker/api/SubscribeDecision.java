package io.mqttx.broker.api;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** Whether a client may have a subscription. */
public sealed interface SubscribeDecision {

    /** Yes, with messages at this QoS or lower; more than was asked for is cut to that. */
    static SubscribeDecision grant(QoS maximumQoS) {
        return new Grant(maximumQoS);
    }

    /**
     * No.
     *
     * @param reason an error code of SUBACK; before version 5 the client sees 0x80
     */
    static SubscribeDecision refuse(ReasonCode reason) {
        return new Refuse(reason, Properties.EMPTY);
    }

    /**
     * The same with a reason string or user properties. SUBACK has one reason string for all its filters: the first.
     */
    static SubscribeDecision refuse(ReasonCode reason, Properties properties) {
        return new Refuse(reason, properties);
    }

    /**
     * No, and the client has to go.
     *
     * @param reason an error code of DISCONNECT
     */
    static SubscribeDecision disconnect(ReasonCode reason, Properties properties) {
        return new Disconnect(reason, properties);
    }

    /** Decided when {@code stage} completes; nothing of this client is read until then. */
    static SubscribeDecision later(CompletionStage<SubscribeDecision> stage) {
        return new Later(stage);
    }

    /** Granted. */
    record Grant(QoS maximumQoS) implements SubscribeDecision {
        /** Checks that there is a QoS. */
        public Grant {
            Objects.requireNonNull(maximumQoS, "maximumQoS");
        }
    }

    /** Refused. */
    record Refuse(ReasonCode reason, Properties properties) implements SubscribeDecision {
        /** Checks that the code may stand in SUBACK and says failure. */
        public Refuse {
            if (!reason.isError() || !reason.allowedIn(PacketType.SUBACK)) {
                throw new IllegalArgumentException(reason + " does not refuse a subscription (§3.9.3)");
            }
            Given.properties(properties, "a refusal", Property.REASON_STRING, Property.USER_PROPERTY);
        }
    }

    /** Refused, and out. */
    record Disconnect(ReasonCode reason, Properties properties) implements SubscribeDecision {
        /** Checks that the code may stand in DISCONNECT and says failure. */
        public Disconnect {
            if (!reason.isError() || !reason.allowedIn(PacketType.DISCONNECT)) {
                throw new IllegalArgumentException(reason + " does not end a connection (§3.14.2.1)");
            }
            Given.explanation(properties, "DISCONNECT");
        }
    }

    /** Not decided yet. */
    record Later(CompletionStage<SubscribeDecision> stage) implements SubscribeDecision {
        /** Checks that there is a stage. */
        public Later {
            Objects.requireNonNull(stage, "stage");
        }
    }
}

package io.mqttx.broker.api;

import io.mqttx.packet.PacketType;
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
        return new Refuse(reason);
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
    record Refuse(ReasonCode reason) implements SubscribeDecision {
        /** Checks that the code may stand in SUBACK and says failure. */
        public Refuse {
            if (!reason.isError() || !reason.allowedIn(PacketType.SUBACK)) {
                throw new IllegalArgumentException(reason + " does not refuse a subscription (§3.9.3)");
            }
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

package io.mqttx.broker.api;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletionStage;

/** What a client is answered in enhanced authentication (§4.12). The method is added by the broker [MQTT-4.12.0-5]. */
public sealed interface AuthDecision {

    /** More is needed: AUTH 0x18 with these authentication data [MQTT-4.12.0-2]. */
    static AuthDecision challenge(ByteBuffer data) {
        return new Challenge(Properties.of(Property.AUTHENTICATION_DATA, data));
    }

    /** It is who it says, or may stay so; nothing is left to say about it. */
    static AuthDecision success() {
        return new Success(Properties.EMPTY);
    }

    /** The same with last authentication data, which go with CONNACK or, in re-authentication, with AUTH 0x00. */
    static AuthDecision success(ByteBuffer data) {
        return new Success(Properties.of(Property.AUTHENTICATION_DATA, data));
    }

    /** Not so: CONNACK with this code, or DISCONNECT in re-authentication [MQTT-4.12.0-4] [MQTT-4.12.1-2]. */
    static AuthDecision refuse(ReasonCode reason) {
        return new Refuse(reason, Properties.EMPTY);
    }

    /** The same with a reason string or user properties. */
    static AuthDecision refuse(ReasonCode reason, Properties properties) {
        return new Refuse(reason, properties);
    }

    /** Decided when {@code stage} completes; nothing of this client is read until then. */
    static AuthDecision later(CompletionStage<AuthDecision> stage) {
        return new Later(stage);
    }

    /**
     * More is needed.
     *
     * @param properties of AUTH, without the method
     */
    record Challenge(Properties properties) implements AuthDecision {
        /** Checks that they may stand in AUTH. */
        public Challenge {
            requireOfAuth(properties);
        }
    }

    /**
     * Done.
     *
     * @param properties of CONNACK or AUTH, without the method
     */
    record Success(Properties properties) implements AuthDecision {
        /** Checks that they may stand in AUTH. */
        public Success {
            requireOfAuth(properties);
        }
    }

    /** Refused. In DISCONNECT a code that may stand in CONNACK alone becomes {@code NOT_AUTHORIZED}. */
    record Refuse(ReasonCode reason, Properties properties) implements AuthDecision {
        /** Checks that the code may stand in CONNACK and says failure. */
        public Refuse {
            if (!reason.isError() || !reason.allowedIn(PacketType.CONNACK)) {
                throw new IllegalArgumentException(reason + " does not refuse a CONNECT (§3.2.2.2)");
            }
            Given.explanation(properties, "a refusal");
        }
    }

    /** Not decided yet. */
    record Later(CompletionStage<AuthDecision> stage) implements AuthDecision {
        /** Checks that there is a stage. */
        public Later {
            Objects.requireNonNull(stage, "stage");
        }
    }

    private static void requireOfAuth(Properties properties) {
        Given.properties(
                properties, "AUTH", Property.AUTHENTICATION_DATA, Property.REASON_STRING, Property.USER_PROPERTY);
    }
}

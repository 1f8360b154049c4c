package io.mqttx.broker.api;

import io.mqttx.packet.ReasonCode;
import java.util.Objects;

/**
 * How a connection ended.
 *
 * @param cause  who or what ended it
 * @param code   the reason code that was sent or received, or that comes nearest
 * @param detail for people and logs
 */
public record DisconnectReason(Cause cause, ReasonCode code, String detail) {
    /** Who or what ended a connection. */
    public enum Cause {
        /** The client said DISCONNECT. */
        BY_CLIENT,
        /** The client closed without a word, or the network did. */
        CONNECTION_LOST,
        /** The client was silent for longer than its keep alive allows (§3.1.2.10). */
        KEEP_ALIVE_TIMEOUT,
        /** The same client connected again (§3.1.4). */
        TAKEN_OVER,
        /** The client broke the protocol (§4.13). */
        PROTOCOL_ERROR,
        /** The application, an operator, or a limit. */
        BY_SERVER,
        /** The broker stopped. */
        SHUTDOWN
    }

    /** Checks that all is there. */
    public DisconnectReason {
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(code, "code");
        Objects.requireNonNull(detail, "detail");
    }
}

package io.mqttx.protocol.flow;

import io.mqttx.packet.ReasonCode;
import java.util.Objects;

/**
 * The peer sent a packet that it must not send now. The connection says why, if it may, and closes (§4.13.1).
 *
 * <p>Apart from {@link io.mqttx.packet.ProtocolException}, which an application meets as well when it builds a bad
 * packet: a mistake in a handler must not be taken for one of the peer. Thrown before anything has changed, and
 * without a stack trace, which would say nothing about the peer.
 */
public final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;

    /**
     * A violation with this reason.
     *
     * @param message what is wrong, ending with the statement broken
     */
    public Violation(ReasonCode reason, String message) {
        super(message, null, false, false);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** A violation for which no reason code but {@link ReasonCode#PROTOCOL_ERROR} is defined. */
    public static Violation protocolError(String message) {
        return new Violation(ReasonCode.PROTOCOL_ERROR, message);
    }

    /** What the peer is told. */
    public ReasonCode reason() {
        return reason;
    }
}

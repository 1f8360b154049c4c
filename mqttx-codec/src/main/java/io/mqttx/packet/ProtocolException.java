package io.mqttx.packet;

import java.util.Objects;

/**
 * A packet that breaks the standard: met while decoding the peer's bytes, or while building one ourselves.
 *
 * <p>The same checks serve both directions, so what the encoder writes the decoder would accept. On a
 * connection the {@link #reason()} goes into the DISCONNECT or CONNACK (§4.13); in local code this is simply
 * an {@link IllegalArgumentException}.
 */
public final class ProtocolException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final ReasonCode reason;

    /**
     * An error with this reason.
     *
     * @param message what is wrong, ending with the statement broken, such as {@code [MQTT-3.3.1-2]}
     */
    public ProtocolException(ReasonCode reason, String message) {
        super(message);
        this.reason = Objects.requireNonNull(reason, "reason");
    }

    /** Bytes that cannot be read as the standard says: {@link ReasonCode#MALFORMED_PACKET}. */
    public static ProtocolException malformed(String message) {
        return new ProtocolException(ReasonCode.MALFORMED_PACKET, message);
    }

    /** Readable, and forbidden: {@link ReasonCode#PROTOCOL_ERROR}. */
    public static ProtocolException protocolError(String message) {
        return new ProtocolException(ReasonCode.PROTOCOL_ERROR, message);
    }

    /** What the peer is told: an error code of 0x80 or above. */
    public ReasonCode reason() {
        return reason;
    }
}

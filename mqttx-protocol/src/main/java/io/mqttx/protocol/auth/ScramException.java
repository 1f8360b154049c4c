package io.mqttx.protocol.auth;

/** The other side said what SCRAM does not allow, or could not prove what it said. Without a stack trace. */
public final class ScramException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** That; the message holds nothing of what the other side said. */
    public ScramException(String message) {
        super(message, null, false, false);
    }
}

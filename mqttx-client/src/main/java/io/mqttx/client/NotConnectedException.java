package io.mqttx.client;

/**
 * There is no connection, or it ended before the answer came. Nothing is queued behind the caller's back; whether the
 * server has seen what was sent before the end is not known.
 */
public final class NotConnectedException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    private final transient DisconnectReason reason;

    NotConnectedException(DisconnectReason reason) {
        super("not connected: " + reason, reason.error().orElse(null));
        this.reason = reason;
    }

    /** How the connection ended. */
    public DisconnectReason reason() {
        return reason;
    }
}

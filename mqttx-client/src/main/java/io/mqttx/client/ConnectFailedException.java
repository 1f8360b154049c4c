package io.mqttx.client;

/** There is no connection: the server could not be reached, did not answer in time, or broke the protocol. */
public class ConnectFailedException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    private final transient DisconnectReason reason;

    ConnectFailedException(DisconnectReason reason) {
        super("not connected: " + reason, reason.error().orElse(null));
        this.reason = reason;
    }

    /** Why. */
    public DisconnectReason reason() {
        return reason;
    }
}

package io.mqttx.client;

/**
 * Too much is under way, and to wait would take memory without bound or for ever: the server reads too slowly for what
 * is published, or a callback waits for an answer while the messages that come before the answer pile up.
 */
public final class FlowControlException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    FlowControlException(String message) {
        super(message);
    }
}

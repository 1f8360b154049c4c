package io.mqttx.client;

/** The calling thread was interrupted while it waited; its interrupt flag is set again. */
public final class WaitInterruptedException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    WaitInterruptedException(InterruptedException cause) {
        super("interrupted while waiting", cause);
    }
}

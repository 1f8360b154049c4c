package io.mqttx.client;

/** What a client could not do. Each subclass is one kind of trouble and says what is known about it. */
public abstract class MqttClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MqttClientException(String message) {
        super(message);
    }

    MqttClientException(String message, Throwable cause) {
        super(message, cause);
    }
}

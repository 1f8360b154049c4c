package io.mqttx.client;

/** The server did not answer in time. It may have got the request all the same. */
public final class RequestTimeoutException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    RequestTimeoutException(String message) {
        super(message);
    }
}

package io.mqttx.client;

import io.mqttx.packet.ReasonCode;

/** The server refused a message, in PUBACK, PUBREC or PUBCOMP (§3.4.2.1, §3.5.2.1): version 5 only. */
public final class PublishRefusedException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    private final String topic;
    private final ReasonCode code;

    PublishRefusedException(String topic, ReasonCode code) {
        super("message to " + topic + " refused: " + code);
        this.topic = topic;
        this.code = code;
    }

    /** Where the message was to go. */
    public String topic() {
        return topic;
    }

    /** What the server said. */
    public ReasonCode code() {
        return code;
    }
}

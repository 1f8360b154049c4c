package io.mqttx.client;

/** A message that waited in the {@link OfflineQueue} was given up: it was too old, or had to make room. */
public final class MessageDroppedException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    private final String topic;

    MessageDroppedException(String topic, String why) {
        super("message to " + topic + " dropped: " + why);
        this.topic = topic;
    }

    /** Where the message was to go. */
    public String topic() {
        return topic;
    }
}

package io.mqttx.client;

import io.mqttx.packet.ReasonCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The server refused topic filters of a SUBSCRIBE (§3.9.3) or an UNSUBSCRIBE (§3.11.3). The other filters of the same
 * request were granted.
 */
public final class FilterRefusedException extends MqttClientException {
    private static final long serialVersionUID = 1L;

    private final transient Map<String, ReasonCode> refused;

    FilterRefusedException(Map<String, ReasonCode> refused) {
        super(refused.entrySet().stream()
                .map(entry -> entry.getKey() + ": " + entry.getValue())
                .collect(Collectors.joining(", ", "refused: ", "")));
        this.refused = new LinkedHashMap<>(refused);
    }

    /** The refused filters in the order of the request, and what the server said; before version 5 always 0x80. */
    public Map<String, ReasonCode> refused() {
        return new LinkedHashMap<>(refused);
    }
}

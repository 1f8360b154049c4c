package io.mqttx.broker.api;

import java.util.Objects;

/**
 * Where clients may come in.
 *
 * @param host the address to listen at, as a name or number
 * @param port 0 to 65535; 0 picks a free one
 */
public record Listener(String host, int port) {
    /** Checks the range. */
    public Listener {
        Objects.requireNonNull(host, "host");
        if (port < 0 || port > 0xFFFF) {
            throw new IllegalArgumentException("port is 0 to 65535, not " + port);
        }
    }

    /** MQTT over TCP. */
    public static Listener tcp(String host, int port) {
        return new Listener(host, port);
    }
}

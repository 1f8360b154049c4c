package io.mqttx.client;

import io.mqttx.packet.Properties;
import io.mqttx.packet.Subscription;
import java.util.Objects;

/**
 * A subscription that the server has granted, as a {@link SessionStore} keeps it.
 *
 * @param subscription filter and options
 * @param properties   those of its SUBSCRIBE; empty before version 5
 */
public record StoredSubscription(Subscription subscription, Properties properties) {
    /** Checks that both are there. */
    public StoredSubscription {
        Objects.requireNonNull(subscription, "subscription");
        Objects.requireNonNull(properties, "properties");
    }
}

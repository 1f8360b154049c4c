package io.mqttx.broker.api;

import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import java.util.Objects;

/**
 * A subscription, as it was when somebody asked (§3.8.3.1).
 *
 * @param clientId          whose it is
 * @param filter            what to, with {@code $share/…/} if it is shared
 * @param maximumQoS        as granted
 * @param noLocal           not what the client published itself
 * @param retainAsPublished RETAIN stays as it was published
 * @param identifier        1 to 268,435,455, or 0 for none
 */
public record SubscriptionInfo(
        String clientId,
        TopicFilter filter,
        QoS maximumQoS,
        boolean noLocal,
        boolean retainAsPublished,
        int identifier) {
    /** Checks that all is there. */
    public SubscriptionInfo {
        Objects.requireNonNull(clientId, "clientId");
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(maximumQoS, "maximumQoS");
    }
}

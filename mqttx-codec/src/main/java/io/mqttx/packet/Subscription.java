package io.mqttx.packet;

import io.mqttx.topic.TopicFilter;
import java.util.Objects;

/**
 * One topic filter of a SUBSCRIBE with its options (§3.8.3.1).
 *
 * @param filter            what is subscribed to
 * @param maximumQoS        the highest QoS at which messages are wanted
 * @param noLocal           whether the client's own messages are left out; not for a shared filter; version 5 only
 * @param retainAsPublished whether RETAIN stays as it was published; version 5 only
 * @param retainHandling    which retained messages are sent at once; version 5 only
 */
public record Subscription(
        TopicFilter filter, QoS maximumQoS, boolean noLocal, boolean retainAsPublished, RetainHandling retainHandling) {
    /** Checks everything. */
    public Subscription {
        Objects.requireNonNull(filter, "filter");
        Objects.requireNonNull(maximumQoS, "maximumQoS");
        Objects.requireNonNull(retainHandling, "retainHandling");
        if (noLocal && filter.isShared()) {
            throw ProtocolException.protocolError("no local on a shared subscription [MQTT-3.8.3-4]");
        }
    }

    /** With the options that 3.x knows. */
    public Subscription(TopicFilter filter, QoS maximumQoS) {
        this(filter, maximumQoS, false, false, RetainHandling.SEND);
    }
}

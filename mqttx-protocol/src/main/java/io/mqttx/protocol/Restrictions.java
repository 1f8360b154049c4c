package io.mqttx.protocol;

import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.protocol.flow.Violation;

/** What a server does not take from a client, asked when it has come: the counterpart of {@link Permissions}. */
final class Restrictions {
    private Restrictions() {}

    static void check(Publish publish, Terms terms) {
        if (publish.qos().compareTo(terms.maximumQoS()) > 0) {
            throw new Violation(
                    ReasonCode.QOS_NOT_SUPPORTED, "PUBLISH above " + terms.maximumQoS() + " [MQTT-3.2.2-11]");
        }
        if (publish.retain() && !terms.retainAvailable()) {
            throw new Violation(ReasonCode.RETAIN_NOT_SUPPORTED, "PUBLISH with RETAIN [MQTT-3.2.2-14]");
        }
        if (publish.properties().has(Property.SUBSCRIPTION_IDENTIFIER)) {
            throw Violation.protocolError("subscription identifier from a client [MQTT-3.3.4-6]");
        }
    }

    /** An older client cannot know better: its filters are for the owner to refuse, one by one. */
    static void check(Subscribe subscribe, Terms terms) {
        if (!terms.version().hasProperties()) {
            return;
        }
        if (!terms.subscriptionIdentifiersAvailable() && subscribe.properties().has(Property.SUBSCRIPTION_IDENTIFIER)) {
            throw new Violation(
                    ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED, "subscription identifier (§3.2.2.3.12)");
        }
        for (Subscription wanted : subscribe.subscriptions()) {
            if (wanted.filter().hasWildcard() && !terms.wildcardSubscriptionsAvailable()) {
                throw new Violation(
                        ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED, wanted.filter() + " (§3.2.2.3.11)");
            }
            if (wanted.filter().isShared() && !terms.sharedSubscriptionsAvailable()) {
                throw new Violation(ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED, wanted.filter() + " (§3.2.2.3.13)");
            }
        }
    }
}

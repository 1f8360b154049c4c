package io.mqttx.broker.api;

import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import java.util.Objects;
import java.util.Set;

/**
 * What of MQTT a broker offers. Version 5 is told in CONNACK what is missing; who asks for it nevertheless is
 * disconnected with the reason code that says so. An older client cannot be told: it gets 0x80 for such a filter, and is
 * disconnected for such a message.
 *
 * @param maximumQoS              the highest QoS of a PUBLISH to the broker, of a will, and of a grant (§3.2.2.3.4)
 * @param retain                  whether messages may be retained (§3.2.2.3.5); without it RETAIN is 0 on all of them
 * @param wildcardSubscriptions   whether filters may hold wildcards (§3.2.2.3.11)
 * @param sharedSubscriptions     whether filters may be shared (§3.2.2.3.13)
 * @param subscriptionIdentifiers whether SUBSCRIBE may carry one (§3.2.2.3.12)
 * @param versions                versions spoken, at least one; others are refused with 0x84 or return code 1
 */
public record Capabilities(
        QoS maximumQoS,
        boolean retain,
        boolean wildcardSubscriptions,
        boolean sharedSubscriptions,
        boolean subscriptionIdentifiers,
        Set<ProtocolVersion> versions) {
    private static final Capabilities ALL =
            new Capabilities(QoS.EXACTLY_ONCE, true, true, true, true, Set.of(ProtocolVersion.values()));

    /** Checks that a version is left. */
    public Capabilities {
        Objects.requireNonNull(maximumQoS, "maximumQoS");
        versions = Set.copyOf(versions);
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("versions: at least one is needed");
        }
    }

    /** All that there is: the default. */
    public static Capabilities all() {
        return ALL;
    }

    /** The same with this as the highest QoS. */
    public Capabilities withMaximumQoS(QoS value) {
        return new Capabilities(
                value, retain, wildcardSubscriptions, sharedSubscriptions, subscriptionIdentifiers, versions);
    }

    /** The same without retained messages. */
    public Capabilities withoutRetain() {
        return new Capabilities(
                maximumQoS, false, wildcardSubscriptions, sharedSubscriptions, subscriptionIdentifiers, versions);
    }

    /** The same without wildcards in filters. */
    public Capabilities withoutWildcardSubscriptions() {
        return new Capabilities(maximumQoS, retain, false, sharedSubscriptions, subscriptionIdentifiers, versions);
    }

    /** The same without shared subscriptions. */
    public Capabilities withoutSharedSubscriptions() {
        return new Capabilities(maximumQoS, retain, wildcardSubscriptions, false, subscriptionIdentifiers, versions);
    }

    /** The same without subscription identifiers. */
    public Capabilities withoutSubscriptionIdentifiers() {
        return new Capabilities(maximumQoS, retain, wildcardSubscriptions, sharedSubscriptions, false, versions);
    }

    /** The same for these versions alone. */
    public Capabilities withVersions(ProtocolVersion... values) {
        return new Capabilities(
                maximumQoS,
                retain,
                wildcardSubscriptions,
                sharedSubscriptions,
                subscriptionIdentifiers,
                Set.of(values));
    }
}

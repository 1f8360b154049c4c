package io.mqttx.broker.routing;

import io.mqttx.broker.api.SubscriptionInfo;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import java.util.Arrays;
import java.util.Objects;

/**
 * What a subscription entitles to, or several that overlap (§3.8.3.1).
 *
 * @param maximumQoS        the highest QoS of a delivery
 * @param noLocal           not what the subscriber published itself
 * @param retainAsPublished RETAIN stays as it was published
 * @param identifiers       the subscription identifiers to tell, often none; not to be written to
 * @param seat              the place in a shared subscription that it belongs to, or {@link Seat#NONE}
 */
@SuppressWarnings("ArrayRecordComponent") // read on the path of every message
public record Grant(QoS maximumQoS, boolean noLocal, boolean retainAsPublished, int[] identifiers, Seat seat) {
    private static final int[] NO_IDENTIFIERS = {};

    /** Checks that all is there. */
    public Grant {
        Objects.requireNonNull(maximumQoS, "maximumQoS");
        Objects.requireNonNull(identifiers, "identifiers");
        Objects.requireNonNull(seat, "seat");
    }

    /**
     * That of one subscription.
     *
     * @param identifier 1 to 268,435,455, or 0 for none
     */
    public static Grant of(QoS maximumQoS, boolean noLocal, boolean retainAsPublished, int identifier) {
        int[] identifiers = identifier == 0 ? NO_IDENTIFIERS : new int[] {identifier};
        return new Grant(maximumQoS, noLocal, retainAsPublished, identifiers, Seat.NONE);
    }

    /** The same for the member of a shared subscription. */
    Grant at(Seat place) {
        return new Grant(maximumQoS, noLocal, retainAsPublished, identifiers, place);
    }

    /** That of two subscriptions which both match: one copy at the higher QoS with all identifiers [MQTT-3.3.4-2]. */
    public Grant and(Grant other) {
        int[] both = Arrays.copyOf(identifiers, identifiers.length + other.identifiers.length);
        System.arraycopy(other.identifiers, 0, both, identifiers.length, other.identifiers.length);
        QoS higher = maximumQoS.code() >= other.maximumQoS.code() ? maximumQoS : other.maximumQoS;
        return new Grant(higher, false, retainAsPublished || other.retainAsPublished, both, Seat.NONE);
    }

    /** The subscription of this client for which it was given. */
    public SubscriptionInfo describe(String clientId, TopicFilter filter) {
        int identifier = identifiers.length == 0 ? 0 : identifiers[0];
        return new SubscriptionInfo(clientId, filter, maximumQoS, noLocal, retainAsPublished, identifier);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Grant grant
                && maximumQoS == grant.maximumQoS
                && noLocal == grant.noLocal
                && retainAsPublished == grant.retainAsPublished
                && Arrays.equals(identifiers, grant.identifiers)
                && seat == grant.seat;
    }

    @Override
    public int hashCode() {
        return Objects.hash(maximumQoS, noLocal, retainAsPublished, Arrays.hashCode(identifiers));
    }

    @Override
    public String toString() {
        return maximumQoS
                + (noLocal ? " no local" : "")
                + (retainAsPublished ? " retain as published" : "")
                + Arrays.toString(identifiers);
    }
}

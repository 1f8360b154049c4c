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
    private static final int KINDS = 4; // for each QoS
    private static final Grant[] PLAIN = plain(); // those without identifier: many subscriptions have the same

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
        return identifier == 0
                ? PLAIN[maximumQoS.code() * KINDS + (noLocal ? 2 : 0) + (retainAsPublished ? 1 : 0)]
                : new Grant(maximumQoS, noLocal, retainAsPublished, new int[] {identifier}, Seat.NONE);
    }

    private static Grant[] plain() {
        Grant[] all = new Grant[QoS.values().length * KINDS];
        for (int i = 0; i < all.length; i++) {
            all[i] = new Grant(QoS.of(i / KINDS), (i & 2) != 0, (i & 1) != 0, NO_IDENTIFIERS, Seat.NONE);
        }
        return all;
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

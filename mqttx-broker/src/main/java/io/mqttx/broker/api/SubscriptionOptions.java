package io.mqttx.broker.api;

import java.util.Objects;

/**
 * How a broker treats subscriptions.
 *
 * @param maxPerClient       subscriptions of one client, at least 1; one more is answered with 0x97. Default 10,000
 * @param overlapping        what a client gets of which several subscriptions match. Default {@link Overlapping#ONE_COPY}
 * @param sharedStrategy     which member of a shared subscription gets a message. Default
 *                           {@link SharedStrategy#ROUND_ROBIN}
 * @param passOnWhenLost     whether a QoS 1 message of a shared subscription that was sent and not acknowledged goes to
 *                           another member as soon as the connection is lost. Otherwise it waits for its client, and
 *                           goes to another when the session ends (§4.8.2). Default false: nobody gets it twice without need
 */
public record SubscriptionOptions(
        int maxPerClient, Overlapping overlapping, SharedStrategy sharedStrategy, boolean passOnWhenLost) {
    private static final SubscriptionOptions DEFAULTS =
            new SubscriptionOptions(10_000, Overlapping.ONE_COPY, SharedStrategy.ROUND_ROBIN, false);

    /** What a client gets of which several subscriptions match one message (§3.3.4). */
    public enum Overlapping {
        /** One copy at the highest QoS, with the identifiers of all. */
        ONE_COPY,
        /** A copy for each subscription, with its own QoS, identifier and RETAIN. */
        COPY_EACH
    }

    /** Checks the range. */
    public SubscriptionOptions {
        if (maxPerClient < 1) {
            throw new IllegalArgumentException("maxPerClient is at least 1, not " + maxPerClient);
        }
        Objects.requireNonNull(overlapping, "overlapping");
        Objects.requireNonNull(sharedStrategy, "sharedStrategy");
    }

    /** The defaults above. */
    public static SubscriptionOptions defaults() {
        return DEFAULTS;
    }

    /** The same with another {@link #maxPerClient}. */
    public SubscriptionOptions withMaxPerClient(int subscriptions) {
        return new SubscriptionOptions(subscriptions, overlapping, sharedStrategy, passOnWhenLost);
    }

    /** The same with another {@link #overlapping}. */
    public SubscriptionOptions withOverlapping(Overlapping value) {
        return new SubscriptionOptions(maxPerClient, value, sharedStrategy, passOnWhenLost);
    }

    /** The same with another {@link #sharedStrategy}. */
    public SubscriptionOptions withSharedStrategy(SharedStrategy value) {
        return new SubscriptionOptions(maxPerClient, overlapping, value, passOnWhenLost);
    }

    /** The same with another {@link #passOnWhenLost}. */
    public SubscriptionOptions withPassOnWhenLost(boolean value) {
        return new SubscriptionOptions(maxPerClient, overlapping, sharedStrategy, value);
    }
}

package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Loop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Gives a message to everybody who subscribed, on their loops. Safe for all threads. */
public final class Router {
    private final SubscriptionTree tree;
    private final Shards shards;

    /** A router over this tree, for subscribers on these loops. */
    public Router(SubscriptionTree tree, List<Loop> loops) {
        this.tree = tree;
        this.shards = new Shards(loops);
    }

    /**
     * Delivers at once what belongs to the caller's loop, and posts the rest. Messages that one thread routes arrive in
     * their order [MQTT-4.6.0-5].
     *
     * @return whether anybody gets it
     */
    public boolean route(SharedMessage message) {
        SubscriptionTree.Matches matches = tree.match(message.publish().topic());
        Round round = new Round(message);
        if (matches.plain.size() == 1) {
            matches.plain.get(0).forEach(round);
        } else if (!matches.plain.isEmpty()) {
            merged(matches.plain, message).forEach(round);
        }
        for (SharedGroup group : matches.shared) {
            group.next(round);
        }
        return round.any;
    }

    /** One grant for each subscriber, however many of its filters match (§3.3.4). */
    private static Map<Subscriber, Grant> merged(List<Subscribers> all, SharedMessage message) {
        Map<Subscriber, Grant> merged = new LinkedHashMap<>(); // in an order that is the same in every run
        for (Subscribers subscribers : all) {
            subscribers.forEach((subscriber, grant) -> {
                if (!isOwn(message, subscriber, grant)) {
                    merged.merge(subscriber, grant, Grant::and);
                }
            });
        }
        return merged;
    }

    /** A client's own message, which it does not want back [MQTT-3.8.3-3]. */
    private static boolean isOwn(SharedMessage message, Subscriber subscriber, Grant grant) {
        return grant.noLocal() && subscriber.clientId().equals(message.publisher());
    }

    /** The deliveries of one message. */
    private final class Round implements BiConsumer<Subscriber, Grant> {
        private final SharedMessage message;
        private boolean any;

        Round(SharedMessage message) {
            this.message = message;
        }

        @Override
        public void accept(Subscriber subscriber, Grant grant) {
            if (isOwn(message, subscriber, grant)) {
                return;
            }
            any = true;
            Loop loop = subscriber.loop();
            if (loop.isCurrent()) {
                Delivering.to(subscriber, message, grant);
            } else {
                shards.post(loop, message, subscriber, grant);
            }
        }
    }
}

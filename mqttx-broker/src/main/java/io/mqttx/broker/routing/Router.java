package io.mqttx.broker.routing;

import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Journal;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicFilter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Gives a message to everybody who subscribed, on their loops. Safe for all threads. */
public final class Router {
    private final SubscriptionTree tree;
    private final Shards shards;
    private final boolean copyEach;
    private final boolean refusing;
    private final Journals journals;

    /** What became of a message. */
    public enum Routed {
        /** It is on its way to one subscriber or more. */
        SOMEBODY,
        /** Nobody subscribed to it. */
        NOBODY,
        /** Somebody did, but all would have to keep it and are full. Only where the queues' policy is to refuse. */
        ALL_FULL,
        /** Somebody would have to keep it, and nothing can be kept now: nobody got it. */
        NOT_KEPT
    }

    /** A router over this tree, for subscribers on these loops. */
    public Router(
            SubscriptionTree tree, List<Loop> loops, Overlapping overlapping, WhenFull whenFull, Journals journals) {
        this.tree = tree;
        this.journals = journals;
        this.shards = new Shards(loops);
        this.copyEach = overlapping == Overlapping.COPY_EACH;
        this.refusing = whenFull == WhenFull.REFUSE;
    }

    /**
     * Delivers at once what belongs to the caller's loop, and posts the rest. Messages that one thread routes arrive in
     * their order [MQTT-4.6.0-5].
     *
     * @param journal the caller's, if anything is kept
     */
    public Routed route(SharedMessage message, Optional<Journal> journal) {
        SubscriptionTree.Matches matches = tree.match(message.publish().topic());
        Round round = new Round(message, journal);
        if (matches.plain.size() == 1 || copyEach) {
            for (Subscribers each : matches.plain) {
                each.forEach(round);
            }
        } else if (!matches.plain.isEmpty()) {
            merge(matches.plain, round);
        }
        for (SharedGroup group : matches.shared) {
            Seat seat = group.pick(message);
            if (seat != Seat.NONE) {
                round.accept(seat.subscriber(), seat.grant());
            }
        }
        return round.end();
    }

    /**
     * Gives a message that the member in {@code seat} did not get to another member of the same shared subscription.
     *
     * @param onlyOnline whether it has to be one who is connected, takes a message of that size and has room for it
     * @return whether there is one
     */
    public boolean passOn(SharedMessage message, Seat seat, boolean onlyOnline) {
        return passOn(message, seat.group(), onlyOnline);
    }

    /**
     * Gives a message that waited for somebody who has left this shared subscription to one who has not.
     *
     * @return whether there is one
     */
    public boolean passOn(SharedMessage message, TopicFilter share) {
        return tree.group(share).map(group -> passOn(message, group, false)).orElse(false);
    }

    private boolean passOn(SharedMessage message, SharedGroup group, boolean onlyOnline) {
        Seat other = onlyOnline ? group.pickOnline(message) : group.pick(message);
        if (other == Seat.NONE) {
            return false;
        }
        if (onlyOnline && other.subscriber().isFullFor(message, other.room().onTheirWay() - 1)) {
            other.room().arrived(); // or rather, it never leaves: where it is it can wait
            return false;
        }
        if (journals.keeps()) {
            Mailing mailing = new Mailing(message, journals, journals.here());
            mailing.add(other.subscriber(), other.grant());
            mailing.send(shards);
        } else {
            send(message, other.subscriber(), other.grant());
        }
        return true;
    }

    /**
     * One grant for each subscriber, however many of its filters match (§3.3.4). The subscribers of the most popular
     * filter are not copied: the others are met by the way.
     */
    private static void merge(List<Subscribers> all, Round round) {
        Subscribers most =
                all.stream().max(Comparator.comparingInt(Subscribers::size)).orElseThrow();
        Map<Subscriber, Grant> others = new LinkedHashMap<>(); // in an order that is the same in every run
        for (Subscribers subscribers : all) {
            if (subscribers != most) {
                subscribers.forEach((subscriber, grant) -> {
                    if (!isOwn(round.message, subscriber, grant)) {
                        others.merge(subscriber, grant, Grant::and);
                    }
                });
            }
        }
        most.forEach((subscriber, grant) -> {
            if (!isOwn(round.message, subscriber, grant)) {
                Grant other = others.remove(subscriber);
                round.accept(subscriber, other == null ? grant : grant.and(other));
            }
        });
        others.forEach(round);
    }

    /** A client's own message, which it does not want back [MQTT-3.8.3-3]. */
    private static boolean isOwn(SharedMessage message, Subscriber subscriber, Grant grant) {
        return grant.noLocal() && subscriber.clientId().equals(message.publisher());
    }

    private void send(SharedMessage message, Subscriber subscriber, Grant grant) {
        Loop loop = subscriber.loop();
        if (loop.isCurrent()) {
            Delivering.to(subscriber, message, grant, 0);
        } else {
            shards.post(loop, message, subscriber, grant, 0);
        }
    }

    /** The deliveries of one message. */
    private final class Round implements BiConsumer<Subscriber, Grant> {
        private final SharedMessage message;
        private final Optional<Mailing> mailing; // there if some may keep theirs
        private Routed outcome = Routed.NOBODY;

        Round(SharedMessage message, Optional<Journal> journal) {
            this.message = message;
            this.mailing =
                    journal.isPresent() ? Optional.of(new Mailing(message, journals, journal.get())) : Optional.empty();
        }

        @Override
        public void accept(Subscriber subscriber, Grant grant) {
            if (isOwn(message, subscriber, grant)) {
                return;
            }
            if (refusing && isFull(subscriber, grant)) {
                outcome = outcome == Routed.NOBODY ? Routed.ALL_FULL : outcome;
                return;
            }
            outcome = Routed.SOMEBODY;
            if (mailing.isPresent()) {
                mailing.get().add(subscriber, grant);
            } else {
                send(message, subscriber, grant);
            }
        }

        Routed end() {
            if (mailing.isPresent() && !mailing.get().canBeKept()) {
                mailing.get().cancel();
                return Routed.NOT_KEPT;
            }
            if (mailing.isPresent()) {
                mailing.get().send(shards);
            }
            return outcome;
        }

        private boolean isFull(Subscriber subscriber, Grant grant) {
            boolean kept = message.publish().qos().atMost(grant.maximumQoS()) != QoS.AT_MOST_ONCE;
            if (!kept || !subscriber.isFullFor(message, 0)) {
                return false;
            }
            if (grant.seat().isShared()) {
                grant.seat().room().arrived(); // or rather, it never left
            }
            subscriber.missed(message);
            return true;
        }
    }
}

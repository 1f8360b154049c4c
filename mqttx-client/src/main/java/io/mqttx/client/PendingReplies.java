package io.mqttx.client;

import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.topic.TopicFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What the server has to answer, by packet identifier, and what its answers mean to who waits for them. Guarded by the
 * lock of the client.
 */
final class PendingReplies {
    private final Map<Integer, Reply> replies = new HashMap<>();
    private final ClientSession session;
    private final Subscriptions subscriptions;
    private final Completions completions;
    private final EventQueue events;
    private int awaited;

    PendingReplies(ClientSession session) {
        this.session = session;
        this.subscriptions = session.subscriptions();
        this.completions = session.completions();
        this.events = session.events();
    }

    /** The answer with this identifier is for {@code reply}. */
    void put(int packetId, Reply reply) {
        replies.put(packetId, reply);
        if (reply.isAwaited()) {
            awaited++;
        }
    }

    /** Whether there is one with this identifier. */
    boolean isPending(int packetId) {
        return replies.containsKey(packetId);
    }

    /** Whether somebody waits for one of them, or may. */
    boolean isAwaited() {
        return awaited > 0;
    }

    /** The server answered SUBSCRIBE, with a reason for each filter. */
    void answered(SubAck subAck) {
        Optional<Reply> reply = take(subAck.packetId());
        if (reply.isEmpty() || !(reply.get() instanceof Reply.OfSubscribe subscribe)) {
            return;
        }
        tell(subscribe.entries(), subAck, subscribe.sentAt());
        if (subscribe.promise().isEmpty()) {
            answeredAgain(subscribe.entries(), subAck.reasons());
            return;
        }
        List<QoS> granted = new ArrayList<>();
        Map<String, ReasonCode> refused = new LinkedHashMap<>();
        for (int i = 0; i < subAck.reasons().size(); i++) {
            Subscriptions.Entry entry = subscribe.entries().get(i);
            ReasonCode reason = subAck.reasons().get(i);
            if (reason.isError()) {
                refused.put(entry.filter().text(), reason);
                subscriptions.refuse(entry);
            } else {
                subscriptions.grant(entry);
                granted.add(QoS.of(reason.code()));
            }
        }
        conclude(subscribe.promise().get(), granted, refused);
    }

    private void answeredAgain(List<Subscriptions.Entry> entries, List<ReasonCode> reasons) {
        for (int i = 0; i < entries.size(); i++) {
            if (reasons.get(i).isError()) {
                session.requests().lost(entries.get(i), reasons.get(i));
            } else {
                entries.get(i).confirm();
            }
        }
    }

    /** The server answered UNSUBSCRIBE, with a reason for each filter from version 5 on. */
    void answered(UnsubAck unsubAck) {
        Optional<Reply> reply = take(unsubAck.packetId());
        if (reply.isPresent() && reply.get() instanceof Reply.OfUnsubscribe unsubscribe) {
            List<ReasonCode> reasons = new ArrayList<>();
            Map<String, ReasonCode> refused = new LinkedHashMap<>();
            for (int i = 0; i < unsubscribe.filters().size(); i++) {
                TopicFilter filter = unsubscribe.filters().get(i);
                ReasonCode reason = unsubAck.reasons().isEmpty()
                        ? ReasonCode.SUCCESS
                        : unsubAck.reasons().get(i);
                reasons.add(reason);
                if (reason.isError()) {
                    refused.put(filter.text(), reason);
                } else {
                    subscriptions.remove(filter);
                }
            }
            conclude(unsubscribe.promise(), reasons, refused);
        }
    }

    /** The server is done with a message. */
    void answered(int packetId, ReasonCode reason) {
        Optional<Reply> reply = take(packetId);
        if (reply.isPresent() && reply.get() instanceof Reply.OfPublish publish) {
            if (events.isOn()) {
                tell(publish, reason);
            }
            if (reason.isError()) {
                refused(publish, packetId, reason);
            } else if (publish.promise().isPresent()) {
                publish.promise().get().succeed(reason, completions);
            }
        }
    }

    private void refused(Reply.OfPublish publish, int packetId, ReasonCode reason) {
        session.counts().messageRefused();
        String topic = publish.message().topic().text();
        publish.promise()
                .ifPresentOrElse(
                        promise -> promise.fail(new PublishRefusedException(topic, reason), completions),
                        () -> session.callbacks()
                                .add(() ->
                                        session.handler().onPublishRefused(session.client(), topic, packetId, reason)));
    }

    private void tell(Reply.OfPublish publish, ReasonCode reason) {
        Duration took = events.since(publish.sentAt());
        events.add(to -> to.publishDone(session.client(), publish.message(), reason, took));
    }

    private void tell(List<Subscriptions.Entry> entries, SubAck subAck, long sentAt) {
        if (events.isOn()) {
            Duration took = events.since(sentAt);
            List<Subscription> subscriptions =
                    entries.stream().map(Subscriptions.Entry::subscription).toList();
            events.add(to -> to.subscribeDone(session.client(), subscriptions, subAck.reasons(), took));
        }
    }

    /**
     * None of them will be answered.
     *
     * @param stored whether messages are found by the next client: those that nobody waits for are not lost then
     */
    void failAll(Supplier<RuntimeException> error, boolean stored) {
        List<Reply> all = List.copyOf(replies.values());
        replies.clear();
        awaited = 0;
        all.stream().filter(reply -> reply.isAwaited() || !stored).forEach(reply -> fail(reply, error));
    }

    /** They may be answered still, but nobody is to wait any more. */
    void failAwaited(Supplier<RuntimeException> error) {
        failIf(Reply::isAwaited, error);
    }

    /** The connection is gone: requests belonged to it, while messages may wait for the next one. */
    void failRequests(Supplier<RuntimeException> error) {
        failIf(reply -> !(reply instanceof Reply.OfPublish), error);
    }

    private void failIf(Predicate<Reply> chosen, Supplier<RuntimeException> error) {
        for (int packetId : List.copyOf(replies.keySet())) {
            if (chosen.test(replies.get(packetId))) {
                fail(take(packetId).orElseThrow(), error);
            }
        }
    }

    private void fail(Reply reply, Supplier<RuntimeException> error) {
        if (reply instanceof Reply.OfSubscribe subscribe) {
            subscribe.entries().forEach(subscriptions::refuse); // what was granted before stays granted
            subscribe.promise().ifPresent(promise -> promise.fail(error.get(), completions));
        } else if (reply instanceof Reply.OfUnsubscribe unsubscribe) {
            unsubscribe.promise().fail(error.get(), completions);
        } else if (reply instanceof Reply.OfPublish publish) {
            session.publisher().drop(publish.message(), publish.promise(), error.get());
        }
    }

    private <T> void conclude(Promise<List<T>> promise, List<T> granted, Map<String, ReasonCode> refused) {
        if (refused.isEmpty()) {
            promise.succeed(List.copyOf(granted), completions);
        } else {
            promise.fail(new FilterRefusedException(refused), completions);
        }
    }

    private Optional<Reply> take(int packetId) {
        Optional<Reply> taken = Optional.ofNullable(replies.remove(packetId));
        if (taken.isPresent() && taken.get().isAwaited()) {
            awaited--;
        }
        return taken;
    }
}

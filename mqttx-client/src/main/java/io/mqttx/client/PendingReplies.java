package io.mqttx.client;

import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.UnsubAck;
import io.mqttx.topic.TopicFilter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * What the server has to answer, by packet identifier, and what its answers mean to who waits for them. Guarded by the
 * lock of the client.
 */
final class PendingReplies {
    private final Map<Integer, Reply> replies = new HashMap<>();
    private final Subscriptions subscriptions;
    private final Completions completions;
    private final BiConsumer<Subscriptions.Entry, ReasonCode> lost; // told what is not granted again
    private int awaited;

    PendingReplies(
            Subscriptions subscriptions, Completions completions, BiConsumer<Subscriptions.Entry, ReasonCode> lost) {
        this.lost = lost;
        this.subscriptions = subscriptions;
        this.completions = completions;
    }

    /** The answer with this identifier is for {@code reply}. */
    void put(int packetId, Reply reply) {
        replies.put(packetId, reply);
        if (reply.isAwaited()) {
            awaited++;
        }
    }

    /** Whether somebody waits for one of them, or may. */
    boolean isAwaited() {
        return awaited > 0;
    }

    /** The server answered SUBSCRIBE, with a reason for each filter. */
    void answered(SubAck subAck) {
        Optional<Reply> reply = take(subAck.packetId());
        if (reply.isEmpty()) {
            return;
        }
        if (reply.get() instanceof Reply.OfSubscribeAgain again) {
            for (int i = 0; i < again.entries().size(); i++) {
                ReasonCode reason = subAck.reasons().get(i);
                if (reason.isError()) {
                    lost.accept(again.entries().get(i), reason);
                }
            }
        } else if (reply.get() instanceof Reply.OfSubscribe subscribe) {
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
            conclude(subscribe.promise(), granted, refused);
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

    /**
     * The server is done with a message.
     *
     * @return the topic of the message, if it was refused and the handler is to be told
     */
    Optional<String> answered(int packetId, ReasonCode reason) {
        Optional<Reply> reply = take(packetId);
        if (reply.isEmpty() || !(reply.get() instanceof Reply.OfPublish publish)) {
            return Optional.empty();
        }
        if (publish.promise().isEmpty()) {
            return reason.isError() ? Optional.of(publish.topic()) : Optional.empty();
        }
        Promise<ReasonCode> promise = publish.promise().get();
        if (reason.isError()) {
            promise.fail(new PublishRefusedException(publish.topic(), reason), completions);
        } else {
            promise.succeed(reason, completions);
        }
        return Optional.empty();
    }

    /** None of them will be answered, or waited for any more. */
    void failAll(Supplier<RuntimeException> error) {
        replies.values().forEach(reply -> fail(reply, error));
        replies.clear();
        awaited = 0;
    }

    /** The connection is gone: requests belonged to it, while messages may wait for the next one. */
    void failRequests(Supplier<RuntimeException> error) {
        List<Integer> requests = replies.entrySet().stream()
                .filter(entry -> !(entry.getValue() instanceof Reply.OfPublish))
                .map(Map.Entry::getKey)
                .toList();
        requests.forEach(packetId -> take(packetId).ifPresent(reply -> fail(reply, error)));
    }

    private void fail(Reply reply, Supplier<RuntimeException> error) {
        if (reply instanceof Reply.OfSubscribe subscribe) {
            subscribe.entries().forEach(subscriptions::refuse);
            subscribe.promise().fail(error.get(), completions);
        } else if (reply instanceof Reply.OfUnsubscribe unsubscribe) {
            unsubscribe.promise().fail(error.get(), completions);
        } else if (reply instanceof Reply.OfPublish publish) {
            publish.promise().ifPresent(promise -> promise.fail(error.get(), completions));
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

package io.mqttx.broker.publish;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Message;
import io.mqttx.broker.api.PublishDecision;
import io.mqttx.broker.limits.PayloadFormat;
import io.mqttx.broker.limits.TopicLimits;
import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.routing.Router;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.storage.Journal;
import io.mqttx.broker.storage.Journals;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The way of every message through the broker, publishes and wills alike, in this order:
 *
 * <ol>
 *   <li>{@link #decide}: limits, then the handler, which may answer later;
 *   <li>{@link #carryOut}: the retained message (§3.3.1.3), then everybody who subscribed.
 * </ol>
 *
 * <p>Whatever is refused has left no trace. Safe for all threads.
 */
public final class PublishPipeline {
    private final boolean retains;
    private final boolean checksFormat;
    private final TopicLimits limits;
    private final RetainedMessages retained;
    private final Router router;
    private final BrokerEvents events;
    private final Journals journals;

    /**
     * A pipeline into these.
     */
    public PublishPipeline(
            BrokerOptions options,
            TopicLimits limits,
            RetainedMessages retained,
            Router router,
            BrokerEvents events,
            Journals journals) {
        this.retains = options.capabilities().retain();
        this.checksFormat = options.checkPayloadFormat();
        this.limits = limits;
        this.retained = retained;
        this.router = router;
        this.events = events;
        this.journals = journals;
    }

    /** What is to become of a client's message. */
    public PublishDecision decide(BrokerHandler handler, Message message) {
        if (TopicLimits.isOfBroker(message.topic())) {
            return PublishDecision.refuse(ReasonCode.NOT_AUTHORIZED);
        }
        if (!limits.allows(message.topic())) {
            return PublishDecision.refuse(ReasonCode.TOPIC_NAME_INVALID);
        }
        if (checksFormat && !PayloadFormat.isKept(message.properties(), message.payload())) { // P5-32
            return message.qos() == QoS.AT_MOST_ONCE && message.origin() == Message.Origin.PUBLISH
                    ? PublishDecision.disconnect(ReasonCode.PAYLOAD_FORMAT_INVALID)
                    : PublishDecision.refuse(ReasonCode.PAYLOAD_FORMAT_INVALID);
        }
        return handler.onPublish(message);
    }

    /**
     * Does what was decided, which is no {@code Later} any more.
     *
     * @param waited nanoseconds that it took to decide, which count for the expiry of the message (§3.3.2.3.3)
     * @return what the publisher is told: success, or the error code of a refusal
     */
    public ReasonCode carryOut(PublishDecision decision, Message message, long waited) {
        if (decision instanceof PublishDecision.Refuse refuse) {
            return refuse.reason();
        }
        if (decision instanceof PublishDecision.Disconnect disconnect) {
            return disconnect.reason();
        }
        if (decision instanceof PublishDecision.Handled) {
            events.published(message);
            return ReasonCode.SUCCESS;
        }
        if (decision instanceof PublishDecision.RouteInstead instead) {
            return route(new Message(message.clientId(), message.origin(), instead.message()), waited);
        }
        return route(message, waited);
    }

    /** Keeps the message if it is to be retained, and gives it to everybody who subscribed. */
    public ReasonCode route(Message message) {
        return route(message, 0);
    }

    private ReasonCode route(Message message, long waited) {
        if (!journals.keeps()) {
            return route(message, waited, Optional.empty());
        }
        Journal journal = journals.here();
        ReasonCode reason = route(message, waited, Optional.of(journal));
        if (journal.isDetached()) {
            journal.submit();
        }
        return reason;
    }

    /** The same; completes when what is to be kept of the message is. */
    public CompletionStage<ReasonCode> routeSafely(Message message) {
        if (!journals.keeps()) {
            return CompletableFuture.completedStage(route(message, 0, Optional.empty()));
        }
        Journal journal = journals.here();
        ReasonCode reason = route(message, 0, Optional.of(journal));
        if (journal.isDetached()) {
            return journal.submit().thenApply(nothing -> reason);
        }
        CompletableFuture<ReasonCode> safe = new CompletableFuture<>();
        journal.follow();
        journal.whenSafe(journal.filling(), () -> safe.complete(reason));
        return safe.minimalCompletionStage();
    }

    private ReasonCode route(Message message, long waited, Optional<Journal> journal) {
        Publish publish =
                withoutTravelling(retains ? message.packet() : message.packet().withRetain(false));
        SharedMessage shared = new SharedMessage(message.clientId(), publish, arrival(publish) - waited);
        boolean kept = publish.retain() && retained.isKept(publish.topic());
        if (kept && journals.trouble().isPresent() || publish.retain() && !retained.put(shared)) {
            return ReasonCode.QUOTA_EXCEEDED;
        }
        if (kept) {
            journal.ifPresent(Journal::follow);
        }
        Router.Routed routed = router.route(shared, journal);
        if (routed == Router.Routed.NOT_KEPT) {
            return ReasonCode.QUOTA_EXCEEDED;
        }
        if (routed == Router.Routed.ALL_FULL && !publish.retain()) {
            return ReasonCode.QUOTA_EXCEEDED;
        }
        events.published(message);
        return routed == Router.Routed.NOBODY ? ReasonCode.NO_MATCHING_SUBSCRIBERS : ReasonCode.SUCCESS;
    }

    /** Now; or any time, for a message that neither expires nor is kept. */
    private long arrival(Publish publish) {
        boolean matters = journals.keeps() || publish.properties().has(Property.MESSAGE_EXPIRY_INTERVAL);
        return matters ? journals.clocks().now() : 0;
    }

    /** Aliases and subscription identifiers mean something on one connection only. */
    public static Publish withoutTravelling(Publish publish) {
        Properties properties = publish.properties();
        if (!properties.has(Property.TOPIC_ALIAS) && !properties.has(Property.SUBSCRIPTION_IDENTIFIER)) {
            return publish;
        }
        return publish.withProperties(
                properties.without(Property.TOPIC_ALIAS).without(Property.SUBSCRIPTION_IDENTIFIER));
    }
}

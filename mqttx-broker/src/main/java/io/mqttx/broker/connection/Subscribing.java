package io.mqttx.broker.connection;

import io.mqttx.broker.api.DisconnectReason.Cause;
import io.mqttx.broker.api.SubscribeDecision;
import io.mqttx.broker.session.Session;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.protocol.Terms;
import java.util.ArrayList;
import java.util.List;

/** One SUBSCRIBE on its way: filter by filter to the handler, then SUBACK, then what was retained (§3.8.4). */
final class Subscribing {
    private final Client client;
    private final Services services;
    private final Established established;
    private final Subscribe subscribe;
    private final int identifier; // 0: none
    private final Properties.Builder explanation = Properties.builder(); // of what was refused
    private boolean hasReasonString;
    private final List<ReasonCode> reasons = new ArrayList<>();
    private final List<Subscription> wantRetained = new ArrayList<>(); // with the QoS granted

    Subscribing(Client client, Services services, Established established, Subscribe subscribe) {
        this.client = client;
        this.services = services;
        this.established = established;
        this.subscribe = subscribe;
        this.identifier = (int) subscribe.properties().number(Property.SUBSCRIPTION_IDENTIFIER, 0);
    }

    void begin() {
        proceed();
    }

    private void proceed() {
        while (reasons.size() < subscribe.subscriptions().size()) {
            Subscription wanted = subscribe.subscriptions().get(reasons.size());
            if (!isDecided(decide(wanted), wanted)) {
                return;
            }
        }
        client.connection().answer(new SubAck(subscribe.packetId(), reasons, explanation.build()), client);
        wantRetained.forEach(this::sendRetained);
    }

    private SubscribeDecision decide(Subscription wanted) {
        if (!services.limits().allows(wanted.filter())) {
            return SubscribeDecision.refuse(ReasonCode.TOPIC_FILTER_INVALID);
        }
        Terms terms = client.connection().terms();
        if (wanted.filter().hasWildcard() && !terms.wildcardSubscriptionsAvailable()) {
            return SubscribeDecision.refuse(ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED);
        }
        if (wanted.filter().isShared() && !terms.sharedSubscriptionsAvailable()) {
            return SubscribeDecision.refuse(ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED);
        }
        if (!session().maySubscribe(wanted.filter())) {
            return SubscribeDecision.refuse(ReasonCode.QUOTA_EXCEEDED);
        }
        if (session().key() != 0 && services.journals().trouble().isPresent()) {
            return SubscribeDecision.refuse(ReasonCode.QUOTA_EXCEEDED);
        }
        try {
            return orRefusal(established.handler().onSubscribe(wanted), null);
        } catch (Throwable e) {
            return orRefusal(null, e);
        }
    }

    private SubscribeDecision orRefusal(SubscribeDecision decision, Throwable error) {
        if (error == null && decision != null) {
            return decision;
        }
        established.handlerFailed("onSubscribe", error == null ? new IllegalStateException("no decision") : error);
        return SubscribeDecision.refuse(ReasonCode.UNSPECIFIED_ERROR);
    }

    /** Whether the next filter may have its turn; otherwise it has, once this one is decided, or never. */
    private boolean isDecided(SubscribeDecision decision, Subscription wanted) {
        if (decision instanceof SubscribeDecision.Later later) {
            client.await(later.stage(), (value, error) -> {
                if (!client.isOver() && isDecided(orRefusal(value, error), wanted)) {
                    proceed();
                }
            });
            return false;
        }
        if (decision instanceof SubscribeDecision.Disconnect goodbye) {
            client.disconnect(Cause.BY_SERVER, goodbye.reason(), goodbye.properties());
            return false;
        }
        if (decision instanceof SubscribeDecision.Refuse refuse) {
            reasons.add(refuse.reason());
            explain(refuse.properties());
        } else if (decision instanceof SubscribeDecision.Grant grant) {
            granted(grant, wanted);
        }
        return true;
    }

    private void granted(SubscribeDecision.Grant grant, Subscription wanted) {
        QoS granted = wanted.maximumQoS()
                .atMost(grant.maximumQoS())
                .atMost(client.connection().terms().maximumQoS()); // [MQTT-3.2.2-10]
        Subscription given = new Subscription(
                wanted.filter(), granted, wanted.noLocal(), wanted.retainAsPublished(), wanted.retainHandling());
        long entries = client.entries();
        boolean isNew = session().subscribe(given, identifier);
        client.promiseSince(entries);
        reasons.add(ReasonCode.granted(granted));
        boolean retained = given.retainHandling() == RetainHandling.SEND
                || given.retainHandling() == RetainHandling.SEND_IF_NEW && isNew;
        boolean available = client.connection().terms().retainAvailable();
        if (retained && available && !given.filter().isShared()) { // §4.8.2: none for a shared subscription
            wantRetained.add(given);
        }
    }

    /** SUBACK has one reason string, the first, and any number of user properties. */
    private void explain(Properties why) {
        if (!hasReasonString) {
            why.find(Property.REASON_STRING).ifPresent(text -> explanation.add(Property.REASON_STRING, text));
            hasReasonString = why.has(Property.REASON_STRING);
        }
        why.userProperties().forEach(each -> explanation.add(Property.USER_PROPERTY, each));
    }

    private void sendRetained(Subscription given) {
        services.retained()
                .match(given.filter(), message -> session().deliverRetained(message, given.maximumQoS(), identifier));
    }

    private Session session() {
        return established.session();
    }
}

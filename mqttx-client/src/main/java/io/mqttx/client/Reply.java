package io.mqttx.client;

import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicFilter;
import java.util.List;
import java.util.Optional;

/** What is to be done when the server answers. */
sealed interface Reply {

    /** Whether somebody waits for it, or may. */
    default boolean isAwaited() {
        return true;
    }

    /** SUBACK. */
    record OfSubscribe(List<Subscriptions.Entry> entries, Promise<List<QoS>> promise) implements Reply {}

    /** SUBACK to subscriptions that were granted before, and that the server does not know any more. */
    record OfSubscribeAgain(List<Subscriptions.Entry> entries) implements Reply {
        @Override
        public boolean isAwaited() {
            return false;
        }
    }

    /** UNSUBACK. */
    record OfUnsubscribe(List<TopicFilter> filters, Promise<List<ReasonCode>> promise) implements Reply {}

    /** PUBACK or PUBCOMP; without a promise the handler is told if the server refuses. */
    record OfPublish(String topic, Optional<Promise<ReasonCode>> promise) implements Reply {
        @Override
        public boolean isAwaited() {
            return promise.isPresent();
        }
    }
}

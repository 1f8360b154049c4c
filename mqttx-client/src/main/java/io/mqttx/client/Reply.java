package io.mqttx.client;

import io.mqttx.packet.Publish;
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

    /**
     * SUBACK; without a promise to subscriptions that were granted before, and that the server may not know any more.
     *
     * @param sentAt see {@link EventQueue#now}
     */
    record OfSubscribe(List<Subscriptions.Entry> entries, Optional<Promise<List<QoS>>> promise, long sentAt)
            implements Reply {
        @Override
        public boolean isAwaited() {
            return promise.isPresent();
        }
    }

    /** UNSUBACK. */
    record OfUnsubscribe(List<TopicFilter> filters, Promise<List<ReasonCode>> promise) implements Reply {}

    /**
     * PUBACK or PUBCOMP; without a promise the handler is told if the server refuses.
     *
     * @param sentAt see {@link EventQueue#now}
     */
    record OfPublish(Publish message, Optional<Promise<ReasonCode>> promise, long sentAt) implements Reply {
        @Override
        public boolean isAwaited() {
            return promise.isPresent();
        }
    }
}

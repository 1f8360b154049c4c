package io.mqttx.client;

import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.util.List;
import java.util.Optional;

/** What is to be done when the server answers. */
sealed interface Reply {

    /** Whether somebody waits for it, or may. */
    boolean isAwaited();

    /** SUBACK. */
    record OfSubscribe(List<Subscription> subscriptions, Promise<List<QoS>> promise) implements Reply {
        @Override
        public boolean isAwaited() {
            return true;
        }
    }

    /** UNSUBACK. */
    record OfUnsubscribe(List<TopicFilter> filters, Promise<List<ReasonCode>> promise) implements Reply {
        @Override
        public boolean isAwaited() {
            return true;
        }
    }

    /** PUBACK or PUBCOMP; without a promise the handler is told if the server refuses. */
    record OfPublish(String topic, Optional<Promise<ReasonCode>> promise) implements Reply {
        @Override
        public boolean isAwaited() {
            return promise.isPresent();
        }
    }
}

package io.mqttx.broker.spi;

import io.mqttx.packet.Publish;
import io.mqttx.topic.TopicName;
import java.util.Objects;

/** One change of the state that outlives a broker. */
public sealed interface Change {

    /** This message is the retained message of its topic now. */
    record RetainedPut(Publish message) implements Change {
        /** Checks that there is one. */
        public RetainedPut {
            Objects.requireNonNull(message, "message");
        }
    }

    /** The topic has no retained message any more. */
    record RetainedCleared(TopicName topic) implements Change {
        /** Checks that there is one. */
        public RetainedCleared {
            Objects.requireNonNull(topic, "topic");
        }
    }
}

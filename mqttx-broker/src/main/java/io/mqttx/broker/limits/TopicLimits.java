package io.mqttx.broker.limits;

import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;

/**
 * How deep topics may be: the trees of subscriptions and retained messages are walked level by level.
 *
 * @param maxLevels levels of a topic name or filter, at least 1
 */
public record TopicLimits(int maxLevels) {
    /** Checks the range. */
    public TopicLimits {
        if (maxLevels < 1) {
            throw new IllegalArgumentException("maxLevels is at least 1, not " + maxLevels);
        }
    }

    /** Whether this is a topic by which the broker speaks of itself, and nobody else. */
    public static boolean isOfBroker(TopicName topic) {
        return topic.isReserved() && topic.text().startsWith("$SYS/");
    }

    /** Whether messages may be published to {@code topic}. */
    public boolean allows(TopicName topic) {
        return topic.encodedLength() < maxLevels || topic.levelCount() <= maxLevels;
    }

    /** Whether {@code filter} may be subscribed to. */
    public boolean allows(TopicFilter filter) {
        return filter.levelCount() <= maxLevels;
    }
}

package io.mqttx.broker.routing;

import io.mqttx.topic.TopicName;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * What was found for topics that came lately, for most topics come again. A find holds until a filter appears in the
 * tree or disappears from it; who subscribes to a filter that is there already does not matter to it. Safe for all
 * threads, without locks.
 */
final class KnownMatches {
    private static final int PLACES = 4096; // a power of two
    private static final int LONGEST = 256; // bytes of a topic that is remembered, so that all of them are never much

    private final AtomicReferenceArray<Find> finds = new AtomicReferenceArray<>(PLACES);

    private record Find(TopicName topic, long shape, SubscriptionTree.Matches matches) {}

    /** What is known for this topic and this shape of the tree, or null. */
    SubscriptionTree.Matches of(TopicName topic, long shape) {
        Find find = finds.get(place(topic));
        return find != null && find.shape == shape && find.topic.equals(topic) ? find.matches : null;
    }

    /** What was found after the tree had this shape. */
    void add(TopicName topic, long shape, SubscriptionTree.Matches matches) {
        if (topic.encodedLength() <= LONGEST) {
            finds.set(place(topic), new Find(topic, shape, matches));
        }
    }

    private static int place(TopicName topic) {
        int hash = topic.hashCode();
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}

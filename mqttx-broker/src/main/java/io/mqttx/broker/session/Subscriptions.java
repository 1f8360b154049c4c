package io.mqttx.broker.session;

import io.mqttx.broker.routing.Grant;
import io.mqttx.topic.TopicFilter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** The subscriptions of one client, of which most have one: a map that can change is made for the second. */
final class Subscriptions {
    private Map<TopicFilter, Grant> all = Map.of(); // a HashMap from the second on

    int size() {
        return all.size();
    }

    boolean has(TopicFilter filter) {
        return all.containsKey(filter);
    }

    /** Adds one, or replaces it. */
    void put(TopicFilter filter, Grant grant) {
        if (all instanceof HashMap) {
            all.put(filter, grant);
        } else if (all.isEmpty() || has(filter)) {
            all = Map.of(filter, grant);
        } else {
            all = new HashMap<>(all);
            all.put(filter, grant);
        }
    }

    /** Takes it out; tells whether it was there. */
    boolean remove(TopicFilter filter) {
        if (!has(filter)) {
            return false;
        }
        if (all.size() == 1) {
            all = Map.of();
        } else {
            all.remove(filter);
        }
        return true;
    }

    /** Calls {@code visitor} with each, in no order. */
    void forEach(BiConsumer<TopicFilter, Grant> visitor) {
        all.forEach(visitor);
    }

    void clear() {
        all = Map.of();
    }
}

package io.mqttx.client;

import io.mqttx.topic.TopicFilter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Which callback takes the messages of which subscription. Safe for all threads. */
final class Subscriptions {
    private final Map<TopicFilter, Consumer<Message>> callbacks = new ConcurrentHashMap<>();

    /** From now on {@code callback} takes what these filters match. */
    void put(List<TopicFilter> filters, Consumer<Message> callback) {
        filters.forEach(filter -> callbacks.put(filter, callback));
    }

    /** This filter has no callback any more. */
    void remove(TopicFilter filter) {
        callbacks.remove(filter);
    }

    /** The callbacks for a message: one for each filter that matches its topic. */
    List<Consumer<Message>> matching(Message message) {
        if (callbacks.isEmpty()) {
            return List.of();
        }
        return callbacks.entrySet().stream()
                .filter(entry -> entry.getKey().matches(message.packet().topic()))
                .map(Map.Entry::getValue)
                .distinct()
                .toList();
    }
}

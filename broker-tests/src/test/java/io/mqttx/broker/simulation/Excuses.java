package io.mqttx.broker.simulation;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the broker said that it dropped on the way to a client: so much may be missing there, and nothing else. */
final class Excuses {
    private final Map<String, Set<String>> told = new HashMap<>(); // texts of messages, by client
    private final Map<String, Integer> unnamed = new HashMap<>(); // drops of which the broker knew the number only

    void dropped(String client, String text) {
        told.computeIfAbsent(client, name -> new HashSet<>()).add(text);
    }

    void dropped(String client) {
        unnamed.merge(client, 1, Integer::sum);
    }

    /** Whether the broker said so of this message. */
    boolean has(String client, String text) {
        return told.getOrDefault(client, Set.of()).contains(text);
    }

    /** Whether the message may be missing at all of these. A drop without a name excuses one message, once. */
    boolean excuse(List<String> clients, String text) {
        return clients.stream().anyMatch(client -> has(client, text))
                || clients.stream().anyMatch(client -> unnamed.merge(client, -1, Integer::sum) >= 0);
    }
}

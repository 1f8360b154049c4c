package io.mqttx.server.crash;

import io.mqttx.packet.QoS;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What was sent, what was promised, what came of it, and what was found to be wrong. Forgets the messages of rounds that
 * were found to be right, so that it does not grow. All threads use it.
 */
final class Ledger {
    private static final int MOST_EVENTS = 400_000;
    private static final int MOST_FINDINGS = 20;

    private final long start = System.nanoTime();
    private final List<Inbox> inboxes = new ArrayList<>(); // guarded by this, as all here
    private final Map<Integer, Sent> messages = new HashMap<>(); // of this round and the one before
    private final Map<String, Integer> acknowledgedState = new HashMap<>(); // the last number, by topic
    private final Deque<Event> events = new ArrayDeque<>();
    private final List<String> findings = new ArrayList<>();
    private final AtomicLong acknowledged = new AtomicLong();
    private int next;
    private int roundFrom;
    private int lastRoundFrom;

    /** A message. */
    static final class Sent {
        final int number;
        final String publisher;
        final String topic;
        final QoS qos;
        private boolean acknowledged; // guarded by the ledger

        Sent(int number, String publisher, String topic, QoS qos) {
            this.number = number;
            this.publisher = publisher;
            this.topic = topic;
            this.qos = qos;
        }

        /** Those whose order counts. */
        String stream() {
            return publisher + " " + topic + " " + qos;
        }

        @Override
        public String toString() {
            return "message " + number + " of " + publisher + " on " + topic + " at " + qos;
        }
    }

    private record Event(long nanos, String who, String what, int number) {}

    synchronized Inbox inbox(String owner, QoS maximumQoS, List<String> prefixes) {
        Inbox inbox = new Inbox(owner, maximumQoS, prefixes, this);
        inboxes.add(inbox);
        return inbox;
    }

    synchronized Sent sending(String publisher, String topic, QoS qos) {
        Sent sent = new Sent(next++, publisher, topic, qos);
        messages.put(sent.number, sent);
        return sent;
    }

    /** The publisher was told that the broker has it. */
    synchronized void acknowledged(Sent sent) {
        sent.acknowledged = true;
        acknowledged.incrementAndGet();
        acknowledgedState.merge(sent.topic, sent.number, Math::max);
        tell(sent.publisher, "is told that it arrived", sent.number);
    }

    synchronized Sent message(int number) {
        return messages.get(number);
    }

    synchronized boolean wasSent(int number) {
        return number >= 0 && number < next;
    }

    /** The last message on this topic that was acknowledged, or -1. */
    synchronized int acknowledgedOn(String topic) {
        return acknowledgedState.getOrDefault(topic, -1);
    }

    synchronized List<String> topicsFrom(String prefix) {
        return acknowledgedState.keySet().stream()
                .filter(topic -> topic.startsWith(prefix))
                .sorted()
                .toList();
    }

    /** What was acknowledged and has not come. */
    synchronized List<String> missing() {
        List<String> missing = new ArrayList<>();
        for (Inbox inbox : inboxes) {
            for (Sent sent : messages.values()) {
                if (sent.acknowledged && inbox.wants(sent) && !inbox.has(sent.number)) {
                    missing.add(inbox.owner() + " has not got " + sent);
                    if (missing.size() <= 3) {
                        missing.add(story(inbox.owner(), Set.of(sent.number)));
                    }
                }
            }
        }
        return missing;
    }

    synchronized boolean isMissingSomething() {
        return inboxes.stream()
                .anyMatch(inbox -> messages.values().stream()
                        .anyMatch(sent -> sent.acknowledged && inbox.wants(sent) && !inbox.has(sent.number)));
    }

    /** Everything so far was right: what is older than the round that ends here is forgotten. */
    synchronized void roundEnds() {
        messages.keySet().removeIf(number -> number < roundFrom);
        lastRoundFrom = roundFrom;
        roundFrom = next;
        events.removeIf(event -> event.number >= 0 && event.number < lastRoundFrom);
    }

    synchronized void tell(String who, String what, int number) {
        if (events.size() == MOST_EVENTS) {
            events.remove();
        }
        events.add(new Event(System.nanoTime() - start, who, what, number));
    }

    synchronized void finding(String what) {
        if (findings.size() < MOST_FINDINGS) {
            findings.add(what);
        }
    }

    /** With what happened to these messages. */
    synchronized void finding(String what, String who, Integer... numbers) {
        finding(what + "\n" + story(who, Set.of(numbers)));
    }

    synchronized List<String> findings() {
        return List.copyOf(findings);
    }

    long acknowledged() {
        return acknowledged.get();
    }

    synchronized long delivered() {
        return inboxes.stream().mapToLong(Inbox::firsts).sum();
    }

    synchronized long again() {
        return inboxes.stream().mapToLong(Inbox::again).sum();
    }

    /** All that happened to these messages, to the broker and to that client meanwhile. */
    private String story(String who, Set<Integer> numbers) {
        StringBuilder story = new StringBuilder();
        long from = events.stream()
                .filter(event -> numbers.contains(event.number))
                .mapToLong(Event::nanos)
                .min()
                .orElse(Long.MAX_VALUE);
        for (Event event : events) {
            boolean concerns = event.number >= 0
                    ? numbers.contains(event.number)
                    : event.who.equals(who) || event.who.equals("broker");
            if (event.nanos >= from && concerns) {
                story.append(String.format(
                        Locale.ROOT,
                        "    %9.3f s  %s %s%s%n",
                        event.nanos / 1e9,
                        event.who,
                        event.what,
                        numbers.size() > 1 && event.number >= 0 ? " (" + event.number + ")" : ""));
            }
        }
        return story.toString();
    }
}

package io.mqttx.broker.retained;

import io.mqttx.broker.limits.TopicLimits;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Storage;
import io.mqttx.broker.storage.Clocks;
import io.mqttx.packet.Publish;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Retained messages, as a tree of topic levels: a filter with wildcards looks at the branches that it names, never at
 * all topics. Read by any thread without locks; changes are serialised.
 */
public final class RetainedMessages {
    private static final long SWEEP_PAUSE = 60_000_000_000L; // nanoseconds: whoever finds no room pays for no more

    private final int maximum;
    private final Storage storage;
    private final Clocks clocks;
    private final Node root = new Node();
    private final ReentrantLock writing = new ReentrantLock();
    private int count; // guarded by writing, and so are the next two
    private long bytes; // of payloads
    private long nextSweep;

    /**
     * None yet.
     *
     * @param maximum topics that may have one, the broker's own not counted
     * @param storage told of what is to outlive the broker: all but the broker's own messages
     */
    public RetainedMessages(int maximum, Storage storage, Clocks clocks) {
        this.maximum = maximum;
        this.storage = storage;
        this.clocks = clocks;
        this.nextSweep = clocks.now();
    }

    /** How many there are, those included that have expired and were not looked at since. */
    public int size() {
        writing.lock();
        try {
            return count;
        } finally {
            writing.unlock();
        }
    }

    /** The bytes of their payloads. */
    public long bytes() {
        writing.lock();
        try {
            return bytes;
        } finally {
            writing.unlock();
        }
    }

    /**
     * Keeps {@code message} as the one of its topic, or clears the topic if its payload is empty
     * [MQTT-3.3.1-5] [MQTT-3.3.1-6].
     *
     * @return whether there was room
     */
    public boolean put(SharedMessage message) {
        Publish publish = message.publish();
        writing.lock();
        try {
            if (publish.payloadLength() == 0) {
                SharedMessage was = remove(root, publish.topic().levels(), 0);
                if (was != null) {
                    removed(was);
                }
                return true;
            }
            if (!insert(message)) {
                return false;
            }
            if (isKept(publish.topic())) {
                storage.apply(List.of(new Change.RetainedPut(message.kept(clocks)))); // in the order of the lock
            }
            return true;
        } finally {
            writing.unlock();
        }
    }

    /** Takes one that was kept, before the broker starts; however many there are, they were acknowledged to. */
    public void restore(Kept.Message kept) {
        SharedMessage message = SharedMessage.restored(kept, clocks);
        writing.lock();
        try {
            if (message.isExpired(clocks.now())) {
                storage.apply(List.of(new Change.RetainedCleared(kept.publish().topic())));
            } else {
                place(message);
            }
        } finally {
            writing.unlock();
        }
    }

    /** Hands out every message that {@code filter} matches and that has not expired [MQTT-3.3.1-9]. */
    public void match(TopicFilter filter, Consumer<SharedMessage> into) {
        long now = clocks.now();
        match(root, filter.levels(), 0, message -> {
            if (message.isExpired(now)) {
                expire(message);
            } else {
                into.accept(message);
            }
        });
    }

    private boolean insert(SharedMessage message) {
        List<String> levels = message.publish().topic().levels();
        if (counts(message.publish().topic()) && count >= maximum && !has(levels) && !sweep()) {
            return false;
        }
        place(message);
        return true;
    }

    private void place(SharedMessage message) {
        Node node = root;
        for (String level : message.publish().topic().levels()) {
            node = node.children.computeIfAbsent(level, name -> new Node());
        }
        if (node.message != null) {
            uncount(node.message);
        }
        if (counts(message.publish().topic())) {
            count++;
            bytes += message.publish().payloadLength();
        }
        node.message = message;
    }

    /** Makes room of what has expired and was not looked at since; tells whether there is some. */
    private boolean sweep() {
        long now = clocks.now();
        if (now - nextSweep < 0) {
            return false;
        }
        nextSweep = now + SWEEP_PAUSE;
        List<SharedMessage> expired = new ArrayList<>();
        all(root, message -> {
            if (message.isExpired(now)) {
                expired.add(message);
            }
        });
        expired.forEach(this::expire);
        return count < maximum;
    }

    private boolean has(List<String> levels) {
        Node node = root;
        for (String level : levels) {
            node = node.children.get(level);
            if (node == null) {
                return false;
            }
        }
        return node.message != null;
    }

    private void expire(SharedMessage message) {
        TopicName topic = message.publish().topic();
        writing.lock();
        try {
            if (removeIf(message, topic.levels())) {
                removed(message);
            }
        } finally {
            writing.unlock();
        }
    }

    private void removed(SharedMessage message) {
        uncount(message);
        if (isKept(message.publish().topic())) {
            storage.apply(List.of(new Change.RetainedCleared(message.publish().topic())));
        }
    }

    /** Whether the storage keeps the message of this topic: what the broker says of itself is new after each start. */
    public boolean isKept(TopicName topic) {
        return storage.keeps() && !TopicLimits.isOfBroker(topic);
    }

    private void uncount(SharedMessage message) {
        if (counts(message.publish().topic())) {
            count--;
            bytes -= message.publish().payloadLength();
        }
    }

    /** What the broker says of itself takes nobody's place. */
    private static boolean counts(TopicName topic) {
        return !TopicLimits.isOfBroker(topic);
    }

    /** Removes just this message: another may have taken its place meanwhile. */
    private boolean removeIf(SharedMessage message, List<String> levels) {
        Node node = root;
        for (String level : levels) {
            node = node.children.get(level);
            if (node == null) {
                return false;
            }
        }
        return node.message == message && remove(root, levels, 0) != null;
    }

    /** Removes the message there and nodes that nobody needs any more; gives it, or null if there is none. */
    private static SharedMessage remove(Node node, List<String> levels, int depth) {
        if (depth == levels.size()) {
            SharedMessage was = node.message;
            node.message = null;
            return was;
        }
        Node child = node.children.get(levels.get(depth));
        if (child == null) {
            return null;
        }
        SharedMessage was = remove(child, levels, depth + 1);
        if (child.message == null && child.children.isEmpty()) {
            node.children.remove(levels.get(depth));
        }
        return was;
    }

    private static void match(Node node, List<String> levels, int depth, Consumer<SharedMessage> into) {
        if (depth == levels.size()) {
            node.give(into);
            return;
        }
        String level = levels.get(depth);
        if (level.equals("#")) {
            node.give(into); // "a/#" matches "a" as well (§4.7.1.2)
            node.forEachChild(depth, child -> all(child, into));
        } else if (level.equals("+")) {
            node.forEachChild(depth, child -> match(child, levels, depth + 1, into));
        } else {
            Node child = node.children.get(level);
            if (child != null) {
                match(child, levels, depth + 1, into);
            }
        }
    }

    private static void all(Node node, Consumer<SharedMessage> into) {
        node.give(into);
        node.children.values().forEach(child -> all(child, into));
    }

    private static final class Node {
        final Map<String, Node> children = new ConcurrentHashMap<>(2);
        volatile SharedMessage message; // null: none

        void give(Consumer<SharedMessage> into) {
            SharedMessage known = message;
            if (known != null) {
                into.accept(known);
            }
        }

        /** Those that a wildcard stands for: none that begins with $ in the first level [MQTT-4.7.2-1]. */
        void forEachChild(int depth, Consumer<Node> action) {
            children.forEach((level, child) -> {
                if (depth > 0 || !level.startsWith("$")) {
                    action.accept(child);
                }
            });
        }
    }
}

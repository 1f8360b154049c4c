package io.mqttx.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the server has to answer, by packet identifier. Guarded by the lock of the client. */
final class PendingReplies {
    private final Map<Integer, Reply> replies = new HashMap<>();
    private int awaited;

    /** The answer with this identifier is for {@code reply}. */
    void put(int packetId, Reply reply) {
        replies.put(packetId, reply);
        if (reply.isAwaited()) {
            awaited++;
        }
    }

    /** Takes the reply with this identifier out, if there is one. */
    Optional<Reply> take(int packetId) {
        Optional<Reply> taken = Optional.ofNullable(replies.remove(packetId));
        if (taken.isPresent() && taken.get().isAwaited()) {
            awaited--;
        }
        return taken;
    }

    /** Takes all of them out. */
    List<Reply> takeAll() {
        List<Reply> all = new ArrayList<>(replies.values());
        replies.clear();
        awaited = 0;
        return all;
    }

    /** Whether somebody waits for one of them, or may. */
    boolean isAwaited() {
        return awaited > 0;
    }
}

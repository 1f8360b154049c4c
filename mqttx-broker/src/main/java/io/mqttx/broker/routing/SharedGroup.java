package io.mqttx.broker.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * The members of one shared subscription, which take turns (§4.8.2). Read without locks by any thread; written by one
 * thread at a time.
 */
final class SharedGroup {
    private record Member(Subscriber subscriber, Grant grant) {}

    private final AtomicInteger turn = new AtomicInteger();
    private volatile List<Member> members = List.of();

    boolean put(Subscriber subscriber, Grant grant) {
        List<Member> changed = new ArrayList<>(members);
        boolean isNew = !changed.removeIf(member -> member.subscriber == subscriber);
        changed.add(new Member(subscriber, grant));
        members = List.copyOf(changed);
        return isNew;
    }

    boolean remove(Subscriber subscriber) {
        List<Member> changed = new ArrayList<>(members);
        boolean was = changed.removeIf(member -> member.subscriber == subscriber);
        members = List.copyOf(changed);
        return was;
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** The member whose turn it is: somebody who is there, if there is one. */
    void next(BiConsumer<Subscriber, Grant> action) {
        List<Member> now = members;
        if (now.isEmpty()) {
            return;
        }
        int start = Math.floorMod(turn.getAndIncrement(), now.size());
        Member chosen = now.get(start);
        for (int i = 0; i < now.size() && !chosen.subscriber.isOnline(); i++) {
            chosen = now.get((start + i) % now.size());
        }
        if (!chosen.subscriber.isOnline()) {
            chosen = now.get(start);
        }
        action.accept(chosen.subscriber, chosen.grant);
    }
}

package io.mqttx.broker.routing;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;

/**
 * The subscribers of one filter. A few stand in an array, which is copied for each change; many in a map, which is not.
 * Read without locks by any thread; written by one thread at a time.
 */
final class Subscribers {
    static final int FEW = 16;
    private static final Entry[] NOBODY = {};

    private record Entry(Subscriber subscriber, Grant grant) {}

    private volatile Entry[] few = NOBODY;
    private volatile ConcurrentHashMap<Subscriber, Grant> many; // null until there were more than a few

    /** Adds or replaces; tells whether the subscriber is new. */
    boolean put(Subscriber subscriber, Grant grant) {
        if (many != null) {
            return many.put(subscriber, grant) == null;
        }
        Entry entry = new Entry(subscriber, grant);
        int index = indexOf(subscriber);
        if (index >= 0) {
            Entry[] changed = few.clone();
            changed[index] = entry;
            few = changed;
            return false;
        }
        if (few.length < FEW) {
            Entry[] more = Arrays.copyOf(few, few.length + 1);
            more[few.length] = entry;
            few = more;
            return true;
        }
        ConcurrentHashMap<Subscriber, Grant> map = new ConcurrentHashMap<>();
        for (Entry known : few) {
            map.put(known.subscriber, known.grant);
        }
        map.put(subscriber, grant);
        many = map; // a reader sees either all of the array or all of the map
        few = NOBODY;
        return true;
    }

    /** Removes; tells whether the subscriber was there. */
    boolean remove(Subscriber subscriber) {
        if (many != null) {
            return many.remove(subscriber) != null;
        }
        int index = indexOf(subscriber);
        if (index < 0) {
            return false;
        }
        Entry[] fewer = Arrays.copyOf(few, few.length - 1);
        System.arraycopy(few, index + 1, fewer, index, fewer.length - index);
        few = fewer;
        return true;
    }

    boolean isEmpty() {
        return many == null ? few.length == 0 : many.isEmpty();
    }

    int size() {
        return many == null ? few.length : (int) Math.min(many.mappingCount(), Integer.MAX_VALUE);
    }

    void forEach(BiConsumer<Subscriber, Grant> action) {
        Entry[] entries = few; // read first: see put
        ConcurrentHashMap<Subscriber, Grant> map = many;
        if (map != null) {
            map.forEach(action);
            return;
        }
        for (Entry entry : entries) {
            action.accept(entry.subscriber, entry.grant);
        }
    }

    private int indexOf(Subscriber subscriber) {
        for (int i = 0; i < few.length; i++) {
            if (few[i].subscriber == subscriber) {
                return i;
            }
        }
        return -1;
    }
}

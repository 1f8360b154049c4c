package io.mqttx.storage.rocksdb;

import java.util.Arrays;
import java.util.function.LongConsumer;

/** Numbers by numbers, 21 to 43 bytes each and none while it is empty: there may be a million. One thread at a time. */
final class LongMap {
    /** What stands for a value that is not there. */
    static final long NONE = -1;

    private static final long FREE = Long.MIN_VALUE;
    private static final long[] NOTHING = {};
    private static final int SMALLEST = 4;

    // Open addressing, key and value side by side; a free place follows each run.
    private long[] places = NOTHING;
    private int size;

    boolean contains(long key) {
        return get(key) != NONE;
    }

    /** The value, or {@link #NONE}. */
    long get(long key) {
        if (size == 0) {
            return NONE;
        }
        int at = placeOf(key);
        return places[at] == key ? places[at + 1] : NONE;
    }

    /** @param value 0 or more */
    void put(long key, long value) {
        if (2 * (size + 1) > places.length - places.length / 4) {
            resize();
        }
        int at = placeOf(key);
        if (places[at] == FREE) {
            places[at] = key;
            size++;
        }
        places[at + 1] = value;
    }

    /** Takes it out and tells its value, or {@link #NONE}. */
    long remove(long key) {
        if (size == 0) {
            return NONE;
        }
        int at = placeOf(key);
        if (places[at] == FREE) {
            return NONE;
        }
        long value = places[at + 1];
        size--;
        if (size == 0) {
            places = NOTHING;
        } else {
            closeGap(at);
        }
        return value;
    }

    void forEachValue(LongConsumer action) {
        for (int at = 0; at < places.length; at += 2) {
            if (places[at] != FREE) {
                action.accept(places[at + 1]);
            }
        }
    }

    /** Moves up what a search would no longer find with a free place in front of it. */
    private void closeGap(int removed) {
        int gap = removed;
        for (int at = next(gap); places[at] != FREE; at = next(at)) {
            int home = homeOf(places[at]);
            boolean between = gap <= at ? gap < home && home <= at : gap < home || home <= at;
            if (!between) {
                places[gap] = places[at];
                places[gap + 1] = places[at + 1];
                gap = at;
            }
        }
        places[gap] = FREE;
    }

    private void resize() {
        long[] old = places;
        places = new long[Math.max(2 * SMALLEST, 2 * old.length)];
        Arrays.fill(places, FREE);
        for (int from = 0; from < old.length; from += 2) {
            if (old[from] != FREE) {
                int at = placeOf(old[from]);
                places[at] = old[from];
                places[at + 1] = old[from + 1];
            }
        }
    }

    /** Where the key is, or the free place where it would be. */
    private int placeOf(long key) {
        int at = homeOf(key);
        while (places[at] != key && places[at] != FREE) {
            at = next(at);
        }
        return at;
    }

    private int homeOf(long key) {
        long mixed = key * 0x9E37_79B9_7F4A_7C15L;
        return ((int) (mixed ^ mixed >>> 32) & places.length / 2 - 1) << 1;
    }

    private int next(int at) {
        return at + 2 & places.length - 1;
    }
}

package io.mqttx.broker.session;

import java.util.NoSuchElementException;

/** First come, first served. Empty, as most are most of the time, it takes no memory but its own. */
final class Line<T> {
    private static final Object[] NOTHING = {};
    private static final int SMALLEST = 4;

    private Object[] places = NOTHING; // a ring; its length is a power of two
    private int first;
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(T last) {
        if (size == places.length) {
            grow();
        }
        places[place(size++)] = last;
    }

    /** The one at {@code index} from the front. */
    @SuppressWarnings("unchecked") // only add writes
    T get(int index) {
        if (index >= size) {
            throw new NoSuchElementException("there are " + size);
        }
        return (T) places[place(index)];
    }

    /** The one that came first. */
    T first() {
        return get(0);
    }

    /** Takes out the one that came first. */
    T removeFirst() {
        T removed = first();
        places[first] = null;
        first = place(1);
        size--;
        if (size == 0) {
            clear(); // what a burst made large need not stay so
        }
        return removed;
    }

    void clear() {
        places = NOTHING;
        first = 0;
        size = 0;
    }

    private int place(int index) {
        return first + index & places.length - 1;
    }

    private void grow() {
        Object[] larger = new Object[Math.max(SMALLEST, places.length * 2)];
        int upToEnd = Math.min(size, places.length - first);
        System.arraycopy(places, first, larger, 0, upToEnd);
        System.arraycopy(places, 0, larger, upToEnd, size - upToEnd);
        places = larger;
        first = 0;
    }
}

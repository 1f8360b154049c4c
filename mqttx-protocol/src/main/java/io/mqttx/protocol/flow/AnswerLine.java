package io.mqttx.protocol.flow;

/**
 * The messages that wait for their answer, first come, first served [MQTT-4.6.0-2] [MQTT-4.6.0-3]. A queue of
 * numbers that makes no garbage and takes no memory before its first entry.
 */
final class AnswerLine {
    private static final int SMALLEST = 4;
    private static final int LARGEST_KEPT = 64;
    private static final int[] EMPTY = {};
    private static final AnswerLine NONE = new AnswerLine();

    private int[] places = EMPTY; // a ring; its length is a power of two
    private int first; // counts up and wraps; so does behind
    private int behind;

    /** The empty line of all who never waited: to be replaced before the first entry. */
    static AnswerLine none() {
        return NONE;
    }

    /** The line to wait in: this one, or if it is that of all, a new one. */
    AnswerLine own() {
        return this == NONE ? new AnswerLine() : this;
    }

    boolean isEmpty() {
        return first == behind;
    }

    int size() {
        return behind - first;
    }

    void add(int entry) {
        if (size() == places.length) {
            grow();
        }
        places[behind++ & places.length - 1] = entry;
    }

    int first() {
        return places[first & places.length - 1];
    }

    void removeFirst() {
        first++;
        if (isEmpty() && places.length > LARGEST_KEPT) {
            clear();
        }
    }

    private void clear() {
        places = EMPTY;
        first = 0;
        behind = 0;
    }

    private void grow() {
        if (this == NONE) {
            throw new IllegalStateException("this line belongs to nobody");
        }
        int[] larger = new int[Math.max(SMALLEST, places.length * 2)];
        int size = size();
        for (int i = 0; i < size; i++) {
            larger[i] = places[first + i & places.length - 1];
        }
        places = larger;
        first = 0;
        behind = size;
    }
}

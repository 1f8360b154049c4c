package io.mqttx.broker.session;

import java.util.Arrays;

/**
 * The part of a queue that is kept by the storage alone: of each message its number and size, 12 bytes, so that a
 * session with a million of them is nothing to worry about. First in, first out.
 */
final class Shelf {
    /** One that is empty and stays so. */
    static final Shelf NONE = new Shelf();

    private static final int SMALLEST = 64;
    private static final int NOT_COUNTED = -1;

    private long[] sequences = {}; // a ring, and so is the next; the length is a power of two
    private int[] sizes = {};
    private int first; // counts up and wraps; so does behind
    private int behind;

    boolean isEmpty() {
        return first == behind;
    }

    int size() {
        return behind - first;
    }

    /**
     * One more.
     *
     * @param size    in bytes
     * @param counted whether it takes room
     */
    void add(long sequence, long size, boolean counted) {
        if (size() == sequences.length) {
            grow();
        }
        int place = behind++ & sequences.length - 1;
        sequences[place] = sequence;
        sizes[place] = counted ? (int) Math.min(size, Integer.MAX_VALUE) : NOT_COUNTED;
    }

    long firstSequence() {
        return sequences[first & sequences.length - 1];
    }

    boolean isFirstCounted() {
        return sizes[first & sizes.length - 1] != NOT_COUNTED;
    }

    /** Its bytes, 0 if it takes no room. */
    long firstSize() {
        return Math.max(0, sizes[first & sizes.length - 1]);
    }

    void removeFirst() {
        first++;
        if (isEmpty()) {
            clear();
        }
    }

    /** The numbers of the first few. */
    long[] firstSequences(int most) {
        long[] some = new long[Math.min(most, size())];
        for (int i = 0; i < some.length; i++) {
            some[i] = sequences[first + i & sequences.length - 1];
        }
        return some;
    }

    void clear() {
        sequences = new long[0];
        sizes = new int[0];
        first = 0;
        behind = 0;
    }

    private void grow() {
        int size = size();
        int length = Math.max(SMALLEST, sequences.length * 2);
        long[] moreSequences = Arrays.copyOf(firstSequences(size), length);
        int[] moreSizes = new int[length];
        for (int i = 0; i < size; i++) {
            moreSizes[i] = sizes[first + i & sizes.length - 1];
        }
        sequences = moreSequences;
        sizes = moreSizes;
        first = 0;
        behind = size;
    }
}

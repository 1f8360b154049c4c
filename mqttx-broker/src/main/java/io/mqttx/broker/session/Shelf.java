package io.mqttx.broker.session;

import java.util.Arrays;
import java.util.Set;

/**
 * The part of a queue that is kept by the storage alone: of each message its number and size, 12 bytes, so that a
 * session with a million of them is nothing to worry about. First in, first out.
 */
final class Shelf {
    /** One that is empty and stays so. */
    static final Shelf NONE = new Shelf();

    private static final int SMALLEST = 64;
    private static final int NOT_COUNTED = 1 << 31;
    private static final int SHARED = 1 << 30;
    private static final int SIZE = SHARED - 1; // more than the largest message

    private long[] sequences = {}; // a ring, and so is the next; the length is a power of two
    private int[] sizes = {};
    private int first; // counts up and wraps; so does behind
    private int behind;
    private int shared; // how many came by shared subscriptions

    // While somebody looks through: the first so many were looked at and stay, and behind them are places of others
    // that left. Without the former there are none of the latter.
    private int looked;
    private int hole;
    private int page; // so many behind those are being looked at

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        return behind - first - hole;
    }

    /**
     * One more.
     *
     * @param size    in bytes
     * @param counted whether it takes room
     * @param isShared whether it came by a shared subscription
     */
    void add(long sequence, long size, boolean counted, boolean isShared) {
        if (behind - first == sequences.length) {
            grow();
        }
        int place = behind++ & sequences.length - 1;
        sequences[place] = sequence;
        sizes[place] = (int) Math.min(size, SIZE) | (counted ? 0 : NOT_COUNTED) | (isShared ? SHARED : 0);
        shared += isShared ? 1 : 0;
    }

    /** Whether some came by shared subscriptions. */
    boolean hasShared() {
        return shared > 0;
    }

    long firstSequence() {
        return sequences[place(0)];
    }

    boolean isFirstCounted() {
        return isCounted(place(0));
    }

    /** Its bytes, 0 if it takes no room. */
    long firstSize() {
        return sizeAt(place(0));
    }

    void removeFirst() {
        shared -= isShared(place(0)) ? 1 : 0;
        first++;
        if (looked > 0) {
            looked--;
        } else {
            page = Math.max(0, page - 1);
        }
        tidy();
    }

    /** The numbers of the first few. */
    long[] firstSequences(int most) {
        long[] some = new long[Math.min(most, size())];
        for (int i = 0; i < some.length; i++) {
            some[i] = sequences[place(i)];
        }
        return some;
    }

    void clear() {
        sequences = new long[0];
        sizes = new int[0];
        first = 0;
        behind = 0;
        shared = 0;
        looked = 0;
        hole = 0;
        page = 0;
    }

    // ---- looking through

    /** Who left while somebody looked through. */
    interface Leaving {
        /**
         * One did.
         *
         * @param index how many were in front of it, those counted that have left since the page was asked for
         */
        void left(int index, long size, boolean counted);
    }

    /** From the first again: the next page begins there. */
    void lookAgain() {
        for (int i = looked - 1; i >= 0; i--) { // closes the gap
            move(first + i, first + hole + i);
        }
        first += hole;
        hole = 0;
        looked = 0;
        page = 0;
    }

    /** The numbers of the next that came by shared subscriptions, at most so many messages and about so many bytes. */
    long[] nextShared(int most, long bytes) {
        long[] some = new long[Math.min(most, shared)];
        int found = 0;
        long sum = 0;
        for (page = 0; found < some.length && sum < bytes && looked + page < size(); page++) {
            int place = place(looked + page);
            if (isShared(place)) {
                some[found++] = sequences[place];
                sum += sizeAt(place);
            }
        }
        return Arrays.copyOf(some, found);
    }

    /** The page was looked at; these of it leave. */
    void settle(Set<Long> leaving, Leaving told) {
        int begin = looked;
        int all = page;
        for (int i = 0; i < all; i++) {
            int place = place(looked);
            if (leaving.contains(sequences[place])) {
                shared -= isShared(place) ? 1 : 0;
                hole++;
                told.left(begin + i, sizeAt(place), isCounted(place));
            } else {
                move(first + hole + looked, first + looked);
                looked++;
            }
        }
        page = 0;
        tidy();
    }

    private void tidy() {
        if (looked == 0) {
            first += hole;
            hole = 0;
        }
        if (isEmpty()) {
            clear();
        }
    }

    /** Where the one at this index from the front is. */
    private int place(int index) {
        return (index < looked ? first + index : first + hole + index) & sequences.length - 1;
    }

    private void move(int from, int to) {
        int mask = sequences.length - 1;
        sequences[to & mask] = sequences[from & mask];
        sizes[to & mask] = sizes[from & mask];
    }

    private boolean isCounted(int place) {
        return (sizes[place] & NOT_COUNTED) == 0;
    }

    private boolean isShared(int place) {
        return (sizes[place] & SHARED) != 0;
    }

    /** In bytes; 0 if it takes no room. */
    private long sizeAt(int place) {
        return isCounted(place) ? sizes[place] & SIZE : 0;
    }

    private void grow() {
        int size = size();
        int length = Math.max(SMALLEST, sequences.length * 2);
        long[] moreSequences = Arrays.copyOf(firstSequences(size), length);
        int[] moreSizes = new int[length];
        for (int i = 0; i < size; i++) {
            moreSizes[i] = sizes[place(i)];
        }
        sequences = moreSequences;
        sizes = moreSizes;
        first = 0;
        behind = size;
        hole = 0;
    }
}

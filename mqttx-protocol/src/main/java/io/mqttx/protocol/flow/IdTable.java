package io.mqttx.protocol.flow;

import java.util.Arrays;
import java.util.Objects;

/**
 * What is known about each packet identifier in use: some bits, and a value for some. A hash table with open
 * addressing, which makes no garbage, takes no memory before its first entry, and grows with the number of
 * identifiers in use and never with their distance: one that is never answered does not cost the others.
 *
 * <p>A slot, as {@link #find} and {@link #put} give it, is good until the next {@code put} or {@code remove}.
 *
 * @param <V> the value
 */
final class IdTable<V> {
    private static final int ID_BITS = 16;
    private static final int ID_MASK = 0xFFFF;
    private static final int SMALLEST = 4;
    private static final int LARGEST_KEPT = 256; // slots, once empty: the next window of 100 makes no new table
    private static final long[] NO_ENTRIES = {};
    private static final Object[] NO_VALUES = {};
    private static final IdTable<Object> NONE = new IdTable<>();

    private long[] entries = NO_ENTRIES; // 0: free; else the identifier in the lowest bits, the owner's bits above
    private Object[] values = NO_VALUES; // beside the entries, once there was a value
    private int size;

    /** The empty table of all who never entered anything: to be replaced before the first entry. */
    @SuppressWarnings("unchecked") // it has no values
    static <V> IdTable<V> none() {
        return (IdTable<V>) NONE;
    }

    /** The table to enter something into: this one, or if it is that of all, a new one. */
    IdTable<V> own() {
        return this == NONE ? new IdTable<>() : this;
    }

    int size() {
        return size;
    }

    /** The slot of this identifier, or -1. */
    int find(int id) {
        if (size == 0) {
            return -1;
        }
        int slot = home(id);
        while (entries[slot] != 0) {
            if ((entries[slot] & ID_MASK) == id) {
                return slot;
            }
            slot = slot + 1 & entries.length - 1;
        }
        return -1;
    }

    boolean contains(int id) {
        return find(id) >= 0;
    }

    /** Enters an identifier that is not there. */
    int put(int id, long bits) {
        if ((size + 1) * 2 > entries.length) {
            resize(Math.max(SMALLEST, entries.length * 2));
        }
        size++;
        int slot = freeSlot(id);
        entries[slot] = bits << ID_BITS | id;
        return slot;
    }

    /** Enters an identifier that is not there, with a value. */
    int put(int id, long bits, V value) {
        int slot = put(id, bits);
        setValue(slot, value);
        return slot;
    }

    /** The identifier in a slot, or 0 if it is free. */
    int id(int slot) {
        return (int) (entries[slot] & ID_MASK);
    }

    /** The owner's bits, 48 of them. */
    long bits(int slot) {
        return entries[slot] >>> ID_BITS;
    }

    void setBits(int slot, long bits) {
        entries[slot] = bits << ID_BITS | entries[slot] & ID_MASK;
    }

    boolean hasValue(int slot) {
        return values.length > 0 && values[slot] != null;
    }

    /** The value of a slot that has one. */
    @SuppressWarnings("unchecked") // only setValue writes
    V value(int slot) {
        return (V) values[slot];
    }

    void setValue(int slot, V value) {
        if (values.length == 0) {
            values = new Object[entries.length];
        }
        values[slot] = value;
    }

    void dropValue(int slot) {
        if (values.length > 0) {
            values[slot] = null;
        }
    }

    /** How many slots there are to go through; free ones have identifier 0. */
    int slots() {
        return entries.length;
    }

    void remove(int slot) {
        int mask = entries.length - 1;
        int hole = slot;
        // Close the hole with whoever stands behind it only because it was taken: a find stops at a free slot.
        for (int at = hole + 1 & mask; entries[at] != 0; at = at + 1 & mask) {
            if ((at - home(id(at)) & mask) >= (at - hole & mask)) {
                move(at, hole);
                hole = at;
            }
        }
        entries[hole] = 0;
        dropValue(hole);
        size--;
        if (size == 0 && entries.length > LARGEST_KEPT) {
            clear();
        }
    }

    private void clear() {
        entries = NO_ENTRIES;
        values = NO_VALUES;
        size = 0;
    }

    /** This table without what is not needed for the entries that are there. */
    IdTable<V> trimmed() {
        if (size == 0) {
            return none();
        }
        resize(Math.max(SMALLEST, Integer.highestOneBit(size * 2 - 1) * 2));
        return this;
    }

    private void move(int from, int to) {
        entries[to] = entries[from];
        if (values.length > 0) {
            values[to] = values[from];
        }
    }

    /** Spread by the golden ratio, so that neighbours, the usual case, do not stand in one row. */
    private int home(int id) {
        return id * 0x9E37_79B9 >>> Integer.numberOfLeadingZeros(entries.length) + 1;
    }

    private int freeSlot(int id) {
        int slot = home(id);
        while (entries[slot] != 0) {
            slot = slot + 1 & entries.length - 1;
        }
        return slot;
    }

    private void resize(int slots) {
        if (this == NONE) {
            throw new IllegalStateException("this table belongs to nobody");
        }
        long[] oldEntries = entries;
        Object[] oldValues = values;
        entries = new long[slots];
        values = Arrays.stream(oldValues).allMatch(Objects::isNull) ? NO_VALUES : new Object[slots];
        for (int old = 0; old < oldEntries.length; old++) {
            if (oldEntries[old] != 0) {
                int slot = freeSlot((int) (oldEntries[old] & ID_MASK));
                entries[slot] = oldEntries[old];
                if (values.length > 0) {
                    values[slot] = oldValues[old];
                }
            }
        }
    }
}

package io.mqttx.protocol.flow;

/**
 * The packet identifiers of one side of a session (§2.2.1): 1 to 65,535, given out in a circle, so that one that
 * has just become free rests as long as possible, and never one in use [MQTT-2.2.1-3] [MQTT-2.2.1-4].
 *
 * <p>PUBLISH, SUBSCRIBE and UNSUBSCRIBE share them; the identifiers of the peer are another matter and may have the
 * same numbers.
 */
public final class PacketIds {
    /** The highest identifier. */
    public static final int HIGHEST = 0xFFFF;

    private IdTable<Void> inUse = IdTable.none();
    private final int highest;
    private int last; // the one given out last, 0 at first

    /** All identifiers, none in use. */
    public PacketIds() {
        this(HIGHEST);
    }

    /**
     * Identifiers 1 to {@code highest}: a smaller circle, for tests and for whoever has to bound what is in flight.
     */
    public PacketIds(int highest) {
        if (highest < 1 || highest > HIGHEST) {
            throw new IllegalArgumentException("highest packet identifier is 1 to 65535, not " + highest);
        }
        this.highest = highest;
    }

    /** Whether all are in use. */
    public boolean isExhausted() {
        return inUse.size() >= highest;
    }

    /** How many are in use. */
    public int inUse() {
        return inUse.size();
    }

    /** Whether this one is in use. */
    public boolean isInUse(int packetId) {
        return inUse.contains(packetId);
    }

    /**
     * The next that is free, in use from now on.
     *
     * @throws IllegalStateException if there is none: ask {@link #isExhausted()} first
     */
    public int take() {
        if (isExhausted()) {
            throw new IllegalStateException("all " + highest + " packet identifiers are in use");
        }
        do {
            last = last >= highest ? 1 : last + 1;
        } while (inUse.contains(last));
        inUse = inUse.own();
        inUse.put(last, 0);
        return last;
    }

    /** This one is free again; nothing happens if it was. */
    public void release(int packetId) {
        int slot = inUse.find(packetId);
        if (slot >= 0) {
            inUse.remove(slot);
        }
    }

    /** The one given out last, 0 if there was none: where the circle goes on, for {@link #resumeAfter}. */
    public int last() {
        return last;
    }

    void resumeAfter(int packetId) {
        last = packetId;
    }

    /** Marks one as in use that was given out before this object was made. */
    void restore(int packetId) {
        if (!inUse.contains(packetId)) {
            inUse = inUse.own();
            inUse.put(packetId, 0);
        }
    }

    PacketIds unused() {
        return new PacketIds(highest);
    }

    void trim() {
        inUse = inUse.trimmed();
    }
}

package io.mqttx.client;

/**
 * Whether to let more come before the next read. A server that sends every packet by itself wakes the reader for each,
 * which takes longer than all the rest. So while packets come fast and one by one, and nobody waits for them, the reader
 * takes a nap after each read, and finds several. Pure: told the time.
 */
final class Pace {
    /** Nanoseconds of a nap. The system makes about twice as much of it. */
    static final long NAP = 50_000;

    private static final long PERIOD = 1_000_000; // nanoseconds
    private static final int FAST = 15; // packets in it
    private static final int FEW = 3; // packets a read; more come together by themselves
    private static final int ENOUGH = 4096; // bytes; who found more does not need to wait for more

    private long start; // of the period
    private int packetsRead; // in it
    private int reads; // in it
    private int urgentReads; // in it
    private boolean fast;
    private boolean napDue;

    /**
     * Bytes were read.
     *
     * @param packets how many were in them
     * @param urgent  whether one of them may wait for an answer of ours, or be one that is waited for
     */
    void read(int length, int packets, boolean urgent, long now) {
        packetsRead += packets;
        reads++;
        urgentReads += urgent ? 1 : 0;
        long took = now - start;
        if (took >= PERIOD) {
            fast = packetsRead * PERIOD >= FAST * took
                    && (fast || packetsRead <= FEW * reads)
                    && 4 * urgentReads <= reads;
            start = now;
            packetsRead = 0;
            reads = 0;
            urgentReads = 0;
        }
        napDue = fast && !urgent && length <= ENOUGH;
    }

    /** Whether to wait before the next read. */
    boolean isNapDue() {
        return napDue;
    }
}

package io.mqttx.client.link;

import java.io.IOException;

/** Bytes that the link below has delivered and nobody has taken yet. For the thread that reads. */
final class Incoming {
    private static final int FIRST_READ = 2 << 10; // bytes; most clients never need more
    private static final int LARGEST_READ = 64 << 10;

    private static final byte[] NOTHING = {};

    private final Link below;
    private final String peer;
    private byte[] bytes = NOTHING;
    private int from;
    private int to;

    /**
     * Nothing yet.
     *
     * @param peer who sends, for the sentence that says what was wrong
     */
    Incoming(Link below, String peer) {
        this.below = below;
        this.peer = peer;
    }

    String peer() {
        return peer;
    }

    /** Waits until there is a byte; false if the peer will send no more. */
    boolean await() throws IOException {
        int arrived = awaitNext();
        while (arrived == 0) {
            arrived = awaitNext();
        }
        return arrived > 0;
    }

    /** Waits for bytes, as {@link Link#read} does: returns how many there are, 0 after a silence, -1 at the end. */
    int awaitNext() throws IOException {
        if (from < to) {
            return to - from;
        }
        if (to == bytes.length && to < LARGEST_READ) {
            bytes = new byte[to == 0 ? FIRST_READ : LARGEST_READ];
        }
        from = 0;
        int arrived = below.read(bytes);
        to = Math.max(0, arrived);
        if (arrived == 0) {
            bytes = NOTHING; // many are silent for long
        }
        return arrived;
    }

    /** The next byte, 0 to 255, in the middle of something that the peer must send to its end. */
    int next() throws IOException {
        require();
        return bytes[from++] & 0xFF;
    }

    /** So many bytes, likewise. */
    byte[] next(int count) throws IOException {
        byte[] taken = new byte[count];
        for (int i = 0; i < count; i++) {
            taken[i] = (byte) next();
        }
        return taken;
    }

    /**
     * Takes what is there, or waits for it, in the middle of something that the peer must send to its end.
     *
     * @param most at least 1
     * @return how many bytes there are, at least 1
     */
    int take(byte[] into, int most) throws IOException {
        require();
        return takeArrived(into, Math.min(most, into.length));
    }

    /** Takes what is left over, and then reads from the link below, as {@link Link#read} does. */
    int readThrough(byte[] into) throws IOException {
        return from < to ? takeArrived(into, into.length) : below.read(into);
    }

    private int takeArrived(byte[] into, int most) {
        int length = Math.min(to - from, most);
        System.arraycopy(bytes, from, into, 0, length);
        from += length;
        return length;
    }

    private void require() throws IOException {
        if (!await()) {
            throw new LinkException("the " + peer + " closed the connection in the middle of an answer");
        }
    }
}

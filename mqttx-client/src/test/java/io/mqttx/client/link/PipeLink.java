package io.mqttx.client.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** One end of a wire in memory, with the manners of a socket. */
final class PipeLink implements Link {
    static final int ROOMY = 1 << 20;

    private final Pipe in;
    private final Pipe out;

    private PipeLink(Pipe in, Pipe out) {
        this.in = in;
        this.out = out;
    }

    /**
     * Both ends.
     *
     * @param fragment bytes that a read gives at most
     * @param room     bytes that wait to be read at most; a write that needs more waits
     */
    static PipeLink[] pair(int fragment, int room) {
        Pipe there = new Pipe(fragment, room);
        Pipe back = new Pipe(fragment, room);
        return new PipeLink[] {new PipeLink(back, there), new PipeLink(there, back)};
    }

    @Override
    public void open() {}

    @Override
    public int read(byte[] into) throws IOException {
        return in.read(into, into.length);
    }

    @Override
    public boolean wakeUp() {
        in.wakeUp();
        return true;
    }

    @Override
    public void whenReadable(Runnable action) {
        action.run(); // it is never silent for long
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    void write(byte... bytes) throws IOException {
        write(ByteBuffer.wrap(bytes));
    }

    void writeHex(String hex) throws IOException {
        write(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    void writeText(String text) throws IOException {
        write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** So many bytes, waited for. */
    byte[] read(int count) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] some = new byte[count];
        while (all.size() < count) {
            int length = in.read(some, count - all.size());
            if (length < 0) {
                throw new IOException("the end, after " + all.size() + " bytes");
            }
            all.write(some, 0, length);
        }
        return all.toByteArray();
    }

    String readHex(int count) throws IOException {
        return HexFormat.of().formatHex(read(count));
    }

    /** Up to the empty line that ends the head of a request. */
    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) (read(1)[0] & 0xFF));
        }
        return head.toString();
    }

    @Override
    public void finish() {
        out.finish();
    }

    @Override
    public void close() {
        in.close();
        out.close();
    }

    /** Whether there is something to read. */
    boolean hasArrived() {
        return in.hasBytes();
    }

    /** Whether the other end has something to read. */
    boolean isOtherEndBehind() {
        return out.hasBytes();
    }

    /** Whether a write at the other end waits for this one to read. */
    boolean isOtherEndStuck() {
        return in.isStuck();
    }

    /** One direction. */
    private static final class Pipe {
        private final int fragment;
        private final byte[] ring;
        private long written;
        private long read;
        private boolean finished;
        private boolean closed;
        private boolean stuck;
        private boolean woken;

        Pipe(int fragment, int room) {
            this.fragment = fragment;
            this.ring = new byte[room];
        }

        synchronized int read(byte[] into, int most) throws IOException {
            while (written == read && !finished && !closed && !woken) {
                await();
            }
            if (woken) {
                woken = false;
                return WOKEN;
            }
            if (closed) {
                throw new IOException("closed");
            }
            int length = (int) Math.min(Math.min(most, fragment), written - read);
            for (int i = 0; i < length; i++) {
                into[i] = ring[(int) (read++ % ring.length)];
            }
            notifyAll();
            return length == 0 ? -1 : length;
        }

        synchronized void write(ByteBuffer bytes) throws IOException {
            while (written - read == ring.length && !closed) {
                stuck = true;
                notifyAll();
                await();
            }
            stuck = false;
            if (closed || finished) {
                throw new IOException("closed");
            }
            while (bytes.hasRemaining() && written - read < ring.length) {
                ring[(int) (written++ % ring.length)] = bytes.get();
            }
            notifyAll();
        }

        synchronized void wakeUp() {
            woken = true;
            notifyAll();
        }

        synchronized void finish() {
            finished = true;
            notifyAll();
        }

        synchronized void close() {
            closed = true;
            notifyAll();
        }

        synchronized boolean hasBytes() {
            return written > read;
        }

        synchronized boolean isStuck() {
            return stuck;
        }

        @SuppressWarnings("WaitNotInLoop") // the callers have the loop
        private void await() throws IOException {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new InterruptedIOException();
            }
        }
    }
}

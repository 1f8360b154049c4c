package io.mqttx.client.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;

/**
 * WebSocket (RFC 6455) over any link, as MQTT uses it (§6 of MQTT 5.0): bytes go in binary frames of any size, and where
 * a frame ends means nothing.
 *
 * <p>The bytes of a frame are handed on as they arrive, so a large one takes no memory. What breaks the RFC ends the
 * connection with an exception and without a close frame: to a server that does not know how to frame there is nothing
 * to say.
 */
public final class WebSocketLink implements Link {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int BINARY = 2;
    private static final int CLOSE = 8;
    private static final int PING = 9;
    private static final int PONG = 10;

    private static final int LARGEST_CONTROL = 125; // bytes of payload (RFC 6455 §5.5)
    private static final long LARGEST_DATA = 1L << 30; // more than the largest packets that could be in it
    private static final int NORMAL = 1000; // status (RFC 6455 §7.4.1)
    private static final int GOING_AWAY = 1001;
    private static final int NO_STATUS = 1005; // none was sent
    private static final long PATIENCE = 1_000_000_000; // nanoseconds until the last frame is written

    private final Link below;
    private final WebSocketHandshake handshake;
    private final WebSocketFrames frames;
    private final Turns turns;
    private final AtomicReference<Optional<byte[]>> pong = new AtomicReference<>(Optional.empty()); // that is owed

    // The reader's:
    private final Incoming in;
    private long left; // bytes of the payload that are still to come
    private boolean inMessage; // a frame said that another one goes on with it
    private volatile boolean ended; // by a close frame; read by who pays as well

    private boolean finished; // of who has the turn: the close frame is written, and nothing may follow

    /**
     * A link that is not open yet.
     *
     * @param authority the server as it stands in the Host field: its name, and its port if that is not the usual one
     * @param path      with which the request goes, query included
     * @param headers   further fields of the request
     * @param random    of the kind that nobody can foresee (RFC 6455 §5.3)
     * @param executor  starts a thread for each task
     */
    public WebSocketLink(
            Link below, String authority, String path, Map<String, String> headers, Random random, Executor executor) {
        this.below = below;
        this.handshake = new WebSocketHandshake(authority, path, headers, random);
        this.frames = new WebSocketFrames(below, random);
        this.turns = new Turns(this::writeWhatIsOwed, executor);
        this.in = new Incoming(below, "server");
    }

    @Override
    public void open() throws IOException {
        below.open();
        handshake.shake(below, in);
    }

    @Override
    public int read(byte[] into) throws IOException {
        while (left == 0) {
            int arrived = ended ? -1 : in.awaitNext();
            if (arrived == 0 || arrived < 0 && !inMessage) { // between two messages the server may go
                return arrived;
            }
            readHeader();
        }
        int length = in.take(into, (int) Math.min(left, Integer.MAX_VALUE));
        left -= length;
        return length;
    }

    @Override
    public boolean wakeUp() {
        return false; // it may be in the middle of a frame
    }

    @Override
    public void whenReadable(Runnable action) {
        below.whenReadable(action);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        turns.take(() -> {
            if (finished) {
                throw new LinkException("the WebSocket is closed");
            }
            frames.write(BINARY, bytes.duplicate());
        });
    }

    /** Sends a close frame; the server answers with its own, behind which nothing follows (RFC 6455 §5.5.1). */
    @Override
    public void finish() throws IOException {
        turns.take(() -> close(NORMAL));
    }

    @Override
    public void close() {
        below.close();
    }

    // ---- Reading

    /** Reads the next header, and what is no data to its end. */
    private void readHeader() throws IOException {
        int first = in.next();
        int second = in.next();
        boolean last = (first & 0x80) != 0;
        require((first & 0x70) == 0, "reserved bits are set", "5.2");
        require((second & 0x80) == 0, "a frame of the server is masked", "5.1");
        long length = readLength(second & 0x7F);
        int opcode = first & 0x0F;
        switch (opcode) {
            case CONTINUATION -> require(inMessage, "there is nothing to go on with", "5.4");
            case BINARY -> require(!inMessage, "a message begins inside of another", "5.4");
            case TEXT -> throw new LinkException("the server sent text, and MQTT goes in binary frames [MQTT-6.0.0-1]");
            case CLOSE, PING, PONG -> {
                require(last && length <= LARGEST_CONTROL, "a control frame is too large or in parts", "5.5");
                control(opcode, in.next((int) length));
                return;
            }
            default -> require(false, "opcode " + opcode + " means nothing", "5.2");
        }
        require(length <= LARGEST_DATA, "a frame of " + length + " bytes is more than MQTT could fill", "10.4");
        left = length;
        inMessage = !last;
    }

    private long readLength(int small) throws IOException {
        if (small <= LARGEST_CONTROL) {
            return small;
        }
        int bytes = small == 126 ? 2 : 8;
        long length = 0;
        for (int i = 0; i < bytes; i++) {
            length = length << 8 | in.next();
        }
        boolean shortest = bytes == 2 ? length > LARGEST_CONTROL : length < 0 || length > 0xFFFF;
        require(shortest && length >= 0, "a length is not in its shortest form, or over 63 bits", "5.2");
        return length;
    }

    private void control(int opcode, byte[] payload) throws IOException {
        if (opcode == PING) {
            pong.set(Optional.of(payload)); // only the last of several needs an answer (§5.5.3)
            turns.owe();
        } else if (opcode == CLOSE) {
            require(payload.length != 1, "the status of a close frame has two bytes", "5.5.1");
            ended = true;
            turns.oweLast(PATIENCE);
            int status = payload.length == 0 ? NO_STATUS : (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
            if (status != NORMAL && status != GOING_AWAY && status != NO_STATUS) {
                throw new LinkException("the server closed the WebSocket with status " + status + reason(payload));
            }
        }
    }

    private static String reason(byte[] payload) {
        String words = new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
        return words.isEmpty() ? "" : ": " + HttpHead.shown(words);
    }

    private static void require(boolean right, String wrong, String section) throws LinkException {
        if (!right) {
            throw new LinkException("the server breaks WebSocket: " + wrong + " (RFC 6455 §" + section + ")");
        }
    }

    // ---- Writing, with the turn

    private void writeWhatIsOwed() throws IOException {
        Optional<byte[]> answer = pong.getAndSet(Optional.empty());
        if (answer.isPresent() && !finished) {
            frames.write(PONG, ByteBuffer.wrap(answer.get()));
        }
        if (ended) {
            close(NORMAL);
        }
    }

    private void close(int status) throws IOException {
        if (!finished) {
            finished = true;
            frames.write(CLOSE, ByteBuffer.allocate(2).putShort((short) status).flip());
        }
    }
}

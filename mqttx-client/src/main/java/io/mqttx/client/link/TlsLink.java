package io.mqttx.client.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/**
 * TLS over any link. {@link #open} shakes hands; {@link #finish} sends close_notify, and what the server still sends can
 * be read. {@link #close} sends nothing, because it would have to wait.
 *
 * <p>A server that closes the connection without close_notify between two records is taken at its word: MQTT packets
 * say themselves where they end. In the middle of a record it is an error.
 */
public final class TlsLink implements Link {
    private static final int CHUNK = 16 << 10;
    private static final int MOST_WITHOUT_DATA =
            1000; // records in a row that carry nothing, but make the engine answer
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /** Says whether the server is the right one, beyond what the engine has verified. */
    public interface PeerCheck {
        /** Throws if it is not. */
        void check(SSLSession session) throws IOException;
    }

    private final Link below;
    private final SSLEngine engine;
    private final PeerCheck peerCheck;
    private final Turns turns;
    private final ReentrantLock tasks = new ReentrantLock(); // who finds none to run waits for those that run

    // The reader's:
    private byte[] chunk = new byte[0];
    private ByteBuffer arrived = NOTHING; // to be decrypted
    private ByteBuffer plain = NOTHING; // to be read
    private boolean shaken; // hands: from now on it does not write
    private int withoutData; // records since the last that carried data

    private ByteBuffer leaving = NOTHING; // of who has the turn

    /**
     * A link that is not open yet.
     *
     * @param engine   for this connection alone
     * @param executor starts a thread for each task
     */
    public TlsLink(Link below, SSLEngine engine, PeerCheck peerCheck, Executor executor) {
        this.below = below;
        this.engine = engine;
        this.peerCheck = peerCheck;
        this.turns = new Turns(this::wrapWhatIsOwed, executor);
    }

    @Override
    public void open() throws IOException {
        below.open();
        try {
            plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize());
            engine.beginHandshake();
            shakeHands();
            plain.flip();
            shaken = true;
            peerCheck.check(engine.getSession());
        } catch (SSLException e) {
            sayWhy();
            throw TlsFailure.of(e);
        }
    }

    @Override
    public int read(byte[] into) throws IOException {
        try {
            int readable = plain.hasRemaining() ? plain.remaining() : decrypt();
            if (readable == 0) {
                giveMemoryBack();
            }
            if (readable <= 0) {
                return readable;
            }
        } catch (SSLException e) {
            throw TlsFailure.of(e);
        }
        int length = Math.min(plain.remaining(), into.length);
        plain.get(into, 0, length);
        return length;
    }

    @Override
    public boolean wakeUp() {
        return below.wakeUp();
    }

    @Override
    public void whenReadable(Runnable action) {
        below.whenReadable(action);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        try {
            turns.take(() -> wrap(bytes.duplicate()));
        } catch (SSLException e) {
            throw TlsFailure.of(e);
        }
    }

    @Override
    public void finish() throws IOException {
        turns.take(() -> {
            engine.closeOutbound();
            wrap(NOTHING);
            below.finish();
        });
    }

    @Override
    public void close() {
        below.close();
    }

    private void shakeHands() throws IOException {
        HandshakeStatus status = engine.getHandshakeStatus();
        while (status != HandshakeStatus.NOT_HANDSHAKING) {
            if (status == HandshakeStatus.NEED_WRAP) {
                turns.take(() -> wrap(NOTHING));
            } else if (status == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else {
                Status result = unwrap();
                if (result == Status.CLOSED || result == Status.BUFFER_UNDERFLOW && receive() < 0) {
                    throw new LinkException("the server closed the connection in the middle of the TLS handshake");
                }
            }
            status = engine.getHandshakeStatus();
        }
    }

    /** The handshake failed: the alert that the engine has ready tells the server why. */
    private void sayWhy() {
        try {
            turns.take(() -> {
                engine.closeOutbound();
                wrap(NOTHING);
            });
        } catch (IOException e) {
            // The server has gone, or the engine has nothing to say.
        }
    }

    // ---- Reading

    /** Decrypts what has arrived, and waits for more if that is nothing; returns as {@link Link#read} does. */
    private int decrypt() throws IOException {
        plain.clear();
        int received = -1;
        Status status = unwrap();
        while (status == Status.OK || plain.position() == 0 && status != Status.CLOSED) {
            if (status == Status.BUFFER_OVERFLOW) {
                enlargePlain();
            } else if (status == Status.BUFFER_UNDERFLOW) {
                received = receive();
                if (received <= 0) {
                    break;
                }
            }
            status = unwrap();
        }
        boolean ended = status == Status.CLOSED;
        return plain.flip().hasRemaining() ? plain.remaining() : ended ? -1 : received;
    }

    /** What is silent is often silent for long. */
    private void giveMemoryBack() {
        chunk = new byte[0];
        plain = NOTHING;
        if (!arrived.hasRemaining()) {
            arrived = NOTHING;
        }
    }

    private Status unwrap() throws IOException {
        SSLEngineResult result = engine.unwrap(arrived, plain);
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
        if (result.bytesProduced() > 0) {
            withoutData = 0;
        } else if (result.bytesConsumed() > 0 && ++withoutData > MOST_WITHOUT_DATA) {
            throw new LinkException("the server sends TLS records without end, and nothing in them");
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && shaken) {
            turns.owe(); // the server wants new keys, or says goodbye
        }
        return result.getStatus();
    }

    /** Takes more bytes from the link below; returns what its {@link Link#read} did. */
    private int receive() throws IOException {
        if (chunk.length == 0) {
            chunk = new byte[CHUNK];
        }
        int length = below.read(chunk);
        if (length == -1 && shaken && arrived.hasRemaining()) {
            throw new LinkException("the server closed the connection in the middle of a TLS record");
        }
        if (length <= 0) {
            return length;
        }
        int needed = arrived.remaining() + length;
        if (arrived.capacity() < needed) {
            int usual = engine.getSession().getPacketBufferSize() + CHUNK;
            arrived = ByteBuffer.allocate(Math.max(usual, needed)).put(arrived);
        } else {
            arrived.compact();
        }
        arrived.put(chunk, 0, length).flip();
        return length;
    }

    private void enlargePlain() throws LinkException {
        int needed = engine.getSession().getApplicationBufferSize();
        if (plain.capacity() >= needed) {
            throw new LinkException("the server sends a TLS record that is too large");
        }
        plain = ByteBuffer.allocate(needed);
    }

    // ---- Writing, with the turn

    private void wrapWhatIsOwed() throws IOException {
        if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            wrap(NOTHING);
        }
    }

    /** Encrypts and writes all of this, and what the engine itself has to say. */
    private void wrap(ByteBuffer bytes) throws IOException {
        boolean more = true;
        while (more) {
            if (leaving.capacity() == 0) {
                leaving = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
            }
            SSLEngineResult result = engine.wrap(bytes, leaving.clear());
            if (result.getStatus() == Status.BUFFER_OVERFLOW) {
                leaving = ByteBuffer.allocate(2 * leaving.capacity());
            } else if (result.getStatus() == Status.CLOSED && bytes.hasRemaining()) {
                throw new LinkException("TLS is closed");
            } else if (leaving.flip().hasRemaining()) {
                below.write(leaving);
            } else if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                runTasks();
            } else if (bytes.hasRemaining()) {
                throw new LinkException("the server does not come to the end of a new TLS handshake");
            }
            more = result.getStatus() != Status.CLOSED
                    && (bytes.hasRemaining() || engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP);
        }
    }

    private void runTasks() {
        tasks.lock();
        try {
            for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
                task.run();
            }
        } finally {
            tasks.unlock();
        }
    }
}

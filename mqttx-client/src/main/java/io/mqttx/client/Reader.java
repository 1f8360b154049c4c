package io.mqttx.client;

import io.mqttx.client.DisconnectReason.Cause;
import io.mqttx.client.link.Link;
import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Opens the link, reads, and tells the loop what came, until the link ends: on a thread that goes when the server has
 * been silent for a while, and comes again with the next byte. It never writes and never calls the application, so nothing
 * but {@link #awaitRoom} can keep it from reading.
 *
 * <p>It stops when {@link #HELD} bytes wait to be told, which slows down the server. But while somebody waits for an
 * answer of the server it reads on until {@link #HELD_AT_MOST}, because the answer may come behind the messages; there
 * it fails the call that a callback waits in, and goes on when the callback does.
 */
final class Reader {
    private static final System.Logger LOG = System.getLogger(Reader.class.getName());

    /** Bytes of messages that wait to be told when reading stops. */
    private static final long HELD = 1 << 20;

    /** Bytes of messages that wait to be told when reading stops although somebody waits for the server. */
    private static final long HELD_AT_MOST = 16 << 20;

    private static final int FIRST_READ = 1 << 10; // bytes; many clients never need more, and there may be thousands
    private static final int LARGEST_READ = 64 << 10;

    private final ClientLoop loop;
    private final Link link;
    private final ClientOptions options;
    private final Machine machine;
    private final PacketDecoder decoder; // of who reads
    private final ReentrantLock lock; // the client's; guards everything below
    private final Writer writer;
    private final Callbacks callbacks;
    private final Counts counts;
    private final String threadName;

    private boolean reading; // somebody waits for the server, since readingSince
    private long readingSince;

    Reader(ClientLoop loop, Link link, ClientSession session, Writer writer, ProtocolVersion version) {
        this.loop = loop;
        this.link = link;
        this.options = session.options();
        this.machine = session.machine();
        this.decoder =
                PacketDecoder.forVersion(version, DecoderOptions.defaults().withMaxPacketSize(options.maxPacketSize()));
        this.lock = session.lock();
        this.writer = writer;
        this.callbacks = session.callbacks();
        this.counts = session.counts();
        this.threadName = session.name() + "-reader";
    }

    /** Once. */
    void start() {
        machine.start(threadName, () -> run(true));
    }

    /** Since when it hears what the server says: {@code now} if it does not, because it waits for room. With the lock. */
    long listeningSince(long now) {
        return reading ? readingSince : now;
    }

    /** The server was silent, and the thread has gone meanwhile. */
    private void goOn() {
        try {
            machine.start(threadName, () -> run(false));
        } catch (OutOfMemoryError e) { // there is no thread to be had
            loop.lost(DisconnectReason.ioError(e));
            leave();
        }
    }

    private void run(boolean begins) {
        boolean silent = false;
        try {
            if (begins) {
                link.open();
                loop.opened();
                received(0, List.of(), Optional.empty()); // nothing yet
            }
            silent = read();
            if (!silent) {
                loop.lost(DisconnectReason.of(
                        Cause.CLOSED_BY_SERVER, ReasonCode.UNSPECIFIED_ERROR, "the server closed the connection"));
            }
        } catch (IOException e) {
            loop.lost(DisconnectReason.ioError(e));
        } catch (RuntimeException | Error e) { // a mistake of ours must not leave anybody waiting
            LOG.log(Level.ERROR, threadName + " failed", e);
            loop.lost(DisconnectReason.ioError(e));
        } finally {
            if (!silent) {
                leave();
            }
        }
        if (silent) {
            link.whenReadable(this::goOn); // from here on another thread may read
        }
    }

    private void leave() {
        link.close();
        loop.left();
    }

    /** Returns true when the server is silent, and false at the end. */
    private boolean read() throws IOException {
        List<Packet> packets = new ArrayList<>();
        byte[] bytes = new byte[FIRST_READ];
        int length = link.read(bytes);
        while (length > 0) {
            received(length, packets, decode(ByteBuffer.wrap(bytes, 0, length), packets));
            packets.clear();
            if (length == bytes.length && length < LARGEST_READ) {
                bytes = new byte[4 * length];
            }
            length = link.read(bytes);
        }
        return length == 0;
    }

    /** Decodes without the lock; what cannot be decoded is returned, behind the packets before it. */
    private Optional<ProtocolException> decode(ByteBuffer in, List<Packet> packets) {
        try {
            while (decoder.next(in)) {
                packets.add(decoder.packet());
            }
            return Optional.empty();
        } catch (ProtocolException e) {
            return Optional.of(e);
        }
    }

    /** Tells what came, and waits until more may come. */
    private void received(int length, List<Packet> packets, Optional<ProtocolException> error) {
        Threads.lock(lock);
        try {
            counts.received(length);
            reading = false;
            loop.received(packets, error);
            awaitRoom();
            reading = true;
            readingSince = machine.now();
        } finally {
            writer.release();
        }
    }

    /** Waits until there is room for more messages, or a reason to read on without. */
    private void awaitRoom() {
        while (!loop.isOver() && (callbacks.held() >= HELD || callbacks.isFull())) {
            boolean full = callbacks.held() >= HELD_AT_MOST;
            if (!full && loop.isServerAwaited()) {
                return;
            }
            if (full) {
                loop.giveUpCallback(piledUp());
            }
            writer.wake();
            long count = callbacks.count();
            boolean signalled =
                    Threads.await(callbacks.room(), options.requestTimeout().toNanos());
            if (!signalled && callbacks.count() == count && callbacks.held() >= HELD_AT_MOST) {
                loop.failWaiting(Reader::piledUp); // a callback may wait for one of these futures
            }
        }
    }

    private static FlowControlException piledUp() {
        return new FlowControlException("the callbacks do not keep up: over " + HELD_AT_MOST
                + " bytes of messages came before the answer that one of them waits for");
    }
}

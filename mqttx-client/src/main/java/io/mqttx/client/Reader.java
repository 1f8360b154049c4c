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
 * been silent for a while, and comes again with the next byte.
 *
 * <p>The thread that read completes the application's futures and tells its callbacks, if nobody else does: to wake another
 * would take longer than most of them do. But nothing may keep the client from reading for long. So when the application
 * begins to wait for the server, or does not come back for {@link #LOAN}, another thread takes over the reading, and the
 * one with the application goes when it is done. After a call that took so long, the connection has a thread for each.
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

    /** Nanoseconds that the application may take of who reads; twice that at the most. */
    private static final long LOAN = 10_000_000;

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
    private final Completions completions;
    private final Pace pace = new Pace(); // of who reads

    private boolean reading; // somebody waits for the server, since readingSince
    private long readingSince;
    private int shift; // counts the threads that have read in turn, one by one; only the last may
    private Optional<Thread> lent = Optional.empty(); // the thread of this shift, while it is with the application
    private long loans; // how often that was
    private boolean watched; // the timer looks after the loans
    private boolean toTell; // that thread will tell the callbacks, but has not begun
    private boolean slow; // the application took too long once

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
        this.completions = session.completions();
        this.counts = session.counts();
        this.threadName = session.name() + "-reader";
    }

    /** Once. */
    void start() {
        start(true, 0);
    }

    private void start(boolean begins, int mine) {
        machine.start(threadName, () -> run(begins, mine));
    }

    /** Since when it hears what the server says: {@code now} if it does not hear. With the lock. */
    long listeningSince(long now) {
        return reading ? readingSince : now;
    }

    /** The server was silent, and the thread has gone meanwhile. */
    private void goOn(int mine) {
        try {
            start(false, mine);
        } catch (OutOfMemoryError e) { // there is no thread to be had
            loop.lost(DisconnectReason.ioError(e));
            leave(mine);
        }
    }

    private void run(boolean begins, int mine) {
        int length = -1;
        try {
            if (begins) {
                link.open();
                loop.opened();
                boolean ignored = received(mine, 0, List.of(), Optional.empty()); // nothing yet
            }
            length = read(mine);
            if (length < 0) {
                loop.lost(DisconnectReason.of(
                        Cause.CLOSED_BY_SERVER, ReasonCode.UNSPECIFIED_ERROR, "the server closed the connection"));
            }
        } catch (IOException e) {
            loop.lost(DisconnectReason.ioError(e));
        } catch (RuntimeException | Error e) { // a mistake of ours must not leave anybody waiting
            LOG.log(Level.ERROR, threadName + " failed", e);
            loop.lost(DisconnectReason.ioError(e));
        } finally {
            if (length < 0) {
                leave(mine);
            }
        }
        if (length == 0) {
            link.whenReadable(() -> goOn(mine)); // from here on another thread may read
        }
    }

    /** The end; for who reads, and not for who did before and failed with the application. */
    private void leave(int mine) {
        lock.lock();
        try {
            if (mine != shift) {
                return;
            }
            lent = Optional.empty();
            leaveTelling();
        } finally {
            writer.release();
        }
        link.close();
        loop.left();
    }

    /** Returns 0 when the server is silent, less at the end, and more when another thread reads on. */
    private int read(int mine) throws IOException {
        List<Packet> packets = new ArrayList<>();
        byte[] bytes = new byte[FIRST_READ];
        int length = link.read(bytes);
        while (length > 0 || length == Link.WOKEN) {
            boolean goesOn = length < 0
                    ? write(mine)
                    : received(mine, length, packets, decode(ByteBuffer.wrap(bytes, 0, length), packets));
            if (!goesOn) {
                return 1;
            }
            packets.clear();
            if (length == bytes.length && length < LARGEST_READ) {
                bytes = new byte[4 * length];
            }
            if (length > 0 && pace.isNapDue()) {
                machine.park(this, Pace.NAP);
            }
            length = link.read(bytes);
        }
        return length;
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

    /**
     * Tells what came, and waits until more may come.
     *
     * @return false if another thread reads meanwhile, and this one has to go
     */
    private boolean received(int mine, int length, List<Packet> packets, Optional<ProtocolException> error) {
        boolean completer = false;
        try {
            Threads.lock(lock);
            try {
                long now = machine.now();
                counts.received(length);
                pace.read(length, packets.size(), loop.isUrgent(packets.size(), readingSince), now);
                reading = false;
                toTell = !slow && callbacks.take();
                loop.received(packets, error, now);
                completer = !slow && !loop.isOver() && completions.take();
                if (loop.isOver() || callbacks.isEmpty()) {
                    leaveTelling();
                }
                if (!completer && !toTell) {
                    awaitMore();
                    return true;
                }
                lend();
            } finally {
                writer.release();
            }
        } finally {
            if (completer) {
                completions.run();
            }
        }
        return tellAll(mine);
    }

    private void leaveTelling() {
        if (toTell) {
            toTell = false;
            callbacks.leaveTelling();
        }
    }

    private void lend() {
        lent = Optional.of(Thread.currentThread());
        loans++;
        watch();
    }

    /** Tells what there is to tell, unless somebody else does meanwhile, and writes the answers. */
    private boolean tellAll(int mine) {
        Threads.lock(lock);
        try {
            if (toTell && mine == shift) {
                toTell = false;
                lock.unlock();
                try {
                    callbacks.tellAll();
                } finally {
                    Threads.lock(lock);
                }
                if (mine == shift) {
                    writer.writeNow();
                }
            }
            if (mine != shift) {
                return false;
            }
            lent = Optional.empty();
            awaitMore();
            return true;
        } finally {
            writer.release();
        }
    }

    /**
     * Lets the thread write that waits for the server, if it does. It is woken for the answer too: so one wake-up does for
     * both, and mostly on the processor where the answer will be. With the lock.
     */
    boolean takesWriting() {
        return reading && !slow && link.wakeUp();
    }

    /** Writes what a caller has left; returns as {@link #received} does. */
    private boolean write(int mine) {
        Threads.lock(lock);
        try {
            lend();
            writer.writeNow();
            if (mine != shift) {
                return false;
            }
            lent = Optional.empty();
            return true;
        } finally {
            writer.release();
        }
    }

    /** Whether the calling thread comes back from the application and writes what it leaves. With the lock. */
    boolean isToWrite() {
        return lent.isPresent() && callbacks.isCurrent();
    }

    private void awaitMore() {
        awaitRoom();
        listen();
    }

    private void listen() {
        reading = true;
        readingSince = machine.now();
    }

    /** The calling thread is about to wait for the server: it does not read meanwhile. With the lock. */
    void callerWaits() {
        if (lent.isPresent() && lent.get() == Thread.currentThread()) {
            relieve();
        }
    }

    /** Lets another thread do what the one does not that is with the application. */
    private void relieve() {
        try {
            start(false, shift + 1);
            shift++;
            lent = Optional.empty();
            leaveTelling();
            listen();
            writer.wake();
        } catch (OutOfMemoryError e) {
            slow = true; // there is no thread to be had: this one reads when it is back
        }
    }

    /** Sees to it that a loan that takes long is noticed, with one task for many loans. */
    private void watch() {
        if (!watched) {
            long known = loans;
            watched = machine.schedule(() -> look(known), LOAN).isPresent();
        }
    }

    private void look(long known) {
        lock.lock();
        try {
            watched = false;
            if (loans != known) {
                watch();
            } else if (lent.isPresent()) {
                slow = true;
                relieve();
            }
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

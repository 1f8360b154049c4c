package io.mqttx.client;

import io.mqttx.client.link.Link;
import io.mqttx.client.link.Patience;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Brings packets to the link: if the line is still, the thread that waits for the server writes them; if it is only quiet
 * or nobody waits so, a caller itself; and if it is busy, a thread that is there while there is something to write takes
 * all that has come together in one go.
 *
 * <p>All methods are called with the lock. Nobody holds it while the link writes; so that nothing is left behind, who
 * has the lock gives it back with {@link #release} or {@link #writeAndRelease}.
 */
final class Writer {
    private static final long QUIET = 100_000; // nanoseconds since the last write; a busy line is for the thread
    private static final long STILL = 500_000; // nanoseconds; a reader that had to write now and then would read less

    /** What may be written still. */
    private enum Stage {
        OPEN,
        LAST_WORD, // what waits, and nothing behind it
        FINISHED, // nothing: the link was told, and the server has time to read
        ABANDONED // nothing: the link is to be closed
    }

    private final ClientLoop loop;
    private final Link link;
    private final Machine machine;
    private final ReentrantLock lock; // the client's
    private final Output output;
    private final Callbacks callbacks;
    private final Completions completions;
    private final EventQueue events;
    private final Counts counts;
    private final StoredSession stored;
    private final String threadName;

    private Stage stage = Stage.OPEN;
    private Optional<Exception> broken = Optional.empty();
    private boolean writing; // somebody writes to the link now
    private boolean running; // the thread
    private Optional<Thread> waiting = Optional.empty(); // the thread, if it waits for something to write
    private long lastWrite;

    Writer(ClientLoop loop, Link link, ClientSession session, ProtocolVersion version) {
        this.loop = loop;
        this.link = link;
        this.machine = session.machine();
        this.lastWrite = machine.now() - QUIET;
        this.lock = session.lock();
        this.output = new Output(version);
        this.callbacks = session.callbacks();
        this.completions = session.completions();
        this.events = session.events();
        this.counts = session.counts();
        this.stored = session.stored();
        this.threadName = session.name() + "-writer";
    }

    /** Adds a packet; forgets it if writing has failed. */
    void put(Packet packet) {
        if (broken.isEmpty()) {
            output.put(packet);
        }
    }

    /** Whether a message may be added without taking ever more memory. */
    boolean hasRoom() {
        return output.hasRoom();
    }

    /** When bytes were given to the link last. */
    long lastWrite() {
        return lastWrite;
    }

    /** Why nothing can be written any more; the reader may still find out what the server had to say. */
    Optional<Exception> broken() {
        return broken;
    }

    /** Nothing more will be added: what waits is still written, and the link is told. */
    void finish() {
        stage = Stage.LAST_WORD;
    }

    /** Nothing is written any more, and the link is closed when the lock is given back. */
    void abandon() {
        stage = Stage.ABANDONED;
        output.clear();
        wakeThread();
    }

    /** Writes what waits, if nobody does. Gives the lock back meanwhile. */
    void writeNow() {
        if (!writing && !output.isEmpty() && stage != Stage.ABANDONED) {
            write();
        }
    }

    /** Sees to it that somebody else writes what waits. */
    void wake() {
        if (silence() <= STILL || !loop.readerWrites()) {
            leaveToThread();
        }
    }

    private void leaveToThread() {
        if (writing || !hasWork()) {
            return; // who writes looks again behind it: a thread that is woken meanwhile would only sleep again
        }
        if (waiting.isPresent()) {
            wakeThread();
        } else if (!running) {
            machine.start(threadName, this::run);
            running = true; // not before: there may be no thread to be had
        }
    }

    /** Gives the lock back, and leaves what waits to others. */
    void release() {
        release(false);
    }

    /**
     * Gives the lock back, and lets the calling thread write what waits, if the line is quiet and nobody better is there: it
     * waits then if the server does not read.
     */
    void writeAndRelease() {
        release(!callbacks.isCurrent());
    }

    private void release(boolean self) {
        boolean abandoned;
        try {
            long silence = silence();
            if (silence <= STILL || !loop.readerWrites()) {
                if (self && silence > QUIET) {
                    write();
                } else {
                    leaveToThread();
                }
            }
        } finally {
            abandoned = stage == Stage.ABANDONED;
            lock.unlock();
        }
        if (abandoned) {
            link.close();
        }
        completions.kick();
        events.tell();
    }

    /** How long nothing has been written, in nanoseconds; 0 if there is nothing to write, or somebody does. */
    private long silence() {
        return writing || output.isEmpty() ? 0 : machine.now() - lastWrite;
    }

    private boolean hasWork() {
        return stage != Stage.ABANDONED && (stage == Stage.LAST_WORD || !output.isEmpty());
    }

    private void run() {
        lock.lock();
        try {
            boolean idle = false;
            while (!idle && stage != Stage.ABANDONED) {
                if (!writing && !output.isEmpty()) {
                    write();
                } else if (!writing && stage == Stage.LAST_WORD) {
                    finishLink();
                } else {
                    idle = !awaitWork() && !hasWork();
                }
            }
        } finally {
            running = false;
            release();
        }
    }

    /**
     * Waits without the lock. No condition: who was signalled has to stand in line for the lock at once, in the way of
     * the publisher that goes on.
     *
     * @return whether there may be something to write
     */
    private boolean awaitWork() {
        waiting = Optional.of(Thread.currentThread());
        lock.unlock();
        try {
            machine.park(this, Patience.OF_ALL.begin(Threads.isVirtual()));
            Patience.OF_ALL.end(Threads.isVirtual());
            boolean ignored = Thread.interrupted(); // on one of our own threads an interrupt means nothing
        } finally {
            Threads.lock(lock);
        }
        boolean woken = waiting.isEmpty();
        waiting = Optional.empty();
        return woken;
    }

    private void wakeThread() {
        waiting.ifPresent(machine::unpark);
        waiting = Optional.empty();
    }

    /** Writes what waits, without the lock. */
    private void write() {
        writing = true;
        ByteBuffer bytes = output.take();
        int length = bytes.remaining();
        lock.unlock();
        Optional<Exception> failure = Optional.empty();
        try {
            stored.sync(); // what these bytes promise
            link.write(bytes);
        } catch (IOException | RuntimeException e) { // a mistake in a link must not leave anybody waiting either
            failure = Optional.of(e);
        } catch (OutOfMemoryError e) { // what is lost here must not be missing in the middle
            failure = Optional.of(new IOException("no memory to write with", e));
        } finally {
            Threads.lock(lock);
            writing = false;
        }
        lastWrite = machine.now();
        if (failure.isPresent()) {
            broken = failure;
            output.clear();
            loop.writingFailed();
        } else {
            counts.sent(length);
            output.giveBack(bytes);
            loop.written(lastWrite);
        }
        wake();
    }

    private void finishLink() {
        stage = Stage.FINISHED;
        writing = true; // to the link this is a write like others
        lock.unlock();
        try {
            link.finish();
        } catch (IOException | RuntimeException e) {
            link.close();
        } finally {
            lock.lock();
            writing = false;
        }
    }
}

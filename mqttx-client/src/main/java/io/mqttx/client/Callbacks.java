package io.mqttx.client;

import io.mqttx.client.link.Patience;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells the application what happened: one call at a time, in order. Whoever brings calls may {@linkplain #take take}
 * over the telling and do it himself; if he does not, a thread does that is there while there is something to tell.
 * Calls are taken from the queue in batches, because a wake-up for each would cost more than the call.
 *
 * <p>Never refuses a call; whoever adds them watches {@link #held} and waits on {@link #room}.
 */
final class Callbacks {
    private static final System.Logger LOG = System.getLogger(Callbacks.class.getName());
    private static final int BATCH = 64;

    /** Something to tell. */
    interface Call {
        /** Calls the application. Without the lock. */
        void run();

        /** Bytes of memory that are free again when it has run. */
        default int weight() {
            return 0;
        }

        /** Whether {@link #finished} is to be called as soon as it has run. */
        default boolean isAwaited() {
            return false;
        }

        /** It has run, or thrown. With the lock. */
        default void finished() {}
    }

    private final ReentrantLock lock; // the client's
    private final Machine machine;
    private final Condition room;
    private final Condition toTell;
    private final String threadName;
    private final Queue<Call> queue = new ArrayDeque<>();
    private final List<Call> batch = new ArrayList<>(); // of who tells
    private Optional<Promise<?>> awaited = Optional.empty(); // by the callback that runs now
    private boolean running; // the thread
    private boolean hurrying; // the thread does not stay
    private boolean waiting; // the thread, for toTell
    private boolean taken; // somebody tells now, or is about to
    private long held;
    private int full; // streams that have no room for more
    private long count;
    private volatile Thread thread; // the one that calls now; null while there is none
    private volatile boolean onlyEvents;

    Callbacks(ReentrantLock lock, String threadName, Machine machine) {
        this.lock = lock;
        this.machine = machine;
        this.room = machine.newCondition(lock);
        this.toTell = machine.newCondition(lock);
        this.threadName = threadName;
    }

    /** Whether the calling thread is inside of a callback. */
    boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Adds a call. With the lock. */
    void add(Call call) {
        held += call.weight();
        queue.add(call);
        wakeThread();
    }

    private void wakeThread() {
        if (taken) {
            return; // who tells looks again
        }
        if (waiting) {
            toTell.signal();
        } else if (!running) {
            machine.start(threadName, this::run);
            running = true; // not before: there may be no thread to be had
        }
    }

    /**
     * Takes over the telling, unless somebody else is at it: then {@link #tellAll} or {@link #leaveTelling} has to
     * follow. With the lock.
     */
    boolean take() {
        boolean free = !taken;
        taken = true;
        return free;
    }

    /** Whether there is something to tell. With the lock. */
    boolean isEmpty() {
        return queue.isEmpty();
    }

    /** Leaves what there is to tell to the thread. With the lock. */
    void leaveTelling() {
        taken = false;
        if (!queue.isEmpty()) {
            wakeThread();
        }
    }

    /** Tells what there is, and what comes meanwhile. Without the lock. */
    void tellAll() {
        thread = Thread.currentThread();
        while (takeBatch()) {
            int first = 0; // of those that have run and are not settled
            for (int i = 0; i < batch.size(); i++) {
                Call call = batch.get(i);
                tell(call);
                if (call.isAwaited() || i == batch.size() - 1) { // what is awaited does not wait for the calls behind
                    settle(batch.subList(first, i + 1));
                    first = i + 1;
                }
            }
            batch.clear();
        }
    }

    /** Bytes of what waits to be told or is being told. With the lock. */
    long held() {
        return held;
    }

    /** Whether some stream has no room for more messages. With the lock. */
    boolean isFull() {
        return full > 0;
    }

    /** A stream keeps more or less of what was told to it, and has room or not. With the lock. */
    void keep(long bytes, int fullStreams) {
        held += bytes;
        full += fullStreams;
        room.signal();
    }

    /** How many calls have come to their end: it grows as long as the application gets on. With the lock. */
    long count() {
        return count;
    }

    /** Signalled when {@link #held} has become less, or somebody has begun to wait for the server. */
    Condition room() {
        return room;
    }

    /** The callback that runs now waits for {@code promise}; nothing happens on any other thread. */
    void waitsFor(Promise<?> promise) {
        setAwaited(Optional.of(promise));
    }

    /** The callback that runs now waits no more; nothing happens on any other thread. */
    void goesOn() {
        setAwaited(Optional.empty());
    }

    /** Whether a callback waits for the server. With the lock. */
    boolean isWaiting() {
        return awaited.isPresent();
    }

    /** If a callback waits, its wait ends with {@code error}. With the lock. */
    void giveUpWaiting(RuntimeException error) {
        awaited.ifPresent(promise -> promise.future().completeExceptionally(error));
        awaited = Optional.empty();
    }

    /** Messages are not told any more, and not acknowledged: the application has closed the client. */
    void dropMessages() {
        onlyEvents = true;
    }

    /** There will be little to tell from now on, so the thread ends when it has told that. With the lock. */
    void hurry() {
        hurrying = true;
        toTell.signal();
    }

    private void run() {
        while (awaitCalls()) {
            tellAll();
        }
    }

    private void setAwaited(Optional<Promise<?>> promise) {
        if (!isCurrent()) {
            return;
        }
        lock.lock();
        try {
            awaited = promise;
            room.signal();
        } finally {
            lock.unlock();
        }
    }

    private boolean takeBatch() {
        lock.lock();
        try {
            while (batch.size() < BATCH && !queue.isEmpty()) {
                batch.add(queue.remove());
            }
            if (batch.isEmpty()) {
                thread = null;
                leaveTelling();
            }
            return !batch.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Until there are some, and nobody else tells them, or there was nothing to do for long. Starting a thread for each
     * would take longer than most take.
     */
    private boolean awaitCalls() {
        lock.lock();
        try {
            boolean idle = false;
            while ((taken || queue.isEmpty()) && !idle && !hurrying) {
                waiting = true;
                idle = !Threads.await(toTell, Patience.OF_ALL.begin(Threads.isVirtual()));
                Patience.OF_ALL.end(Threads.isVirtual());
                waiting = false;
            }
            running = !queue.isEmpty() && take();
            return running;
        } finally {
            lock.unlock();
        }
    }

    private void tell(Call call) {
        if (onlyEvents && call.weight() > 0) {
            return;
        }
        try {
            call.run();
        } catch (Throwable e) { // also an AssertionError of the application is no reason to fall silent
            LOG.log(Level.ERROR, "a callback of the application failed", e);
        }
    }

    private void settle(List<Call> calls) {
        lock.lock();
        try {
            for (Call call : calls) {
                held -= call.weight();
                count++;
                call.finished();
            }
            room.signal();
        } finally {
            lock.unlock();
        }
    }
}

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
 * Tells the application what happened: one call at a time, in order, on a thread that is there while there is something
 * to tell. Calls are taken from the queue in batches, because a wake-up for each would cost more than the call.
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
    private Optional<Promise<?>> awaited = Optional.empty(); // by the callback that runs now
    private boolean running; // the thread
    private boolean hurrying; // the thread does not stay
    private boolean waiting; // the thread, for toTell
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
        if (waiting) {
            toTell.signal();
        } else if (!running) {
            machine.start(threadName, this::run);
            running = true; // not before: there may be no thread to be had
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
        thread = Thread.currentThread();
        List<Call> batch = new ArrayList<>(BATCH);
        while (takeInto(batch)) {
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

    private boolean takeInto(List<Call> batch) {
        lock.lock();
        try {
            awaitCall();
            while (batch.size() < BATCH && !queue.isEmpty()) {
                batch.add(queue.remove());
            }
            if (batch.isEmpty()) {
                running = false;
                thread = null;
            }
            return !batch.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Until there is one, or there was none for long. Starting a thread for each would take longer than most take. */
    private void awaitCall() {
        boolean idle = false;
        while (queue.isEmpty() && !idle && !hurrying) {
            waiting = true;
            idle = !Threads.await(toTell, Patience.OF_ALL.begin(Threads.areVirtual()));
            Patience.OF_ALL.end();
            waiting = false;
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

package io.mqttx.client;

import io.mqttx.client.link.Patience;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the threads of all clients come from. They do not keep the JVM alive.
 *
 * <p>A few are platform threads, which are used again and end when they had nothing to do for a second: they are woken in
 * the least time. Where more are at work at once, the others are virtual ones, which take less memory, from Java 24 on.
 * Java 21 to 23 have them, but there a virtual thread that waits inside of {@code synchronized} keeps its carrier:
 * applications that call a blocking method of the client like that could hold all carriers, and the reader that they wait
 * for would never run.
 */
final class Threads {
    private static final int FIRST_WITHOUT_PINNING = 24;
    private static final int TRIES = 64; // some microseconds
    private static final Optional<Method> VIRTUAL = findVirtual();
    private static final Semaphore PLATFORM = new Semaphore(VIRTUAL.isPresent() ? Patience.FEW : Integer.MAX_VALUE);

    // A constant that holds threads only while there is work, so it needs no owner to close it.
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads::platform);

    private Threads() {}

    /** Whether the calling thread, one of our own, is a virtual one. */
    static boolean isVirtual() {
        return !(Thread.currentThread() instanceof Platform);
    }

    /** Runs {@code work} on a thread of its own, named {@code name} meanwhile. */
    static void start(String name, Runnable work) {
        boolean platform = PLATFORM.tryAcquire();
        Runnable named = () -> {
            Thread.currentThread().setName(name);
            try {
                work.run();
            } finally {
                Thread.currentThread().setName("mqttx-idle");
                PLATFORM.release(platform ? 1 : 0);
            }
        };
        if (!platform) {
            startVirtual(named);
            return;
        }
        try {
            POOL.execute(named);
        } catch (OutOfMemoryError e) { // there is no thread to be had
            PLATFORM.release();
            throw e;
        }
    }

    /** A daemon that inherits nothing from whoever happens to start it. */
    static Thread platform(Runnable work) {
        return new Platform(work);
    }

    /** Takes a lock that is held for moments only: to go to sleep for it, and be woken, would take far longer. */
    static void lock(ReentrantLock lock) {
        for (int i = 0; i < TRIES; i++) {
            if (lock.tryLock()) {
                return;
            }
            Thread.onSpinWait();
        }
        lock.lock();
    }

    /**
     * Waits on one of our own threads, where an interrupt means nothing.
     *
     * @return whether there was a signal, or may have been
     */
    @SuppressWarnings("WaitNotInLoop") // the callers have the loop
    static boolean await(Condition condition, long nanos) {
        try {
            return condition.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return true;
        }
    }

    private static Optional<Method> findVirtual() {
        if (Runtime.version().feature() < FIRST_WITHOUT_PINNING) {
            return Optional.empty();
        }
        try {
            return Optional.of(Thread.class.getMethod("startVirtualThread", Runnable.class));
        } catch (NoSuchMethodException e) {
            return Optional.empty();
        }
    }

    private static void startVirtual(Runnable work) {
        try {
            Object ignored = VIRTUAL.orElseThrow().invoke(null, work);
        } catch (ReflectiveOperationException e) {
            if (e.getCause() instanceof Error error) {
                throw error; // there is no memory for it
            }
            throw new IllegalStateException(e);
        }
    }

    private static final class Platform extends Thread {
        Platform(Runnable work) {
            super(null, work, "mqttx-idle", 0, false);
            setDaemon(true);
        }
    }
}

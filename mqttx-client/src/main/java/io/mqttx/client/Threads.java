package io.mqttx.client;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the threads of all clients come from. They do not keep the JVM alive.
 *
 * <p>Virtual threads from Java 24 on. Java 21 to 23 have them, but there a virtual thread that waits inside of
 * {@code synchronized} keeps its carrier: applications that call a blocking method of the client like that could hold
 * all carriers, and the reader that they wait for would never run. Everywhere else platform threads, which are used
 * again and end when they had nothing to do for a second.
 */
final class Threads {
    private static final int FIRST_WITHOUT_PINNING = 24;
    private static final int TRIES = 64; // some microseconds
    private static final Optional<MethodHandle> VIRTUAL = findVirtual();

    // A constant that holds threads only while there is work, so it needs no owner to close it.
    private static final ThreadPoolExecutor POOL = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), Threads::platform);

    private Threads() {}

    /** Whether {@link #start} starts virtual threads. */
    static boolean areVirtual() {
        return VIRTUAL.isPresent();
    }

    /** Runs {@code work} on a thread of its own, named {@code name} meanwhile. */
    static void start(String name, Runnable work) {
        Runnable named = () -> {
            Thread.currentThread().setName(name);
            try {
                work.run();
            } finally {
                Thread.currentThread().setName("mqttx-idle");
            }
        };
        if (VIRTUAL.isPresent()) {
            startVirtual(VIRTUAL.get(), named);
        } else {
            POOL.execute(named);
        }
    }

    /** A daemon that inherits nothing from whoever happens to start it. */
    static Thread platform(Runnable work) {
        Thread thread = new Thread(null, work, "mqttx-idle", 0, false);
        thread.setDaemon(true);
        return thread;
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

    private static Optional<MethodHandle> findVirtual() {
        if (Runtime.version().feature() < FIRST_WITHOUT_PINNING) {
            return Optional.empty();
        }
        try {
            MethodType type = MethodType.methodType(Thread.class, Runnable.class);
            return Optional.of(MethodHandles.publicLookup().findStatic(Thread.class, "startVirtualThread", type));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return Optional.empty();
        }
    }

    private static void startVirtual(MethodHandle starter, Runnable work) {
        try {
            Thread ignored = (Thread) starter.invokeExact(work);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("startVirtualThread declares no such exception", e);
        }
    }
}

package io.mqttx.client;

import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * What a client takes of the machine that it runs on: time, chance, threads, and the ways in which they wait for each
 * other. A simulation has another one, in which a seed decides; so nothing of a client that depends on time or on the
 * turns of its threads goes past this class, but what is below the {@link io.mqttx.client.link.Link}.
 */
class Machine {
    /** The one that there is. */
    static final Machine REAL = new Machine();

    /** Nanoseconds of a clock like {@link System#nanoTime()}. */
    long now() {
        return System.nanoTime();
    }

    /** Where chance comes from. */
    RandomGenerator random() {
        return new SplittableRandom();
    }

    /** As {@link Threads#start}. */
    void start(String name, Runnable work) {
        Threads.start(name, work);
    }

    /** To wait for with {@code lock}. */
    Condition newCondition(ReentrantLock lock) {
        return lock.newCondition();
    }

    /** As {@link LockSupport#parkNanos(Object, long)}. */
    void park(Object blocker, long nanos) {
        LockSupport.parkNanos(blocker, nanos);
    }

    /** As {@link LockSupport#unpark}. */
    void unpark(Thread thread) {
        LockSupport.unpark(thread);
    }

    /** As {@link CompletableFuture#get(long, TimeUnit)}, in nanoseconds. */
    <T> T get(CompletableFuture<T> future, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(nanos, TimeUnit.NANOSECONDS);
    }

    /** As {@link SharedTimer#enter}. */
    void enter() {
        SharedTimer.OF_ALL.enter();
    }

    /** As {@link SharedTimer#leave}. */
    void leave() {
        SharedTimer.OF_ALL.leave();
    }

    /** As {@link SharedTimer#schedule}. */
    Optional<Future<?>> schedule(Runnable task, long nanos) {
        return SharedTimer.OF_ALL.schedule(task, nanos);
    }
}

package io.mqttx.client.link;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One thread at a time writes to the link below; and what the reader owes the peer, an answer to a ping for example, is
 * written by a thread that is there for it alone. If the reader wrote, it could wait for a peer that waits for it.
 *
 * <p>Debts are written together, by one thread at most: whoever makes them sees to it that they do not pile up.
 */
final class Turns {
    /** Writes to the link below. */
    interface Write {
        void run() throws IOException;
    }

    private final ReentrantLock turn = new ReentrantLock(true); // fair: a busy writer lets debts be paid
    private final AtomicBoolean owing = new AtomicBoolean();
    private final Write debts;
    private final Executor executor;

    /**
     * Nothing owed yet.
     *
     * @param debts    writes all that is owed, if there is any
     * @param executor starts a thread for each task
     */
    Turns(Write debts, Executor executor) {
        this.debts = debts;
        this.executor = executor;
    }

    /** Waits for the turn, and writes. */
    void take(Write write) throws IOException {
        turn.lock();
        try {
            write.run();
        } finally {
            turn.unlock();
        }
    }

    /** Something is owed: it is written soon, by somebody else. Never waits. */
    void owe() {
        if (owing.compareAndSet(false, true)) {
            executor.execute(this::pay);
        }
    }

    /** Something is owed, and nothing will be read after it: waits until it is written, but not for long. */
    void oweLast(long nanos) {
        CountDownLatch paid = new CountDownLatch(1);
        executor.execute(() -> {
            pay();
            paid.countDown();
        });
        try {
            boolean ignored = paid.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the debt is paid or not: the connection ends either way
        }
    }

    private void pay() {
        try {
            take(() -> {
                owing.set(false); // before: what is owed from now on is for the next
                debts.run();
            });
        } catch (IOException e) {
            // The connection is broken or closed: who reads or writes finds out.
        }
    }
}

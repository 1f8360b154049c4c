package io.mqttx.client.link;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One thread that watches the sockets of all clients, so that nobody needs a thread to wait for a server that is silent.
 * It is there while there is a socket: the first one starts it, the last one ends it.
 */
final class Watch {
    /** That of all clients: a thousand of them wait with one thread because it is shared, and so it must live here. */
    static final Watch OF_ALL = new Watch();

    private static final System.Logger LOG = System.getLogger(Watch.class.getName());

    private final ReentrantLock lock = new ReentrantLock(); // held for moments only; guards:
    private int sockets;
    private Optional<Selector> selector = Optional.empty(); // there while sockets > 0

    /** Begins to watch a socket, which does not block. It has to be {@linkplain Watched#leave left}, closed or not. */
    Watched enter(SocketChannel channel) throws IOException {
        lock.lock();
        try {
            if (selector.isEmpty()) {
                selector = Optional.of(start());
            }
            Watched watched = new Watched(channel.register(selector.get(), 0));
            sockets++;
            return watched;
        } finally {
            lock.unlock();
        }
    }

    private Selector start() throws IOException {
        Selector opened = Selector.open();
        Thread thread = new Thread(null, () -> run(opened), "mqttx-watch", 0, false);
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) { // there is no thread to be had
            opened.close();
            throw e;
        }
        return opened;
    }

    private void run(Selector watching) {
        try (watching) {
            while (isWatching(watching)) {
                watching.select(key -> ((Watched) key.attachment()).ready(key));
            }
        } catch (IOException e) {
            LOG.log(Level.ERROR, "sockets cannot be watched", e);
        }
    }

    private boolean isWatching(Selector watching) {
        lock.lock();
        try {
            return selector.isPresent() && selector.get() == watching;
        } finally {
            lock.unlock();
        }
    }

    private void leave(Selector watching) {
        lock.lock();
        try {
            if (--sockets == 0) {
                selector = Optional.empty();
            }
        } finally {
            lock.unlock();
        }
        watching.wakeup(); // to let go of a closed socket, or to end
    }

    /** A socket that is watched. Safe for all threads. */
    final class Watched {
        private final SelectionKey key;
        private final AtomicReference<Optional<Runnable>> readable = new AtomicReference<>(Optional.empty());
        private final AtomicReference<Optional<Runnable>> writable = new AtomicReference<>(Optional.empty());
        private volatile boolean left;

        private Watched(SelectionKey key) {
            this.key = key;
            key.attach(this);
        }

        /**
         * Runs {@code action} once: when there is something to read, or its end; at once when this socket was left. The
         * action must not wait for anything.
         */
        void whenReadable(Runnable action) {
            when(SelectionKey.OP_READ, readable, action);
        }

        /** The same for room to write. */
        void whenWritable(Runnable action) {
            when(SelectionKey.OP_WRITE, writable, action);
        }

        /** The socket is closed. Once. */
        void leave() {
            left = true;
            fire(readable);
            fire(writable);
            Watch.this.leave(key.selector());
        }

        private void when(int operation, AtomicReference<Optional<Runnable>> slot, Runnable action) {
            slot.set(Optional.of(action));
            try {
                key.interestOpsOr(operation);
                key.selector().wakeup();
            } catch (CancelledKeyException e) {
                fire(slot);
            }
            if (left) {
                fire(slot);
            }
        }

        /** On the thread that watches. */
        private void ready(SelectionKey selected) {
            try {
                int operations = selected.readyOps();
                selected.interestOpsAnd(~operations);
                if ((operations & SelectionKey.OP_READ) != 0) {
                    fire(readable);
                }
                if ((operations & SelectionKey.OP_WRITE) != 0) {
                    fire(writable);
                }
            } catch (CancelledKeyException e) {
                // The socket is being closed: leave() tells.
            } catch (RuntimeException | Error e) { // a mistake with one socket must not leave all others alone
                LOG.log(Level.ERROR, "a socket is watched no more", e);
            }
        }

        private static void fire(AtomicReference<Optional<Runnable>> slot) {
            slot.getAndSet(Optional.empty()).ifPresent(Runnable::run);
        }
    }
}

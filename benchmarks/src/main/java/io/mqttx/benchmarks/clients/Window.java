package io.mqttx.benchmarks.clients;

import java.util.concurrent.Semaphore;

/** So many messages may be under way at once. */
final class Window {
    private final int size;
    private final Semaphore free;
    private volatile Throwable failure;

    Window(int size) {
        this.size = size;
        this.free = new Semaphore(size);
    }

    void enter() throws InterruptedException {
        free.acquire();
        check();
    }

    void left(Throwable error) {
        if (error != null) {
            failure = error;
        }
        free.release();
    }

    void awaitAll() throws InterruptedException {
        free.acquire(size);
        free.release(size);
        check();
    }

    private void check() {
        if (failure != null) {
            throw new IllegalStateException("a message failed", failure);
        }
    }
}

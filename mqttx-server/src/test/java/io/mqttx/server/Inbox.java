package io.mqttx.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Collects what a client receives on threads of its own, for a test that waits for it. */
final class Inbox {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);

    private final List<PeerClient.Received> messages = new ArrayList<>(); // guarded by itself

    void add(PeerClient.Received message) {
        synchronized (messages) {
            messages.add(message);
            messages.notifyAll();
        }
    }

    List<PeerClient.Received> await(int count) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE;
        synchronized (messages) {
            while (messages.size() < count) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new AssertionError(messages.size() + " messages, not " + count);
                }
                TimeUnit.NANOSECONDS.timedWait(messages, left);
            }
            return List.copyOf(messages);
        }
    }
}

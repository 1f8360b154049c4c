package io.mqttx.testkit;

import io.mqttx.broker.spi.Loop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Loops that one thread runs in turn, with one clock that the test moves. Tasks may be given from any thread; they run
 * only inside {@link #run} and {@link #advance}, in an order that depends on nothing but the order in which they were
 * given.
 */
public final class ManualLoops {
    private final List<ManualLoop> loops = new ArrayList<>();
    private final Queue<Timed> timers = new PriorityBlockingQueue<>(
            16, Comparator.comparingLong((Timed timed) -> timed.due).thenComparingLong(timed -> timed.number));
    private final AtomicLong given = new AtomicLong(); // timers so far: those due at the same time keep their order
    private volatile long now;
    private volatile Loop current; // the one whose task runs; null between tasks
    private volatile Thread runner; // who runs it

    /** This many loops; the clock shows 0. */
    public ManualLoops(int count) {
        for (int i = 0; i < count; i++) {
            loops.add(new ManualLoop(i));
        }
    }

    /** All of them. */
    public List<Loop> all() {
        return List.copyOf(loops);
    }

    /** Nanoseconds since the beginning. */
    public long now() {
        return now;
    }

    /** The process is gone: nothing that was to be done is done any more, now or later. The clock goes on. */
    public void forgetEverything() {
        timers.clear();
        loops.forEach(loop -> loop.tasks.clear());
    }

    /** Runs whatever is to be done now, on every loop, and whatever that brings about. */
    public void run() {
        boolean any = true;
        while (any) {
            any = false;
            for (ManualLoop loop : loops) {
                any |= loop.runOne();
            }
        }
    }

    /** Runs what one loop has to do now and leaves the others alone: for races that a test wants to see lost. */
    public void runOnly(Loop loop) {
        while (((ManualLoop) loop).runOne()) {
            // until there is nothing left
        }
    }

    /** Moves the clock, stopping at each timer on the way. */
    public void advance(Duration time) {
        long until = now + time.toNanos();
        run();
        for (Timed next = timers.peek(); next != null && next.due <= until; next = timers.peek()) {
            timers.remove(next);
            now = Math.max(now, next.due);
            next.loop.execute(next);
            run();
        }
        now = until;
    }

    /** Moves the clock and runs nothing: what has become due waits on its loop, for races that a test wants to see. */
    public void passUnseen(Duration time) {
        long then = now + time.toNanos();
        now = then;
        for (Timed next = timers.peek(); next != null && next.due <= now; next = timers.peek()) {
            timers.remove(next);
            next.loop.execute(next);
        }
    }

    private final class ManualLoop implements Loop {
        private final int index;
        private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

        ManualLoop(int index) {
            this.index = index;
        }

        /** Runs a task, and tells whether there was one. What a task throws is thrown on: no loop may see that. */
        boolean runOne() {
            Runnable task = tasks.poll();
            if (task == null) {
                return false;
            }
            if (current != null) {
                throw new IllegalStateException("a task runs the loops");
            }
            runner = Thread.currentThread();
            current = this;
            try {
                task.run();
            } finally {
                current = null;
            }
            return true;
        }

        @Override
        public void execute(Runnable task) {
            tasks.add(task);
        }

        @Override
        public boolean isCurrent() {
            return current == this && runner == Thread.currentThread();
        }

        @Override
        public Timer schedule(Runnable task, long nanos) {
            Timed timed = new Timed(this, task, now + nanos, given.incrementAndGet());
            timers.add(timed);
            return timed;
        }

        @Override
        public long now() {
            return now;
        }

        @Override
        public String toString() {
            return "loop " + index;
        }
    }

    private final class Timed implements Loop.Timer, Runnable {
        private final Loop loop;
        private final Runnable task;
        private final long due;
        private final long number;
        private volatile boolean cancelled;

        Timed(Loop loop, Runnable task, long due, long number) {
            this.loop = loop;
            this.task = task;
            this.due = due;
            this.number = number;
        }

        @Override
        public void run() {
            if (!cancelled) {
                task.run();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            timers.remove(this);
        }
    }
}

package io.mqttx.client;

import io.mqttx.testkit.ManualLoops;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * A machine whose time is that of {@link ManualLoops}, and whose threads run one at a time: each until it waits for
 * something, and then a seed says which goes on. So what a client does on it follows from that seed.
 *
 * <p>Threads are real ones that hand one baton on. Who waits gives back the client's lock first, so nobody ever stands in
 * line for it. All fields belong to who has the baton.
 */
final class SimulatedMachine extends Machine {
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "simulated");
        thread.setDaemon(true);
        return thread;
    });

    private final ManualLoops loops;
    private final Random random;
    private final List<Player> ready = new ArrayList<>();
    private final Map<Thread, Player> players = new HashMap<>();
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>(
            Comparator.comparingLong((Alarm alarm) -> alarm.due).thenComparingLong(alarm -> alarm.number));
    private final Semaphore handedBack = new Semaphore(0);
    private final List<String> story = new ArrayList<>();
    private Optional<Player> current = Optional.empty(); // empty: the conductor itself
    private Optional<Throwable> failure = Optional.empty();
    private long number; // of alarms so far

    SimulatedMachine(ManualLoops loops, Random random) {
        this.loops = loops;
        this.random = random;
    }

    /** A thread. */
    private static final class Player {
        private final String name;
        private final Semaphore baton = new Semaphore(0);
        private boolean waits;
        private boolean permitted; // was unparked ahead of time
        private Optional<Alarm> alarm = Optional.empty();

        Player(String name) {
            this.name = name;
        }
    }

    private final class Alarm extends FutureTask<Void> {
        private final long due;
        private final long number;

        Alarm(Runnable task, long due) {
            super(task, null);
            this.due = due;
            this.number = SimulatedMachine.this.number++;
        }

        @Override
        protected void setException(Throwable e) {
            failure = Optional.of(e);
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            alarms.remove(this);
            return super.cancel(mayInterrupt);
        }
    }

    // ---- The conductor

    /** Lets everything happen that happens, until this is so. */
    void playUntil(BooleanSupplier isSo, Duration patience, String what) {
        long deadline = now() + patience.toNanos();
        while (!isSo.getAsBoolean()) {
            if (now() > deadline) {
                throw new AssertionError(what + " in " + patience + "; " + players.size() + " threads, the last words: "
                        + story.subList(Math.max(0, story.size() - 40), story.size()));
            }
            step();
        }
    }

    /** Whether no thread is left. */
    boolean isEmpty() {
        return players.isEmpty() && ready.isEmpty();
    }

    /** What has happened, line by line. */
    List<String> story() {
        return story;
    }

    /** Does this after so many nanoseconds. */
    void alarm(Runnable task, long nanos) {
        Alarm ignored = add(task, nanos);
    }

    /** A line of the story. */
    void tell(String line) {
        story.add(now() / 1000 + " " + line);
    }

    private void step() {
        if (!ready.isEmpty() && random.nextInt(4) > 0) {
            Player next = ready.remove(random.nextInt(ready.size()));
            tell("goes on: " + next.name);
            current = Optional.of(next);
            next.baton.release();
            handedBack.acquireUninterruptibly();
            current = Optional.empty();
            requireNoFailure();
        } else if (ready.isEmpty() || random.nextInt(4) == 0) {
            pass(1 + random.nextInt(ready.isEmpty() ? 10_000_000 : 100_000));
        } else {
            loops.run();
        }
    }

    /** Moves the clock, stopping at each alarm on the way. */
    private void pass(long nanos) {
        long until = now() + nanos;
        while (!alarms.isEmpty() && alarms.peek().due <= until && ready.isEmpty()) {
            Alarm next = alarms.peek();
            loops.advance(Duration.ofNanos(Math.max(0, next.due - now())));
            if (alarms.remove(next)) {
                next.run();
                requireNoFailure();
            }
        }
        if (ready.isEmpty()) {
            loops.advance(Duration.ofNanos(Math.max(0, until - now())));
        } else {
            loops.run();
        }
    }

    private void requireNoFailure() {
        failure.ifPresent(cause -> {
            throw new AssertionError("a thread or an alarm failed", cause);
        });
    }

    // ---- What a thread can do

    /** Lets others go first, perhaps. */
    void yieldTurn() {
        Player me = current.orElseThrow();
        ready.add(me);
        pause(me);
    }

    /** Waits for so long. */
    void pause(int millis) {
        new Bell().await(millis * 1_000_000L);
    }

    /** Waits until somebody wakes it, or so many nanoseconds have passed. */
    private void sleep(Player me, long nanos) {
        me.waits = true;
        if (nanos < Long.MAX_VALUE / 2) {
            me.alarm = Optional.of(add(() -> wake(me), nanos));
        }
        pause(me);
    }

    private void wake(Player player) {
        if (player.waits) {
            player.waits = false;
            player.alarm.ifPresent(known -> known.cancel(false));
            player.alarm = Optional.empty();
            ready.add(player);
        }
    }

    private void pause(Player me) {
        handedBack.release();
        me.baton.acquireUninterruptibly();
    }

    /** A wait of one thread for something that another does. */
    final class Bell {
        private Optional<Player> waiting = Optional.empty();

        /** Waits for {@link #ring}, or so long. */
        void await(long nanos) {
            waiting = current;
            sleep(current.orElseThrow(), nanos);
            waiting = Optional.empty();
        }

        void ring() {
            waiting.ifPresent(SimulatedMachine.this::wake);
        }
    }

    // ---- The machine

    @Override
    long now() {
        return loops.now();
    }

    @Override
    RandomGenerator random() {
        return new SplittableRandom(random.nextLong());
    }

    @Override
    void start(String name, Runnable work) {
        Player player = new Player(name);
        ready.add(player);
        THREADS.execute(() -> {
            player.baton.acquireUninterruptibly();
            players.put(Thread.currentThread(), player);
            try {
                work.run();
            } catch (Throwable e) { // the conductor tells it
                failure = Optional.of(e);
            } finally {
                players.remove(Thread.currentThread());
                handedBack.release();
            }
        });
    }

    @Override
    Condition newCondition(ReentrantLock lock) {
        return new TurnCondition(lock);
    }

    @Override
    void park(Object blocker, long nanos) {
        Player me = current.orElseThrow();
        if (!me.permitted) {
            sleep(me, nanos);
        }
        me.permitted = false;
    }

    @Override
    void unpark(Thread thread) {
        Player player = players.get(thread);
        player.permitted = true;
        wake(player);
    }

    @Override
    <T> T get(CompletableFuture<T> future, long nanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (current.isPresent() && !future.isDone()) {
            Player me = current.get();
            CompletableFuture<?> ignored = future.whenComplete((value, error) -> wake(me));
            sleep(me, nanos);
        }
        return future.get(0, TimeUnit.NANOSECONDS);
    }

    @Override
    void enter() {
        // the clock is always there
    }

    @Override
    void leave() {
        // likewise
    }

    @Override
    Optional<Future<?>> schedule(Runnable task, long nanos) {
        return Optional.of(add(task, nanos));
    }

    private Alarm add(Runnable task, long nanos) {
        Alarm alarm = new Alarm(task, now() + Math.max(0, Math.min(nanos, Long.MAX_VALUE / 4)));
        alarms.add(alarm);
        return alarm;
    }

    private final class TurnCondition implements Condition {
        private final ReentrantLock lock;
        private final Deque<Player> waiting = new ArrayDeque<>();

        TurnCondition(ReentrantLock lock) {
            this.lock = lock;
        }

        @Override
        public long awaitNanos(long nanos) {
            long deadline = now() + nanos;
            Player me = current.orElseThrow();
            waiting.add(me);
            lock.unlock();
            sleep(me, nanos);
            lock.lock();
            waiting.remove(me);
            return deadline - now();
        }

        @Override
        @SuppressWarnings("WaitNotInLoop") // the callers have the loop
        public boolean await(long time, TimeUnit unit) {
            Player me = current.orElseThrow();
            me.permitted = false;
            long ignored = awaitNanos(unit.toNanos(time));
            return me.permitted;
        }

        @Override
        public void signal() {
            Player first = waiting.poll();
            if (first != null) {
                first.permitted = true;
                wake(first);
            }
        }

        @Override
        public void signalAll() {
            while (!waiting.isEmpty()) {
                signal();
            }
        }

        @Override
        public void await() {
            throw new UnsupportedOperationException("nobody waits without an end");
        }

        @Override
        public void awaitUninterruptibly() {
            throw new UnsupportedOperationException("nobody waits without an end");
        }

        @Override
        public boolean awaitUntil(Date deadline) {
            throw new UnsupportedOperationException("nobody waits for a date");
        }
    }
}

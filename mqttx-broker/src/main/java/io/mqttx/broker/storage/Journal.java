package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Storage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The changes that one loop makes, on their way to the storage: each turn of the loop is kept as a whole or not at all.
 * On that loop; one without a loop belongs to the thread that asked for it.
 *
 * <p>Who promises somebody that a change is kept remembers the {@link #filling} turn and speaks when that is safe.
 *
 * <p>A message at QoS 1 for clients that are there need not be kept if they answer soon. So where that happens, turns
 * with nothing else in them are held back for 2 to 4 ms, or a few turns of a busy loop, before the storage gets them;
 * where it does not, they are not. While the storage is busy with two batches, all turns wait until it can go on.
 */
public final class Journal implements Runnable {
    private static final long GRACE = 2_000_000; // nanoseconds in which an answer saves a write
    private static final int MOST_GIVEN = 2; // batches: one that the storage writes, and one that it can go on with
    private static final int GRACE_TURNS = 4; // of a loop that is busy, at least
    private static final int SURE = 8; // turns that were answered in time, after which some may be late

    private final Storage storage;
    private final Optional<Loop> loop;
    private final Deque<Turn> held = new ArrayDeque<>(0); // over, and not given to the storage
    private final Deque<Turn.Batch> given = new ArrayDeque<>(0); // not told to be safe
    private final Map<Long, Mail.Expected> expected = new HashMap<>(0); // in held turns, by sequence number
    private List<Turn> fulfilled = new ArrayList<>(0); // not told
    private List<Runnable> letters = new ArrayList<>(0);
    private Turn filling = new Turn();
    private long batches;
    private long turns;
    private long looked; // after which turn it was last looked at what is held
    private long entries; // how many changes and marks there were that somebody may be promised
    private int trust; // above 0: clients answer in time
    private boolean called; // the end of this turn is awaited
    private boolean hurried; // the broker ends: nothing is held back
    private boolean timed; // another look at what is held will come
    private volatile long safe; // up to there; written by the storage
    private volatile boolean awaited; // whether the loop wants to know when that grows

    Journal(Storage storage, Optional<Loop> loop) {
        this.storage = storage;
        this.loop = loop;
    }

    /** Whether it belongs to no loop, and has to be {@linkplain #submit submitted} by who asked for it. */
    public boolean isDetached() {
        return loop.isEmpty();
    }

    /** One more change in this turn. */
    public void add(Change change) {
        filling.add(change);
        follow();
    }

    /** The storage was told something directly: this turn is safe only after that. */
    public void follow() {
        filling.makeFirm();
        entries++;
        call();
    }

    /** One more change, of which nobody is promised that it is kept. */
    public void addUnpromised(Change change) {
        filling.add(change);
        call();
    }

    /** A message for clients that are there, at QoS 1, which need not be kept if they answer soon. */
    public void expect(Change.Queued queued) {
        filling.add(new Mail(filling, queued, expected));
        entries++;
        call();
    }

    /** A message was sent. */
    public void sent(Change.Sent change) {
        Mail.Expected known = expected.get(change.sequence());
        if (known == null) {
            addUnpromised(change);
        } else {
            known.sent(change);
        }
    }

    /** Nobody needs this message any more: {@code change} says why, if the storage has heard of it. */
    public void done(long sequence, Change change) {
        Mail.Expected known = expected.remove(sequence);
        if (known == null) {
            addUnpromised(change);
        } else if (known.answered()) {
            fulfilled.add(known.turn());
            call();
        }
    }

    /** This message is to be kept whatever becomes of it here: somebody else is to get it. */
    public void keep(long sequence) {
        expected.remove(sequence);
    }

    /** How many changes there have been that matter; who sees it grow has something to wait for. */
    public long entries() {
        return entries;
    }

    /** Whether something waits for the end of this turn, which what is sent to other loops must not overtake. */
    public boolean holdsLetters() {
        return !letters.isEmpty();
    }

    /** Does something as soon as the storage was given this turn's changes. */
    public void afterwards(Runnable letter) {
        letters.add(letter);
        call();
    }

    /** This turn. */
    public Turn filling() {
        return filling;
    }

    /** Calls {@code then} on the loop once this turn is safe. */
    public void whenSafe(Turn turn, Runnable then) {
        if (turn.isSafe()) {
            loop.orElseThrow().execute(then);
            return;
        }
        turn.whenSafe(then);
        await();
    }

    boolean isSafe(long batch) {
        return batch <= safe;
    }

    /** From now on nothing is held back: the loop may end after any turn. */
    public void hurry() {
        hurried = true;
        call();
    }

    /** The turn is over. */
    @Override
    public void run() {
        called = false;
        end();
        tellFulfilled();
        if (letters.isEmpty()) {
            goOn();
        } else {
            submit();
        }
    }

    /** Gives the storage what there is; completes when that is safe. */
    public CompletionStage<Void> submit() {
        end();
        List<Runnable> posts = letters;
        letters = new ArrayList<>(0);
        CompletionStage<Void> kept = give(held.size());
        posts.forEach(Runnable::run);
        return kept;
    }

    private void end() {
        Turn turn = filling;
        filling = new Turn();
        turn.end(loop.isPresent() ? loop.get().now() : 0, ++turns);
        if (turn.isFulfilled()) {
            fulfilled.add(turn);
        }
        if (!turn.isSpent()) {
            held.add(turn);
        }
    }

    private void tellFulfilled() {
        List<Turn> turns = fulfilled;
        fulfilled = new ArrayList<>(0);
        for (Turn turn : turns) {
            trust += turn.hasMails() && trust < SURE ? 1 : 0;
            turn.tell();
        }
    }

    /** Gives the storage what is due. */
    private void goOn() {
        while (!held.isEmpty() && held.element().isSpent()) {
            held.remove();
        }
        if (held.isEmpty()) {
            return;
        }
        long under = batches - safe;
        int due = due(under);
        if (due > 0) {
            give(due);
        } else if (under > 0) {
            await();
        } else if (!timed) {
            timed = true;
            loop.orElseThrow().schedule(this::lookAgain, GRACE);
        }
    }

    private void lookAgain() {
        timed = false;
        if (looked == turns) {
            turns += GRACE_TURNS; // nothing came meanwhile: the clients have had their turns
        }
        looked = turns;
        goOn();
    }

    /** How many of the turns held are to be given now, if so many batches are under way. */
    private int due(long under) {
        if (hurried) {
            return held.size();
        }
        int due = 0;
        int count = 0;
        for (Turn turn : held) {
            count++;
            if (turn.isFirm() || trust <= 0 ? under < MOST_GIVEN : under == 0 && isLate(turn)) {
                due = count;
            }
        }
        return due;
    }

    private boolean isLate(Turn turn) {
        return turns - turn.number() >= GRACE_TURNS
                && loop.isPresent()
                && loop.get().now() - turn.ended() >= GRACE;
    }

    private CompletionStage<Void> give(int turns) {
        while (!given.isEmpty() && given.element().isSafe() && !given.element().isAwaited()) {
            given.remove();
        }
        Turn.Batch batch = new Turn.Batch(this, ++batches);
        List<Change> changes = new ArrayList<>();
        for (int i = 0; i < turns; i++) {
            Turn turn = held.remove();
            trust -= turn.isOpen() && trust > -SURE && isLate(turn) ? 2 : 0;
            turn.give(batch, changes);
        }
        given.add(batch);
        if (batch.isAwaited()) {
            awaited = true;
        }
        long number = batches;
        CompletionStage<Void> kept = storage.apply(changes);
        loop.ifPresent(of -> kept.thenRun(() -> {
            safe = number;
            if (awaited) {
                of.execute(this::tell);
            }
        }));
        return kept;
    }

    private void call() {
        if (!called && loop.isPresent()) {
            called = true;
            loop.get().execute(this);
        }
    }

    /** The loop wants to know when the storage is done with something. */
    private void await() {
        awaited = true;
        if (!given.isEmpty() && given.element().isSafe()) {
            loop.orElseThrow().execute(this::tell); // it became so before the line above
        }
    }

    private void tell() {
        awaited = false;
        while (!given.isEmpty() && given.element().isSafe()) {
            given.remove().tell();
        }
        goOn();
        if (given.stream().anyMatch(Turn.Batch::isAwaited)) {
            await();
        }
    }
}

package io.mqttx.broker.storage;

import io.mqttx.broker.spi.Change;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What one turn of a loop changes, kept as a whole or not at all: who promises somebody that it is kept holds on to this
 * and speaks when it {@link #isSafe}. On the loop.
 */
public final class Turn {
    /** One that changed nothing. */
    public static final Turn OF_NOTHING = new Turn();

    private final List<Change> changes = new ArrayList<>(0); // null stands for the next of the mails
    private final Deque<Mail> mails = new ArrayDeque<>(0);
    private final List<Runnable> waiting = new ArrayList<>(0);
    private int plain; // changes that are there
    private int open; // mails that are not answered
    private boolean firm; // something cannot become needless
    private boolean over;
    private long ended; // when
    private long number;
    private Batch batch; // null until the storage has it

    static {
        OF_NOTHING.over = true;
    }

    /** Several turns that the storage was given together. */
    static final class Batch {
        private final Journal journal;
        private final long number;
        private final List<Runnable> waiting = new ArrayList<>();

        Batch(Journal journal, long number) {
            this.journal = journal;
            this.number = number;
        }

        boolean isSafe() {
            return journal.isSafe(number);
        }

        boolean isAwaited() {
            return !waiting.isEmpty();
        }

        void tell() {
            waiting.forEach(Runnable::run);
        }
    }

    Turn() {}

    /** Whether what it changed cannot be lost any more: it is kept, or all who were to get something have it. */
    public boolean isSafe() {
        return isFulfilled() || batch != null && batch.isSafe();
    }

    /** Whether nothing needs to be kept, because all answered that were to get something. */
    boolean isFulfilled() {
        return over && !firm && open == 0;
    }

    /** Whether there is nothing to give to the storage. */
    boolean isSpent() {
        return !firm && plain == 0 && open == 0;
    }

    boolean isFirm() {
        return firm;
    }

    boolean isOpen() {
        return open > 0;
    }

    boolean hasMails() {
        return !mails.isEmpty();
    }

    long ended() {
        return ended;
    }

    long number() {
        return number;
    }

    void end(long now, long count) {
        over = true;
        number = count;
        ended = now;
    }

    /** Something that has to be kept whatever comes; perhaps nothing but the end of what the storage has already. */
    void makeFirm() {
        firm = true;
    }

    void add(Change change) {
        changes.add(change);
        plain++;
    }

    void add(Mail mail) {
        changes.add(null);
        mails.add(mail);
        open++;
    }

    /** One of its mails is answered; tells whether that was all that was needed. */
    boolean answered() {
        open--;
        return isFulfilled();
    }

    void whenSafe(Runnable then) {
        (batch == null ? waiting : batch.waiting).add(then);
    }

    void tell() {
        waiting.forEach(Runnable::run);
        waiting.clear();
    }

    /** Its changes go to the storage, by this list. */
    void give(Batch with, List<Change> into) {
        batch = with;
        if (!isFulfilled()) {
            batch.waiting.addAll(waiting);
            waiting.clear();
        }
        for (Change change : changes) {
            if (change == null) {
                mails.remove().give(into);
            } else {
                into.add(change);
            }
        }
    }
}

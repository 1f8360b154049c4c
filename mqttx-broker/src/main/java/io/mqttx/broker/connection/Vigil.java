package io.mqttx.broker.connection;

import io.mqttx.broker.spi.Loop;

/**
 * When to look at each client of a loop again: a wheel with a slot for each tenth of a second, so that a silent client
 * costs one small object instead of a timer. Whoever is due is looked at up to a tenth of a second late, and never
 * early. On that loop, timers included.
 */
final class Vigil {
    private static final long TICK = 100_000_000L; // nanoseconds
    private static final int SLOTS = 1024;
    private static final long SPAN = (SLOTS - 2) * TICK; // who is due later is looked at on the way, and waits on
    private static final long NEVER = Long.MAX_VALUE;

    private final Loop loop;
    private final Watch[] slots = new Watch[SLOTS]; // the ends of rings
    private long next = NEVER; // no slot before this tick has anybody in it
    private Loop.Timer timer = Loop.Timer.NONE; // for that tick

    Vigil(Loop loop) {
        this.loop = loop;
        for (int i = 0; i < SLOTS; i++) {
            slots[i] = new Watch(() -> {});
        }
    }

    /** Who wants to be looked at. */
    interface Watched {
        /** It is time, or may be: to be told again it has to ask again. */
        void timePassed();
    }

    /** Looks at {@code who} in so many nanoseconds, or before if that is long. */
    Loop.Timer lookAt(Watched who, long nanos) {
        long now = loop.now();
        long due = Math.floorDiv(now + Math.min(nanos, SPAN) - 1, TICK) + 1;
        long tick = Math.max(due, Math.floorDiv(now, TICK) + 1); // not one that is being worked off
        Watch watch = new Watch(who);
        watch.enter(slot(tick));
        wakeAt(tick);
        return watch;
    }

    private Watch slot(long tick) {
        return slots[(int) Math.floorMod(tick, (long) SLOTS)];
    }

    private void wakeAt(long tick) {
        if (tick < next) {
            timer.cancel();
            next = tick;
            timer = loop.schedule(this::lookRound, Math.max(0, tick * TICK - loop.now()));
        }
    }

    private void lookRound() {
        long first = next;
        long last = Math.max(first, Math.floorDiv(loop.now(), TICK));
        next = NEVER;
        Watch due = new Watch(() -> {}); // taken out first: who asks again may get one of these slots, a round later
        for (long tick = first; tick <= last && tick < first + SLOTS; tick++) {
            slot(tick).moveAll(due);
        }
        try {
            due.leaveAll();
        } finally {
            due.moveAll(slot(last + 1)); // if one has failed, the others are looked at then
            wakeForNext(last);
        }
    }

    private void wakeForNext(long last) {
        for (long tick = last + 1; tick <= last + SLOTS; tick++) {
            if (slot(tick).hasOthers()) {
                wakeAt(tick);
                return;
            }
        }
    }

    /** One of a ring. */
    private static final class Watch implements Loop.Timer {
        private final Watched who; // nobody at the end of a ring
        private Watch before = this;
        private Watch after = this;

        Watch(Watched who) {
            this.who = who;
        }

        boolean hasOthers() {
            return after != this;
        }

        void enter(Watch end) {
            before = end.before;
            after = end;
            before.after = this;
            end.before = this;
        }

        /** Everybody else of this ring changes to that of {@code end}. */
        void moveAll(Watch end) {
            if (hasOthers()) {
                before.after = end;
                after.before = end.before;
                end.before.after = after;
                end.before = before;
                before = this;
                after = this;
            }
        }

        void leaveAll() {
            while (hasOthers()) {
                Watch first = after;
                first.cancel();
                first.who.timePassed();
            }
        }

        @Override
        public void cancel() {
            before.after = after;
            after.before = before;
            before = this;
            after = this;
        }
    }
}

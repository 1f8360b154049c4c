package io.mqttx.broker.routing;

import io.mqttx.broker.api.SharedStrategy;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * The members of one shared subscription (§4.8.2), each in a slot of its own for as long as it stays. Asked by any
 * thread without locks; members are added and removed by one thread at a time.
 *
 * <p>Three sets of slots say whom to ask. The first holds for sure; the others are hints, which whoever reads them
 * checks with the member, and puts right: {@code online} and {@code free} hold everybody who is that, and perhaps
 * somebody who was so until a moment ago. So a member that is not free costs nothing until it is free again.
 */
final class SharedGroup {
    private static final int LOOKED_AT = 8; // to find the least busy one
    private static final int OFFERED = 64; // members that are asked whether a message is too large for them

    private final String filter; // with $share and the name
    private final SharedStrategy strategy;
    private final RandomGenerator random;
    private final Map<Subscriber, Seat> members = new HashMap<>(); // for changes only, and so is the next
    private final Deque<Integer> given = new ArrayDeque<>(0); // slots that somebody gave back
    private final SlotBits taken = new SlotBits();
    private final SlotBits online = new SlotBits();
    private final SlotBits free = new SlotBits();
    private volatile Seat[] seats = new Seat[2]; // by slot; an element is written before its bit is set
    private volatile int slots; // so many have been given out at least once
    private volatile int turn; // where the next search begins

    SharedGroup(String filter, SharedStrategy strategy, RandomGenerator random) {
        this.filter = filter;
        this.strategy = strategy;
        this.random = random;
    }

    /** Adds a member or gives it another grant; tells whether it is new: twice counts once. */
    boolean put(Subscriber subscriber, Grant grant) {
        Seat known = members.get(subscriber);
        if (known != null) {
            known.grant(grant);
            return false;
        }
        int slot = given.isEmpty() ? slots : given.poll();
        if (slot == seats.length) {
            seats = Arrays.copyOf(seats, slot * 2);
        }
        taken.reach(slot + 1);
        online.reach(slot + 1);
        free.reach(slot + 1);
        Seat seat = new Seat(this, slot, subscriber, grant);
        members.put(subscriber, seat);
        seats[slot] = seat;
        slots = Math.max(slots, slot + 1);
        taken.set(slot);
        seat.room().add(seat);
        return true;
    }

    boolean remove(Subscriber subscriber) {
        Seat seat = members.remove(subscriber);
        if (seat == null) {
            return false;
        }
        seat.vacate();
        taken.clear(seat.slot());
        online.clear(seat.slot());
        free.clear(seat.slot());
        given.add(seat.slot());
        return true;
    }

    /** What its members subscribed to. */
    String filter() {
        return filter;
    }

    /** The place of this member; {@link Seat#NONE} if it is none. */
    Seat of(Subscriber subscriber) {
        return members.getOrDefault(subscriber, Seat.NONE);
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    boolean isAnybodyOnline() {
        return nextOnline(0) != Seat.NONE;
    }

    void comes(int slot) {
        online.set(slot);
    }

    void leaves(int slot) {
        online.clear(slot);
        free.clear(slot);
    }

    void isFree(int slot) {
        free.set(slot);
    }

    /** All members, as they are about now. */
    void forEach(Consumer<Seat> action) {
        Seat[] now = seats;
        for (int slot = 0; slot < Math.min(slots, now.length); slot++) {
            if (now[slot] != null && !now[slot].isVacant()) {
                action.accept(now[slot]);
            }
        }
    }

    /** Who gets {@code message}, with a place claimed for it; {@link Seat#NONE} if there is nobody at all. */
    Seat pick(SharedMessage message) {
        int start = start(message);
        Seat chosen = pickOnline(message, start);
        if (chosen == Seat.NONE) {
            chosen = seat(taken, start); // nobody is there, or nobody takes it: it waits
            chosen = chosen == Seat.NONE ? chosen : claimed(chosen);
        }
        return chosen;
    }

    /** The same among those who are connected and take a message of that size. */
    Seat pickOnline(SharedMessage message) {
        return pickOnline(message, start(message));
    }

    private Seat pickOnline(SharedMessage message, int start) {
        boolean keepsOrder = strategy == SharedStrategy.PUBLISHER_HASH || strategy == SharedStrategy.TOPIC_HASH;
        Seat chosen = Seat.NONE;
        if (!keepsOrder) {
            chosen = firstFree(message, strategy == SharedStrategy.LEAST_IN_FLIGHT ? leastBusyFree(start) : start);
        }
        return chosen == Seat.NONE ? leastBusy(message, start, keepsOrder ? 1 : LOOKED_AT) : chosen;
    }

    private int start(SharedMessage message) {
        int many = Math.max(1, slots);
        return switch (strategy) {
            case ROUND_ROBIN, STICKY, LEAST_IN_FLIGHT -> turn < many ? turn : 0;
            case RANDOM -> random.nextInt(many);
            case PUBLISHER_HASH -> bucket(message.publisher().hashCode(), many);
            case TOPIC_HASH -> bucket(message.publish().topic().hashCode(), many);
        };
    }

    /** The first free member from there on that takes the message. */
    private Seat firstFree(SharedMessage message, int start) {
        int from = start;
        for (int offered = 0; offered < OFFERED; ) {
            int slot = free.next(from);
            if (slot < 0) {
                return Seat.NONE;
            }
            Seat seat = seats[slot];
            if (!seat.takes(message)) {
                offered++;
            } else if (!seat.isVacant() && seat.room().claimFree()) {
                settle(seat);
                return chosen(seat);
            } else {
                settle(seat); // it is not found again until it is free
            }
            from = slot + 1;
        }
        return Seat.NONE;
    }

    /** The slot of the least busy of some free members. */
    private int leastBusyFree(int start) {
        int best = start;
        int least = Integer.MAX_VALUE;
        int slot = free.next(start);
        int first = slot;
        for (int i = 0; i < LOOKED_AT && slot >= 0 && (i == 0 || slot != first); i++) {
            Seat seat = seats[slot];
            int load = seat.room().load();
            if (load < least && seat.hasPlace()) {
                least = load;
                best = slot;
            }
            slot = free.next(slot + 1);
        }
        return best;
    }

    /** Of some members who are there, free or not, the one for which least is waiting. */
    private Seat leastBusy(SharedMessage message, int start, int lookedAt) {
        Seat best = Seat.NONE;
        Seat first = nextOnline(start);
        Seat seat = first;
        int found = 0;
        for (int i = 0; i < OFFERED && found < lookedAt && seat != Seat.NONE && (i == 0 || seat != first); i++) {
            if (seat.takes(message)) {
                found++;
                best = best == Seat.NONE || seat.room().load() < best.room().load() ? seat : best;
            }
            seat = nextOnline(seat.slot() + 1);
        }
        return best == Seat.NONE ? best : claimed(best);
    }

    private Seat nextOnline(int start) {
        int from = start;
        while (true) {
            Seat seat = seat(online, from);
            if (seat == Seat.NONE || seat.isOnline()) {
                return seat;
            }
            online.clear(seat.slot());
            if (seat.isOnline()) {
                online.set(seat.slot()); // it came between the two lines before
            }
            from = seat.slot() + 1;
        }
    }

    private Seat seat(SlotBits bits, int from) {
        int slot = bits.next(from);
        return slot < 0 ? Seat.NONE : seats[slot];
    }

    private Seat claimed(Seat seat) {
        seat.room().claim();
        settle(seat);
        return chosen(seat);
    }

    /** Says no longer that a member is free which is not. */
    private void settle(Seat seat) {
        if (!seat.hasPlace()) {
            free.clear(seat.slot());
            if (seat.hasPlace()) {
                free.set(seat.slot()); // it got one between the two lines before
            }
        }
    }

    private Seat chosen(Seat seat) {
        turn = strategy == SharedStrategy.STICKY ? seat.slot() : seat.slot() + 1;
        return seat;
    }

    /** Jump consistent hash (Lamping and Veach): one bucket more takes its share from all, and moves nothing else. */
    private static int bucket(int hash, int buckets) {
        long key = hash * 0x9E37_79B9_7F4A_7C15L;
        long bucket = -1;
        long next = 0;
        while (next < buckets) {
            bucket = next;
            key = key * 2_862_933_555_777_941_757L + 1;
            next = (long) ((bucket + 1) * ((double) (1L << 31) / ((key >>> 33) + 1)));
        }
        return (int) bucket;
    }
}

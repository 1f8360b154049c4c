package io.mqttx.broker.session;

import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Messages that wait for their client, or for its window: bounded in number and bytes, those not counted that are held
 * elsewhere anyway. Of messages that are kept by a storage only the first are here, the others come when they are
 * {@linkplain #toRead wanted}. On the session's loop.
 */
final class OfflineQueue {
    private static final long OVERHEAD = 64; // bytes for what a message is beside its topic and payload, about
    private static final int AT_HAND = 512; // messages; more of those that are kept go to the shelf
    private static final int AWAY = 16; // the same while nobody fetches them
    private static final int FEW = AT_HAND / 2; // then more are read
    private static final long[] NONE = {};

    /** Who is told of messages that get no further. */
    interface Dropped {
        /** There was no room. */
        void noRoom(Delivery delivery);

        /** There was no room, and the message is on the shelf: only its number is known. */
        void noRoomOnShelf(long sequence);
    }

    private final QueueOptions options;
    private final Stored stored;
    private final Dropped dropped;
    private Shelf shelf = Shelf.NONE; // what comes behind the line
    private int atHand = AWAY;
    private volatile int number; // of counted ones; written on the loop only, and so are the bytes
    private volatile long bytes;
    private Line<Delivery> line = new Line<>();
    private Line<Uncounted> uncounted = new Line<>();
    private long left; // how many messages of the line have left so far
    private int atMostOnce; // how many of all are QoS 0

    /** A message that takes no room, and its place: behind that many of the line, as counted from the beginning. */
    private record Uncounted(Delivery delivery, long behind) {}

    /**
     * An empty queue.
     *
     * @param stored  told of what it holds
     * @param dropped told of each message for which there was no room
     */
    OfflineQueue(QueueOptions options, Stored stored, Dropped dropped) {
        this.options = options;
        this.stored = stored;
        this.dropped = dropped;
    }

    boolean isEmpty() {
        return line.isEmpty() && uncounted.isEmpty() && shelf.isEmpty();
    }

    int size() {
        return line.size() + uncounted.size() + shelf.size();
    }

    /** The bytes of those that take room. From any thread. */
    long bytes() {
        return bytes;
    }

    /** How many take room. From any thread. */
    int counted() {
        return number;
    }

    /** Whether there is no room for that many others like it and the message. From any thread; may be old. */
    boolean isFullFor(SharedMessage message, int before) {
        long size = sizeOf(message);
        return number + before >= options.maxMessages() || bytes + size * (before + 1) > options.maxBytes();
    }

    /** The client is there or away: more or fewer of its messages are held in memory from now on. */
    void fetched(boolean there) {
        atHand = there ? AT_HAND : AWAY;
    }

    void add(Delivery delivery) {
        if (!delivery.counted()) {
            append(delivery);
            return;
        }
        long size = sizeOf(delivery);
        if (options.whenFull() == QueueOptions.WhenFull.DROP_OLDEST) {
            while (number > 0 && !hasRoom(size)) {
                dropOldest();
            }
        }
        boolean mustNotOvertake = !shelf.isEmpty() && delivery.sequence() == 0; // and cannot wait on the shelf
        if (!hasRoom(size) || mustNotOvertake) {
            dropped.noRoom(delivery);
            return;
        }
        append(delivery);
    }

    /** Takes a message that was kept; whatever the limits are now, it was acknowledged to. */
    void restore(long sequence, boolean counted, boolean shared, long size) {
        shelve(sequence, OVERHEAD + size, counted, shared);
        count(counted ? 1 : 0, counted ? OVERHEAD + size : 0);
    }

    /** Whether QoS 0 messages wait, which newer ones must not overtake. */
    boolean holdsAtMostOnce() {
        return atMostOnce > 0;
    }

    /** Forgets the QoS 0 messages: they do not wait for a client that is away. */
    void dropAtMostOnce() {
        if (holdsAtMostOnce()) {
            take(OfflineQueue::isAtMostOnce);
        }
    }

    /** Forgets everything. */
    void clear() {
        line.clear();
        uncounted.clear();
        shelf = Shelf.NONE;
        atMostOnce = 0;
        count(-number, -bytes);
    }

    /** Takes those at hand out for which {@code wanted} holds, and leaves the others in their order. */
    List<Delivery> take(Predicate<Delivery> wanted) {
        List<Delivery> taken = new ArrayList<>();
        Line<Delivery> restOfLine = new Line<>();
        Line<Uncounted> restUncounted = new Line<>();
        int gone = 0; // of the line
        for (int next = 0; next < line.size() || !uncounted.isEmpty(); ) {
            if (!uncounted.isEmpty() && (uncounted.first().behind <= left + next || next == line.size())) {
                Uncounted each = uncounted.removeFirst();
                if (wanted.test(each.delivery)) {
                    taken.add(each.delivery);
                } else {
                    restUncounted.add(new Uncounted(each.delivery, each.behind - gone));
                }
            } else {
                Delivery each = line.get(next++);
                if (wanted.test(each)) {
                    taken.add(each);
                    gone++;
                    uncount(each);
                } else {
                    restOfLine.add(each);
                }
            }
        }
        line = restOfLine;
        uncounted = restUncounted;
        atMostOnce -= (int) taken.stream().filter(OfflineQueue::isAtMostOnce).count();
        return taken;
    }

    /** The one that has waited longest, if it is at hand; it stays. */
    Optional<Delivery> peek() {
        if (isUncountedNext()) {
            return Optional.of(uncounted.first().delivery);
        }
        return line.isEmpty() ? Optional.empty() : Optional.of(line.first());
    }

    /** The one that has waited longest, if it is at hand. */
    Optional<Delivery> poll() {
        if (isUncountedNext()) {
            return Optional.of(pollUncounted());
        }
        return line.isEmpty() ? Optional.empty() : Optional.of(pollLine());
    }

    /** The numbers of messages that are to be read from the storage now; often none. */
    long[] toRead() {
        return shelf.isEmpty() || line.size() > FEW ? NONE : shelf.firstSequences(AT_HAND);
    }

    /** What was asked for was read; what was not found is forgotten. */
    void read(long[] asked, Map<Long, Delivery> found) {
        for (long sequence : asked) {
            if (shelf.isEmpty() || shelf.firstSequence() != sequence) {
                continue; // it was dropped meanwhile
            }
            Delivery delivery = found.get(sequence);
            if (delivery == null) {
                leaveShelf();
            } else {
                shelf.removeFirst();
                line.add(delivery);
            }
        }
    }

    /** Whether messages of shared subscriptions wait that only the storage has. */
    boolean hasSharedOnShelf() {
        return shelf.hasShared();
    }

    /** Those are to be looked through, from the first on; what is asked for meanwhile is void. */
    void lookAgain() {
        shelf.lookAgain();
    }

    /** The numbers of the next of those: so many and about so many bytes at most; none when all were looked at. */
    long[] nextShared(int most, long size) {
        return shelf.nextShared(most, size);
    }

    /** What was asked for last was looked at: these of it leave, the others stay in their places. */
    void settle(Set<Long> leaving) {
        long begin = left + line.size(); // of the shelf
        List<Long> places = new ArrayList<>(leaving.size());
        shelf.settle(leaving, (index, size, counted) -> {
            places.add(begin + index);
            count(counted ? -1 : 0, -size);
        });
        if (!uncounted.isEmpty() && !places.isEmpty()) {
            moveUp(places);
        }
    }

    /** From these places, which grow, messages have left: what is behind them moves up. */
    private void moveUp(List<Long> places) {
        Line<Uncounted> moved = new Line<>();
        for (int i = 0, before = 0; i < uncounted.size(); i++) {
            Uncounted each = uncounted.get(i);
            while (before < places.size() && places.get(before) < each.behind) {
                before++;
            }
            moved.add(new Uncounted(each.delivery, each.behind - before));
        }
        uncounted = moved;
    }

    private void dropOldest() {
        if (!line.isEmpty()) {
            dropped.noRoom(pollLine());
            return;
        }
        long sequence = shelf.firstSequence();
        leaveShelf();
        dropped.noRoomOnShelf(sequence);
    }

    private void leaveShelf() {
        count(shelf.isFirstCounted() ? -1 : 0, -shelf.firstSize());
        shelf.removeFirst();
        left++;
    }

    private boolean isUncountedNext() {
        return !uncounted.isEmpty() && uncounted.first().behind <= left;
    }

    private Delivery pollLine() {
        Delivery first = line.removeFirst();
        left++;
        uncount(first);
        atMostOnce -= isAtMostOnce(first) ? 1 : 0;
        return first;
    }

    private Delivery pollUncounted() {
        Delivery first = uncounted.removeFirst().delivery;
        atMostOnce -= isAtMostOnce(first) ? 1 : 0;
        return first;
    }

    private void append(Delivery delivery) {
        if (!delivery.counted()) {
            uncounted.add(new Uncounted(delivery, left + line.size() + shelf.size()));
        } else if (delivery.sequence() != 0 && (!shelf.isEmpty() || line.size() >= atHand)) {
            shelve(delivery.sequence(), sizeOf(delivery), true, delivery.seat().isShared());
            count(1, sizeOf(delivery));
        } else {
            line.add(delivery);
            count(1, sizeOf(delivery));
        }
        atMostOnce += isAtMostOnce(delivery) ? 1 : 0;
    }

    private void shelve(long sequence, long size, boolean takesRoom, boolean shared) {
        if (shelf == Shelf.NONE) {
            shelf = new Shelf();
        }
        shelf.add(sequence, size, takesRoom, shared);
    }

    private void uncount(Delivery delivery) {
        if (delivery.counted()) {
            count(-1, -sizeOf(delivery));
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the loop alone writes
    private void count(int messages, long size) {
        stored.add(messages, size);
        number = number + messages; // one writer
        bytes = bytes + size;
    }

    private static boolean isAtMostOnce(Delivery delivery) {
        return delivery.qos() == QoS.AT_MOST_ONCE;
    }

    private boolean hasRoom(long size) {
        return number < options.maxMessages() && bytes + size <= options.maxBytes();
    }

    private static long sizeOf(Delivery delivery) {
        return sizeOf(delivery.message());
    }

    private static long sizeOf(SharedMessage message) {
        Publish publish = message.publish();
        return OVERHEAD
                + publish.topic().encodedLength()
                + publish.properties().encodedLength()
                + publish.payloadLength();
    }
}

package io.mqttx.broker.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.routing.Seat;
import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OfflineQueueTest {
    private static final long SIZE = 64 + 1 + 10; // of a message of ten bytes to a topic of one

    private final Stored stored = new Stored();
    private final List<Delivery> dropped = new ArrayList<>();
    private final List<Long> droppedFromShelf = new ArrayList<>();

    private static Delivery delivery(QoS qos, boolean counted) {
        Publish publish = new Publish(TopicName.of("t"), ByteBuffer.allocate(10));
        return new Delivery(new SharedMessage("", publish, 0), qos, false, counted, new int[0], Seat.NONE, 0);
    }

    private static Delivery delivery() {
        return delivery(QoS.AT_LEAST_ONCE, true);
    }

    private OfflineQueue queue(int messages, long bytes, WhenFull whenFull) {
        return new OfflineQueue(new QueueOptions(messages, bytes, whenFull), stored, new OfflineQueue.Dropped() {
            @Override
            public void noRoom(Delivery delivery) {
                dropped.add(delivery);
            }

            @Override
            public void noRoomOnShelf(long sequence) {
                droppedFromShelf.add(sequence);
            }
        });
    }

    private static List<Delivery> all(OfflineQueue queue) {
        return Stream.generate(queue::poll)
                .takeWhile(Optional::isPresent)
                .map(Optional::get)
                .toList();
    }

    @Test
    void bytesAreGivenBackByWhatLeaves() {
        // given
        OfflineQueue queue = queue(100, 2 * SIZE, WhenFull.DROP_NEWEST);
        List<Delivery> some =
                Stream.generate(OfflineQueueTest::delivery).limit(4).toList();

        // when
        queue.add(some.get(0));
        queue.add(some.get(1));
        queue.add(some.get(2)); // no room
        queue.poll();
        queue.add(some.get(3));

        // then
        assertEquals(List.of(some.get(2)), dropped);
        assertEquals(List.of(some.get(1), some.get(3)), all(queue));
    }

    @Test
    void aMessageLargerThanTheWholeQueueIsDroppedAndSoIsWhatIsOlderIfItMayBe() {
        // given
        OfflineQueue queue = queue(100, SIZE - 1, WhenFull.DROP_OLDEST);

        // when
        queue.add(delivery());

        // then
        assertEquals(1, dropped.size());
        assertTrue(queue.isEmpty());
    }

    @Test
    void aQueueOfNothingKeepsNothing() {
        for (WhenFull whenFull : WhenFull.values()) {
            // given
            OfflineQueue queue = queue(0, 1000, whenFull);

            // when
            queue.add(delivery());

            // then
            assertTrue(queue.isEmpty());
        }
        assertEquals(WhenFull.values().length, dropped.size());
    }

    @Test
    void whatIsNotCountedTakesNoRoomAndKeepsItsPlaceInTheOrder() {
        // given
        OfflineQueue queue = queue(2, 2 * SIZE, WhenFull.DROP_NEWEST);
        List<Delivery> mixed = List.of(
                delivery(QoS.AT_LEAST_ONCE, false),
                delivery(),
                delivery(QoS.AT_MOST_ONCE, false),
                delivery(),
                delivery(QoS.AT_LEAST_ONCE, false));

        // when
        mixed.forEach(queue::add);
        queue.add(delivery());

        // then
        assertEquals(5, queue.size());
        assertEquals(1, dropped.size());
        assertEquals(mixed, all(queue));
        queue.add(delivery());
        queue.add(delivery());
        assertEquals(2, queue.size());
    }

    @Test
    void theOldestThatTakesRoomGoesAndWhatTakesNoneStaysInItsPlace() {
        // given
        OfflineQueue queue = queue(2, 1000, WhenFull.DROP_OLDEST);
        List<Delivery> retained = Stream.generate(() -> delivery(QoS.AT_LEAST_ONCE, false))
                .limit(3)
                .toList();
        List<Delivery> live =
                Stream.generate(OfflineQueueTest::delivery).limit(4).toList();

        // when
        queue.add(retained.get(0));
        queue.add(live.get(0));
        queue.add(retained.get(1));
        queue.add(live.get(1));
        queue.add(live.get(2)); // for the first
        queue.add(retained.get(2));
        queue.add(live.get(3)); // for the second

        // then
        assertEquals(List.of(live.get(0), live.get(1)), dropped);
        assertEquals(List.of(retained.get(0), retained.get(1), live.get(2), retained.get(2), live.get(3)), all(queue));
    }

    @Test
    void someAreTakenOutAndTheOthersKeepTheirOrder() {
        // given
        OfflineQueue queue = queue(10, 1000, WhenFull.DROP_NEWEST);
        List<Delivery> mixed = List.of(
                delivery(QoS.EXACTLY_ONCE, true),
                delivery(QoS.AT_LEAST_ONCE, false),
                delivery(),
                delivery(QoS.EXACTLY_ONCE, false),
                delivery());
        mixed.forEach(queue::add);
        queue.poll();
        queue.add(mixed.get(0));

        // when
        List<Delivery> taken = queue.take(each -> each.qos() == QoS.EXACTLY_ONCE);

        // then
        assertEquals(List.of(mixed.get(3), mixed.get(0)), taken);
        assertEquals(List.of(mixed.get(1), mixed.get(2), mixed.get(4)), all(queue));
        assertEquals(0, queue.bytes());
        assertEquals(0, stored.bytes() + stored.messages());
        assertEquals(0, queue.counted());
    }

    @Test
    void qos0IsForgottenAndTheRestStaysInOrder() {
        // given
        OfflineQueue queue = queue(3, 1000, WhenFull.DROP_NEWEST);
        Delivery first = delivery();
        Delivery last = delivery(QoS.EXACTLY_ONCE, true);
        queue.add(first);
        queue.add(delivery(QoS.AT_MOST_ONCE, true));
        queue.add(last);

        // when
        boolean held = queue.holdsAtMostOnce();
        queue.dropAtMostOnce();

        // then
        assertTrue(held);
        assertFalse(queue.holdsAtMostOnce());
        queue.add(delivery()); // in the place of the one that left
        assertEquals(List.of(), dropped);
        assertEquals(List.of(first, last), all(queue).subList(0, 2));
    }

    /** What is on the shelf, said with a list; places in the line are 0 here, as nothing is at hand. */
    @Test
    void whoeverLooksThroughTheShelfTakesOutWhatItWantsAndNothingElse() {
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            // given
            Shelf shelf = new Shelf();
            List<Long> expected = new ArrayList<>();
            Set<Long> shared = new HashSet<>();
            long last = 0;
            List<Long> looked = new ArrayList<>();

            // when
            for (int step = 0; step < 200; step++) {
                switch (random.nextInt(6)) {
                    case 0, 1 -> {
                        boolean isShared = random.nextInt(3) > 0;
                        shelf.add(++last, 10, random.nextBoolean(), isShared);
                        expected.add(last);
                        if (isShared) {
                            shared.add(last);
                        }
                    }
                    case 2 -> {
                        if (!shelf.isEmpty()) {
                            assertEquals(expected.remove(0), shelf.firstSequence());
                            shelf.removeFirst();
                        }
                    }
                    case 3 -> {
                        shelf.lookAgain();
                        looked.clear();
                    }
                    default -> {
                        List<Long> page =
                                LongStream.of(shelf.nextShared(3, 1000)).boxed().toList();
                        List<Long> next = expected.stream()
                                .filter(shared::contains)
                                .filter(each -> looked.isEmpty() || each > looked.get(looked.size() - 1))
                                .limit(3)
                                .toList();
                        assertEquals(next, page);
                        if (random.nextBoolean() && !shelf.isEmpty()) { // dropped meanwhile
                            expected.remove(0);
                            shelf.removeFirst();
                        }
                        Set<Long> leaving = new HashSet<>(page);
                        leaving.removeIf(each -> random.nextBoolean());
                        shelf.settle(leaving, (index, size, counted) -> {});
                        expected.removeAll(leaving);
                        looked.addAll(page);
                    }
                }
            }

            // then
            assertEquals(
                    expected, LongStream.of(shelf.firstSequences(1000)).boxed().toList());
            assertEquals(expected.stream().anyMatch(shared::contains), shelf.hasShared());
        }
    }

    @Test
    void whatLeavesTheShelfTakesItsRoomWithItAndTheOthersKeepTheirPlaces() {
        // given
        OfflineQueue queue = queue(100, 1000, WhenFull.DROP_NEWEST);
        for (long sequence = 1; sequence <= 4; sequence++) {
            queue.restore(sequence, true, sequence < 4, 10);
        }
        Delivery retained = delivery(QoS.AT_LEAST_ONCE, false);
        queue.add(retained); // behind those four

        // when
        queue.lookAgain();
        long[] page = queue.nextShared(100, 15);
        queue.settle(Set.of(1L));
        long[] rest = queue.nextShared(100, 1000);
        queue.settle(Set.of(3L));
        queue.lookAgain();

        // then
        assertArrayEquals(new long[] {1}, page); // as many bytes as were asked for
        assertArrayEquals(new long[] {2, 3}, rest);
        assertEquals(2, queue.counted());
        assertEquals(2 * (64 + 10), queue.bytes());
        long[] left = queue.toRead();
        assertArrayEquals(new long[] {2, 4}, left);
        List<Delivery> read = List.of(delivery(), delivery());
        queue.read(left, Map.of(2L, read.get(0), 4L, read.get(1)));
        assertEquals(List.of(read.get(0), read.get(1), retained), all(queue));
    }
}

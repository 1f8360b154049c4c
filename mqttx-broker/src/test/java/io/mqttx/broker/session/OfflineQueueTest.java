package io.mqttx.broker.session;

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
import java.util.List;
import java.util.Optional;
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
}

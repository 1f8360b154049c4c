package io.mqttx.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SharedGroupTest {
    private static final Grant GRANT = Grant.of(QoS.AT_LEAST_ONCE, false, false, 0);

    private final List<FakeSubscriber> members = new ArrayList<>();

    private static SharedMessage message(String publisher, String topic) {
        return new SharedMessage(
                publisher, new Publish(QoS.AT_LEAST_ONCE, false, TopicName.of(topic), 1, ByteBuffer.allocate(100)), 0);
    }

    private static SharedMessage message() {
        return message("p", "t");
    }

    /** A group of so many members, all there, each with so many places. */
    private SharedGroup group(SharedStrategy strategy, int count, int places) {
        SharedGroup group = new SharedGroup("$share/g/t", strategy, new Random(1));
        for (int i = 0; i < count; i++) {
            FakeSubscriber member = new FakeSubscriber("m" + i);
            member.comes(places);
            members.add(member);
            assertTrue(group.put(member, GRANT));
        }
        return group;
    }

    private static List<String> picks(SharedGroup group, int count) {
        return IntStream.range(0, count).mapToObj(i -> pick(group)).toList();
    }

    private static String pick(SharedGroup group) {
        Seat seat = group.pick(message());
        return seat == Seat.NONE ? "nobody" : seat.subscriber().clientId();
    }

    @Test
    void membersTakeTurnsThoseWhoAreAwayAreSkippedAndIfAllAreTheyTakeTurnsAgain() {
        // given
        SharedGroup group = group(SharedStrategy.ROUND_ROBIN, 3, 100);

        // when
        List<String> all = picks(group, 4);
        members.get(1).room().leaves();
        List<String> two = picks(group, 3);
        members.forEach(member -> member.room().leaves());
        List<String> none = picks(group, 3);
        members.forEach(member -> assertTrue(group.remove(member)));
        List<String> left = picks(group, 1);

        // then
        assertEquals(List.of("m0", "m1", "m2", "m0"), all);
        assertEquals(List.of("m2", "m0", "m2"), two);
        assertEquals(List.of("m0", "m1", "m2"), none);
        assertEquals(List.of("nobody"), left);
        assertTrue(group.isEmpty());
    }

    @Test
    void aMemberWithoutAFreePlaceIsPassedOverUntilItHasOne() {
        for (SharedStrategy strategy :
                List.of(SharedStrategy.ROUND_ROBIN, SharedStrategy.RANDOM, SharedStrategy.STICKY)) {
            // given
            members.clear();
            SharedGroup group = group(strategy, 3, 1000);
            members.get(0).room().has(2, 0);
            members.get(1).room().has(0, 50);

            // when
            List<String> picked = picks(group, 200);
            members.get(2).room().has(0, 200);
            members.get(1).room().has(5, 0);
            List<String> after = picks(group, 3);

            // then: the claims of messages on their way count as well
            assertEquals(2, picked.stream().filter("m0"::equals).count());
            assertEquals(198, picked.stream().filter("m2"::equals).count());
            assertEquals(List.of("m1", "m1", "m1"), after);
        }
    }

    @Test
    void ifNobodyIsFreeItWaitsWhereLeastIsWaiting() {
        // given
        SharedGroup group = group(SharedStrategy.ROUND_ROBIN, 3, 0);
        members.get(0).room().has(0, 10);
        members.get(1).room().has(0, 7);
        members.get(2).room().has(0, 9);

        // when
        List<String> picked = picks(group, 4);

        // then
        assertEquals(3, picked.stream().filter("m1"::equals).count());
        assertEquals(1, picked.stream().filter("m2"::equals).count());
    }

    @Test
    void stickyStaysWithOneUntilThatIsGone() {
        // given
        SharedGroup group = group(SharedStrategy.STICKY, 3, 100);

        // when
        List<String> first = picks(group, 3);
        members.get(0).room().leaves();
        List<String> second = picks(group, 3);
        members.get(0).comes(100);

        // then
        assertEquals(List.of("m0", "m0", "m0"), first);
        assertEquals(List.of("m1", "m1", "m1"), second);
        assertEquals("m1", pick(group));
    }

    @Test
    void theLeastBusyMemberIsFoundAmongTheFreeOnes() {
        // given
        SharedGroup group = group(SharedStrategy.LEAST_IN_FLIGHT, 3, 100);
        members.get(0).room().has(100, 5);
        members.get(1).room().has(100, 3);
        members.get(2).room().has(0, 0);

        // when
        List<String> picked = picks(group, 4);

        // then: 3 and 4 go there, then both have 5
        assertEquals(List.of("m1", "m1"), picked.subList(0, 2));
        assertEquals(Set.of("m0", "m1"), new HashSet<>(picked.subList(2, 4)));
    }

    @Test
    void chanceReachesEverybodyAboutEquallyOften() {
        // given
        SharedGroup group = group(SharedStrategy.RANDOM, 5, 100_000);

        // when
        List<String> picked = picks(group, 5000);

        // then
        for (FakeSubscriber member : members) {
            long share = picked.stream().filter(member.clientId()::equals).count();
            assertTrue(share > 800 && share < 1200, () -> member.clientId() + " got " + share);
        }
    }

    @Test
    void hashesGiveEachPublisherOrTopicOneMemberAlsoIfThatIsNotFree() {
        for (SharedStrategy strategy : List.of(SharedStrategy.PUBLISHER_HASH, SharedStrategy.TOPIC_HASH)) {
            // given
            members.clear();
            SharedGroup group = group(strategy, 4, 1);
            Set<Subscriber> used = new HashSet<>();
            for (int key = 0; key < 100; key++) {
                SharedMessage message =
                        strategy == SharedStrategy.PUBLISHER_HASH ? message("p" + key, "t") : message("p", "t" + key);

                // when
                Subscriber first = group.pick(message).subscriber();
                Subscriber again = group.pick(message).subscriber();

                // then
                assertSame(first, again);
                used.add(first);
            }
            assertEquals(4, used.size());
        }
    }

    @Test
    void aHashOfSomebodyWhoIsAwayGoesToAnother() {
        // given
        SharedGroup group = group(SharedStrategy.TOPIC_HASH, 4, 100);
        Subscriber usual = group.pick(message()).subscriber();

        // when
        usual.room().leaves();

        // then
        assertTrue(group.pick(message()).room().isOnline());
    }

    @Test
    void twiceCountsOnceAndTheLaterGrantHolds() {
        // given
        SharedGroup group = group(SharedStrategy.ROUND_ROBIN, 1, 100);
        Grant other = Grant.of(QoS.AT_MOST_ONCE, false, false, 9);

        // when
        boolean isNew = group.put(members.get(0), other);

        // then
        assertFalse(isNew);
        assertEquals(QoS.AT_MOST_ONCE, group.pick(message()).grant().maximumQoS());
        assertTrue(group.remove(members.get(0)));
        assertFalse(group.remove(members.get(0)));
        assertTrue(group.isEmpty());
    }

    @Test
    void aMessageGoesToWhoTakesItsSize() {
        // given
        SharedGroup group = group(SharedStrategy.ROUND_ROBIN, 3, 100);
        members.get(0).room().comes(50, ProtocolVersion.V5);
        members.get(2).room().comes(108, ProtocolVersion.V3_1_1); // 2 + 2 + 1 + 2 + 100 bytes

        // when
        List<String> picked = picks(group, 4);
        members.get(1).room().comes(50, ProtocolVersion.V5);
        members.get(2).room().comes(106, ProtocolVersion.V3_1_1);

        // then
        assertEquals(List.of("m1", "m2", "m1", "m2"), picked);
        assertSame(Seat.NONE, group.pickOnline(message()));
    }

    @Test
    void whoJoinsTakesTheSlotOfWhoLeftAndTenThousandAreServedInTurn() {
        // given
        SharedGroup group = group(SharedStrategy.ROUND_ROBIN, 10_000, 2);
        for (int i = 0; i < 10_000; i += 3) {
            group.remove(members.get(i));
        }
        FakeSubscriber late = new FakeSubscriber("late");
        late.comes(2);
        group.put(late, GRANT);
        int there = 10_000 - 3334 + 1;

        // when
        Set<String> round = new HashSet<>(picks(group, there));
        Set<String> second = new HashSet<>(picks(group, there));

        // then: everybody once in each round, and then nobody is free
        assertEquals(there, round.size());
        assertTrue(round.contains("late"));
        assertEquals(round, second);
    }

    @Test
    void publishersOnManyThreadsGiveEachMessageToOneMemberAndLoseNoPlace()
            throws InterruptedException, ExecutionException {
        // given: windows of two, which fill and empty all the time
        int publishers = 3;
        int messages = 20_000;
        SharedGroup group = group(SharedStrategy.ROUND_ROBIN, 5, 2);
        Queue<Seat> onTheirWay = new ConcurrentLinkedQueue<>();
        ExecutorService threads = Executors.newFixedThreadPool(publishers);
        try {
            // when
            List<Future<?>> publishing = new ArrayList<>();
            for (int i = 0; i < publishers; i++) {
                publishing.add(threads.submit(() -> {
                    for (int n = 0; n < messages; n++) {
                        onTheirWay.add(group.pick(message()));
                    }
                }));
            }
            int arrived = 0;
            while (arrived < publishers * messages) {
                Seat seat = onTheirWay.poll();
                if (seat != null) {
                    arrived++;
                    seat.room().arrived();
                    seat.room().has(arrived % 3 == 0 ? 0 : 2, 1); // now and then its window is full
                    seat.room().has(2, 0);
                }
            }
            for (Future<?> each : publishing) {
                each.get();
            }
        } finally {
            threads.shutdownNow();
        }

        // then: everybody has both places again, and is found free
        assertEquals(Set.of("m0", "m1", "m2", "m3", "m4"), new HashSet<>(picks(group, 5)));
        assertEquals(Set.of("m0", "m1", "m2", "m3", "m4"), new HashSet<>(picks(group, 5)));
        members.forEach(member -> assertFalse(member.room().isFree()));
    }
}

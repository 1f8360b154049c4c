package io.mqttx.broker.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineTest {
    private final Line<Integer> line = new Line<>();

    @Test
    void whoComesFirstLeavesFirstHoweverTheyComeAndGo() {
        // given
        Deque<Integer> expected = new ArrayDeque<>();
        Random random = new Random(1);

        // when, then
        for (int next = 0; next < 10_000; next++) {
            int limit = next / 1000 % 2 == 0 ? 70 : 30; // grows, then shrinks
            if (random.nextInt(100) < limit || expected.isEmpty()) {
                line.add(next);
                expected.add(next);
            } else {
                assertEquals(expected.remove(), line.removeFirst());
            }
            assertEquals(expected.size(), line.size());
        }
        int index = 0;
        for (int each : expected) {
            assertEquals(each, line.get(index++));
        }
    }

    @Test
    void anEmptyLineHasNoFirst() {
        // given
        line.add(1);
        line.removeFirst();

        // then
        assertTrue(line.isEmpty());
        assertThrows(NoSuchElementException.class, line::first);
        assertThrows(NoSuchElementException.class, line::removeFirst);
    }

    @Test
    void aLineThatWasClearedBeginsAnew() {
        // given
        line.add(1);
        line.add(2);
        line.removeFirst();

        // when
        line.clear();
        line.add(3);

        // then
        assertEquals(1, line.size());
        assertEquals(3, line.first());
    }
}

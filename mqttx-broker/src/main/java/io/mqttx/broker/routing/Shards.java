package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Loop;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** A letter box for each loop: however much is posted before a loop comes by, it is woken once. */
final class Shards {
    private final Map<Loop, LetterBox> boxes = new HashMap<>();

    Shards(List<Loop> loops) {
        loops.forEach(loop -> boxes.put(loop, new LetterBox(loop)));
    }

    void post(Loop loop, SharedMessage message, Subscriber subscriber, Grant grant, long sequence) {
        boxes.get(loop).post(new Letter(message, subscriber, grant, sequence));
    }

    private record Letter(SharedMessage message, Subscriber subscriber, Grant grant, long sequence) {}

    private static final class LetterBox implements Runnable {
        private static final int AT_ONCE = 1024; // then others on the loop get their turn

        private final Loop loop;
        private final Queue<Letter> letters = new ConcurrentLinkedQueue<>();
        private final AtomicBoolean called = new AtomicBoolean();

        LetterBox(Loop loop) {
            this.loop = loop;
        }

        void post(Letter letter) {
            letters.add(letter);
            if (!called.get() && called.compareAndSet(false, true)) {
                loop.execute(this);
            }
        }

        @Override
        public void run() {
            Letter letter = letters.poll();
            for (int i = 1; letter != null; i++) {
                Delivering.to(letter.subscriber, letter.message, letter.grant, letter.sequence);
                if (i == AT_ONCE) {
                    loop.execute(this); // still called: whoever posts meanwhile need not
                    return;
                }
                letter = letters.poll();
            }
            called.set(false);
            if (!letters.isEmpty() && called.compareAndSet(false, true)) {
                loop.execute(this); // posted between the last look and the line above
            }
        }
    }
}

package io.mqttx.broker.simulation;

import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.packet.ReasonCode;
import java.util.List;
import java.util.Random;

/**
 * What a day is like.
 *
 * @param durable   whether the broker has a disk, and crashes
 * @param faulty    whether the disk has faults that come and go
 * @param nimble    whether clients answer at once, and mostly before the disk does
 * @param queue     what the broker keeps for those who are away
 * @param expiring  whether messages are published that expire
 * @param pondering whether handlers answer later, and refuse now and then
 * @param picky     whether clients take small packets only, and topic aliases
 */
record Day(
        boolean durable,
        boolean faulty,
        boolean nimble,
        QueueOptions queue,
        boolean expiring,
        boolean pondering,
        boolean picky) {
    private static final List<WhenFull> WAYS = List.of(WhenFull.values());

    /** The one of this seed: in two of three, nothing but connections, the disk and the broker fails. */
    static Day of(long seed, boolean durable, boolean faulty, Random random) {
        boolean nimble = seed % 4 == 3;
        if (seed % 3 != 1) {
            return new Day(durable, faulty, nimble, QueueOptions.defaults(), false, false, false);
        }
        QueueOptions queue = random.nextInt(3) == 0 ? QueueOptions.defaults() : small(random);
        return new Day(
                durable, faulty, nimble, queue, random.nextBoolean(), random.nextBoolean(), random.nextBoolean());
    }

    private static QueueOptions small(Random random) {
        long bytes = random.nextBoolean() ? 64L << 20 : 100 + random.nextInt(2_000);
        WhenFull whenFull = WAYS.get(random.nextInt(WAYS.size()));
        return new QueueOptions(random.nextInt(8), bytes, whenFull);
    }

    /** Whether a queue may be full. */
    boolean isNarrow() {
        return !queue.equals(QueueOptions.defaults());
    }

    /** Whether a publisher may be told that queues are full. */
    boolean refuses() {
        return isNarrow() && queue.whenFull() == WhenFull.REFUSE;
    }

    /** Whether the disk is a good reason to refuse something with this code. */
    boolean isForTheDisk(ReasonCode reason) {
        return faulty && (reason == ReasonCode.QUOTA_EXCEEDED || reason == ReasonCode.SERVER_UNAVAILABLE);
    }
}

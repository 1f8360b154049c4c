package io.mqttx.broker.simulation;

import io.mqttx.testkit.ManualLoops;
import io.mqttx.testkit.SimulatedStorage;
import java.time.Duration;
import java.util.Random;

/** The disk of a day: how long a sync takes, and with a seed that says so, faults that come and go. */
final class Disk {
    private final Random random;
    private final ManualLoops loops;
    private final boolean faulty;
    private final long usual; // nanoseconds that a sync takes
    private SimulatedStorage storage;
    private Fault fault = Fault.NONE;
    private long allSafe; // when nothing waited, as seen last

    private enum Fault {
        NONE,
        /** Full, or the writes fail: the storage says so. */
        NO_WRITES,
        /** A sync takes seconds. */
        SLOW,
        NO_READS,
        NO_READS_AND_WRITES
    }

    Disk(Random random, ManualLoops loops, boolean faulty) {
        this.random = random;
        this.loops = loops;
        this.faulty = faulty;
        usual = random.nextInt(200) * 1_000_000L;
        storage = new SimulatedStorage().syncAfter(loops.all().get(0), usual);
    }

    SimulatedStorage storage() {
        return storage;
    }

    /** Time goes on: a fault may come or go. */
    void step() {
        if (storage.waiting() == 0) {
            allSafe = loops.now();
        }
        if (faulty && random.nextInt(fault == Fault.NONE ? 30 : 10) == 0) {
            set(fault == Fault.NONE ? Fault.values()[1 + random.nextInt(4)] : Fault.NONE);
        }
    }

    /** It works from now on. */
    void heal() {
        set(Fault.NONE);
    }

    /** The process is gone; what is left on the disk is in another storage. Faults may go on. */
    void crash() {
        storage = storage.crash(random.nextInt(storage.waiting() + 1));
        set(faulty && random.nextBoolean() ? fault : Fault.NONE);
        allSafe = loops.now();
    }

    /** What happened in so many nanoseconds before now may not be on the disk. */
    long unsafe() {
        return 2 * usual + 1 + (faulty ? loops.now() - allSafe : 0);
    }

    private void set(Fault next) {
        fault = next;
        storage.recover();
        long nanos =
                next == Fault.SLOW ? Duration.ofSeconds(1 + random.nextInt(10)).toNanos() : usual;
        storage.syncAfter(loops.all().get(0), nanos);
        if (next == Fault.NO_WRITES || next == Fault.NO_READS_AND_WRITES) {
            storage.fail("the disk is full");
        }
        if (next == Fault.NO_READS || next == Fault.NO_READS_AND_WRITES) {
            storage.failReads("the disk cannot be read");
        }
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PaceTest {
    private static final long MILLISECOND = 1_000_000;
    private static final int SOME = 20; // bytes

    private final Pace pace = new Pace();
    private long now;

    @Test
    void packetsThatComeFastAndOneByOneAreWaitedFor() {
        read(200, 1, 20_000, false);

        assertTrue(pace.isNapDue());
    }

    @Test
    void theNapsGoOnWhenTheyFindManyPackets() {
        read(200, 1, 20_000, false);

        read(50, 6, 130_000, false);

        assertTrue(pace.isNapDue());
    }

    @Test
    void packetsThatComeSlowlyAreReadAtOnce() {
        read(200, 1, 100_000, false);

        assertFalse(pace.isNapDue());
    }

    @Test
    void theNapsEndWhenPacketsHaveBecomeFew() {
        read(200, 1, 20_000, false);

        read(20, 1, 130_000, false);

        assertFalse(pace.isNapDue());
    }

    @Test
    void packetsThatComeTogetherByThemselvesAreReadAtOnce() {
        read(200, 40, 50_000, false);

        assertFalse(pace.isNapDue());
    }

    @Test
    void packetsThatSomebodyWaitsForAreReadAtOnce() {
        read(200, 1, 20_000, true);

        assertFalse(pace.isNapDue());
    }

    @Test
    void oneUrgentReadAmongManyIsFollowedByNoNapButTheNextIs() {
        read(200, 1, 20_000, false);

        read(1, 1, 20_000, true);
        boolean afterUrgent = pace.isNapDue();
        read(1, 1, 20_000, false);

        assertFalse(afterUrgent);
        assertTrue(pace.isNapDue());
    }

    @Test
    void whoHasFoundManyBytesDoesNotWaitForMore() {
        read(200, 1, 20_000, false);

        pace.read(10_000, 1, false, now += 20_000);

        assertFalse(pace.isNapDue());
    }

    @Test
    void theFirstPacketsAfterAPauseAreReadAtOnce() {
        read(200, 1, 20_000, false);

        read(1, 1, 5 * MILLISECOND, false);

        assertFalse(pace.isNapDue());
    }

    private void read(int times, int packets, long every, boolean urgent) {
        for (int i = 0; i < times; i++) {
            now += every;
            pace.read(SOME, packets, urgent, now);
        }
    }
}

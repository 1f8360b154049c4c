package io.mqttx.protocol.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import org.junit.jupiter.api.Test;

class KeepAliveTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    @Statement("MQTT-3.1.2-22")
    @Statement(value = "MQTT-3.1.2-24", version = Version.V3_1_1)
    void aServerWaitsOneAndAHalfTimesTheKeepAliveEvenWhenTheClockWraps() {
        // given
        long start = Long.MAX_VALUE - SECOND;
        KeepAlive keepAlive = KeepAlive.ofServer(10, start);

        // when
        keepAlive.heard(start + 2 * SECOND);

        // then
        assertFalse(keepAlive.isExpired(start + 17 * SECOND - 1));
        assertTrue(keepAlive.isExpired(start + 17 * SECOND));
        assertEquals(5 * SECOND, keepAlive.remaining(start + 12 * SECOND));
    }

    @Test
    @Statement("MQTT-3.1.2-20")
    @Statement(value = "MQTT-3.1.2-23", version = Version.V3_1_1)
    void aClientPingsInTimeAndGivesUpWithoutAnAnswer() {
        // given
        KeepAlive keepAlive = KeepAlive.ofClient(8, 3 * SECOND, 0);
        keepAlive.sent(SECOND);

        // when, then
        assertFalse(keepAlive.isPingDue(7 * SECOND - 1));
        assertTrue(keepAlive.isPingDue(7 * SECOND));
        keepAlive.pinged(7 * SECOND);
        assertFalse(keepAlive.isPingDue(13 * SECOND - 1));
        assertFalse(keepAlive.isExpired(10 * SECOND - 1));
        assertTrue(keepAlive.isExpired(10 * SECOND));
        keepAlive.answered(9 * SECOND);
        assertFalse(keepAlive.isExpired(12 * SECOND));
    }

    @Test
    @Statement("MQTT-3.1.2-20")
    void aPatientClientPingsAgainWithinTheKeepAliveAndItsPatienceStillEnds() {
        // given
        KeepAlive keepAlive = KeepAlive.ofClient(8, 20 * SECOND, 0);
        keepAlive.pinged(6 * SECOND);

        // when, then
        assertEquals(6 * SECOND, keepAlive.remaining(6 * SECOND));
        assertTrue(keepAlive.isPingDue(12 * SECOND));
        keepAlive.pinged(12 * SECOND);
        assertEquals(6 * SECOND, keepAlive.remaining(12 * SECOND));
        keepAlive.pinged(24 * SECOND);
        assertEquals(2 * SECOND, keepAlive.remaining(24 * SECOND));
        assertTrue(keepAlive.isExpired(26 * SECOND));
    }

    @Test
    @Statement("P5-11")
    void keepAliveZeroNeverEnds() {
        // given
        KeepAlive server = KeepAlive.ofServer(0, 0);
        KeepAlive client = KeepAlive.ofClient(0, SECOND, 0);

        // when, then
        assertFalse(server.isExpired(Long.MAX_VALUE));
        assertFalse(client.isPingDue(Long.MAX_VALUE));
        assertEquals(KeepAlive.NEVER, server.remaining(1));
        assertEquals(KeepAlive.NEVER, client.remaining(1));
    }
}

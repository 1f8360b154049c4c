package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Plays whole clients with a whole broker. {@code -Dmqttx.simulation.runs=100000} plays 10,000 stories,
 * {@code -Dmqttx.client.simulation.seed=42} plays one again that failed.
 */
class ClientAndBrokerSimulationTest {
    private static final int RUNS = Math.max(150, Integer.getInteger("mqttx.simulation.runs", 0) / 10);
    private static final long ONE = Long.getLong("mqttx.client.simulation.seed", -1);

    @Test
    @Timeout(value = 8, unit = TimeUnit.HOURS) // of the nightly run
    @Statement({"MQTT-4.3.2-1", "MQTT-4.3.3-1", "MQTT-4.4.0-1", "MQTT-4.6.0-1"})
    void everyMessageArrivesAsItsQosSaysWhateverHappensToNetworkAndBroker() {
        if (ONE >= 0) {
            play(ONE);
            return;
        }
        for (long seed = 0; seed < RUNS; seed++) {
            play(seed);
        }
    }

    @Test
    @Timeout(60)
    void theSameSeedTellsTheSameStory() {
        for (long seed = 0; seed < 10; seed++) {
            List<String> story = play(seed);

            assertTrue(story.size() > 200, "something happens");
            assertEquals(story, play(seed));
        }
    }

    private static List<String> play(long seed) {
        try {
            return new ClientWorld(seed).play();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("play it again with -Dmqttx.client.simulation.seed=" + seed, e);
        }
    }
}

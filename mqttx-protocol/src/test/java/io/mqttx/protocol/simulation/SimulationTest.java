package io.mqttx.protocol.simulation;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import org.junit.jupiter.api.Test;

/**
 * Plays many lives of a session. {@code -Dmqttx.simulation.runs=100000} plays more of them,
 * {@code -Dmqttx.simulation.seed=42} plays one again that failed.
 */
class SimulationTest {
    private static final int RUNS = Integer.getInteger("mqttx.simulation.runs", 4000);
    private static final long ONE = Long.getLong("mqttx.simulation.seed", -1);

    @Test
    @Statement({
        "MQTT-2.2.1-3", "MQTT-2.2.1-4", "MQTT-3.3.1-1", "MQTT-3.3.4-7", "MQTT-3.3.4-9", "MQTT-4.3.2-3", "MQTT-4.3.3-3",
        "MQTT-4.3.3-5", "MQTT-4.3.3-10", "MQTT-4.4.0-1", "MQTT-4.6.0-1", "MQTT-4.6.0-2", "MQTT-4.6.0-3", "MQTT-4.9.0-2"
    })
    @Statement(
            value = {"MQTT-2.3.1-2", "MQTT-2.3.1-3", "MQTT-4.3.3-1", "MQTT-4.3.3-2", "MQTT-4.4.0-1", "MQTT-4.6.0-1"},
            version = Version.V3_1_1)
    void everyMessageArrivesAsItsQosSaysWhateverHappensToTheConnection() {
        if (ONE >= 0) {
            play(ONE);
            return;
        }
        for (long seed = 0; seed < RUNS; seed++) {
            play(seed);
        }
    }

    private static void play(long seed) {
        try {
            new Simulation(seed).play();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("play it again with -Dmqttx.simulation.seed=" + seed, e);
        }
    }
}

package io.mqttx.broker.simulation;

import io.mqttx.conformance.Statement;
import io.mqttx.conformance.Version;
import org.junit.jupiter.api.Test;

/**
 * Plays many days of a broker. {@code -Dmqttx.simulation.runs=100000} plays more of them,
 * {@code -Dmqttx.broker.simulation.seed=42} plays one again that failed.
 */
class BrokerSimulationTest {
    private static final int RUNS = Integer.getInteger("mqttx.simulation.runs", 1200);
    private static final long ONE = Long.getLong("mqttx.broker.simulation.seed", -1);

    @Test
    @Statement({
        "MQTT-4.3.1-1",
        "MQTT-4.3.2-5",
        "MQTT-4.3.3-10",
        "MQTT-4.4.0-1",
        "MQTT-4.6.0-5",
        "MQTT-4.6.0-6",
        "MQTT-4.8.2-4",
        "MQTT-4.9.0-2",
        "MQTT-3.1.2-8",
        "MQTT-3.1.3-9",
        "MQTT-3.1.4-3",
        "MQTT-3.3.1-5",
        "MQTT-3.3.2-5",
        "MQTT-3.3.2-6",
        "P5-27",
        "P5-29",
        "P5-65",
        "P5-70"
    })
    @Statement(
            value = {
                "MQTT-4.1.0-1",
                "MQTT-4.3.2-2",
                "MQTT-4.3.3-2",
                "MQTT-4.4.0-1",
                "MQTT-4.6.0-6",
                "MQTT-3.1.2-8",
                "MQTT-3.1.2-12",
                "MQTT-2.3.1-4"
            },
            version = Version.V3_1_1)
    void everyPromiseIsKeptWhateverHappensToClientsAndNetwork() {
        if (ONE >= 0) {
            play(ONE, false, false);
            return;
        }
        for (long seed = 0; seed < RUNS; seed++) {
            play(seed, false, false);
        }
    }

    @Test
    void everyPromiseIsKeptWhereverTheBrokerCrashes() {
        if (ONE >= 0) {
            play(ONE, true, false);
            return;
        }
        for (long seed = 0; seed < RUNS; seed++) {
            play(seed, true, false);
        }
    }

    /** Full, slow by seconds, unreadable: what cannot be kept is refused, and nothing else. */
    @Test
    void everyPromiseIsKeptWhateverTheDiskDoes() {
        if (ONE >= 0) {
            play(ONE, true, true);
            return;
        }
        for (long seed = 0; seed < RUNS; seed++) {
            play(seed, true, true);
        }
    }

    private static void play(long seed, boolean durable, boolean faulty) {
        try {
            new World(seed, durable, faulty).play();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("play it again with -Dmqttx.broker.simulation.seed=" + seed, e);
        }
    }
}

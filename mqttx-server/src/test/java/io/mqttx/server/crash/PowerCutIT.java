package io.mqttx.server.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker whose machine loses its power: what was not synced is lost, or only parts of it are left. */
class PowerCutIT {
    private static final int KILLS = Integer.getInteger("mqttx.crash.kills", 6);
    private static final long SEED = Long.getLong("mqttx.crash.seed", System.nanoTime());

    @TempDir
    Path work;

    @BeforeAll
    static void needsACompiler() {
        Preloaded.needACompiler();
    }

    @Test
    void whateverWasAcknowledgedSurvivesAPowerCut() throws IOException {
        Path directory = work.resolve("data");
        PowerCut machine = new PowerCut(work, directory, SEED);
        try (Crash crash = new Crash(directory, machine, SEED)) {
            crash.play(KILLS);
            System.out.println("power cut, seed " + SEED + ": " + crash.summary() + "; " + machine.summary());
            assertEquals(List.of(), crash.findings(), () -> "seed " + SEED + ", " + crash.summary());
        }
    }

    /** That the test above could fail: nothing is synced here, so everything is lost that chance does not leave. */
    @Test
    void withoutSyncsAPowerCutLosesWhatWasAcknowledged() throws IOException {
        Path directory = work.resolve("data");
        PowerCut machine = new PowerCut(work, directory, SEED);
        try (Crash crash = new Crash(directory, machine, SEED, "--sync-every", "1h")) {
            crash.play(50);
            assertFalse(crash.findings().isEmpty(), crash::summary);
        }
    }
}

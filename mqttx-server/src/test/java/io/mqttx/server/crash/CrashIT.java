package io.mqttx.server.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is killed under load: some times with each build, as often as you like with {@code bin/crash}. */
class CrashIT {
    private static final int KILLS = Integer.getInteger("mqttx.crash.kills", 6);
    private static final long SEED = Long.getLong("mqttx.crash.seed", System.nanoTime());

    @TempDir
    Path directory;

    @Test
    void whateverWasAcknowledgedSurvivesKill9() throws IOException {
        try (Crash crash = new Crash(directory, Machine.NORMAL, SEED)) {
            crash.play(KILLS);
            System.out.println("kill -9, seed " + SEED + ": " + crash.summary());
            assertEquals(List.of(), crash.findings(), () -> "seed " + SEED + ", " + crash.summary());
            assertTrue(crash.acknowledged() > 0);
        }
    }
}

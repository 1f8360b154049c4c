package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A session in a file against the death of its process. */
@Timeout(180)
class SessionStoreIT {
    private static final int KILLS = 8;

    @TempDir
    private Path directory;

    private final List<String> delivered = Collections.synchronizedList(new ArrayList<>());
    private final Set<Integer> takenOver = new HashSet<>(); // of the server's thread alone
    private boolean known; // the same

    @Test
    @Statement({"MQTT-4.3.3-2", "MQTT-4.4.0-1"})
    void everyMessageArrivesOnceHoweverOftenTheClientIsKilled() throws Exception {
        long seed = Long.getLong("mqttx.seed", System.nanoTime());
        Random random = new Random(seed);
        try (ScriptedServer server = keepingServer()) {
            // when
            for (int run = 0; run < KILLS; run++) {
                int enough = delivered.size() + 1 + random.nextInt(300);
                Process process = start(server, "run" + run, 1_000_000);
                while (delivered.size() < enough) {
                    assertTrue(process.isAlive(), "it publishes until it is killed; seed " + seed);
                    Thread.onSpinWait();
                }
                process.toHandle().destroyForcibly();
                assertTrue(process.waitFor(ScriptedServer.PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
            Process last = start(server, "last", 20);
            assertTrue(last.waitFor(60, TimeUnit.SECONDS));
            assertEquals(0, last.exitValue());
        }

        // then
        Map<String, Integer> next = new HashMap<>();
        for (String payload : delivered) {
            String[] parts = payload.split("-", 2);
            int number = Integer.parseInt(parts[1]);
            assertEquals(next.getOrDefault(parts[0], 0), number, () -> payload + " came in its turn; seed " + seed);
            next.put(parts[0], number + 1);
        }
        assertEquals(20, next.get("last"));
    }

    /** A server that keeps its session whatever happens to the client. */
    private ScriptedServer keepingServer() throws IOException {
        return new ScriptedServer()
                .on(PacketType.CONNECT, packet -> {
                    ConnAck connAck = new ConnAck(known, ReasonCode.SUCCESS);
                    known = true;
                    return List.of(connAck);
                })
                .on(PacketType.PUBLISH, this::takeOver)
                .on(PacketType.PUBREL, packet -> {
                    int id = ((PubRel) packet).packetId();
                    takenOver.remove(id);
                    return List.of(new PubComp(id));
                });
    }

    private List<Packet> takeOver(Packet packet) {
        Publish publish = (Publish) packet;
        if (takenOver.add(publish.packetId())) {
            delivered.add(StandardCharsets.UTF_8.decode(publish.payload()).toString());
        }
        return List.of(new PubRec(publish.packetId()));
    }

    private Process start(ScriptedServer server, String name, int messages) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        return new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledClient.class.getName(),
                        String.valueOf(server.options().build().port()),
                        directory.toString(),
                        name,
                        String.valueOf(messages))
                .redirectErrorStream(true)
                .redirectOutput(new File(directory.toFile(), name + ".log"))
                .start();
    }
}

package io.mqttx.broker.will;

import io.mqttx.broker.spi.Loop;
import io.mqttx.packet.Will;
import java.util.HashMap;
import java.util.Map;

/**
 * Wills that wait for their delay to pass (§3.1.3.2.2). Published once, when the delay or the session ends, whichever
 * is first [MQTT-3.1.3-9]; forgotten if the client comes back to its session before. On one loop.
 */
public final class Wills {
    private static final long NANOS = 1_000_000_000L;

    private final Loop loop;
    private final Map<String, Waiting> waiting = new HashMap<>(); // by client identifier

    private record Waiting(Runnable publish, Loop.Timer timer) {}

    /** None yet. */
    public Wills(Loop loop) {
        this.loop = loop;
    }

    /**
     * A connection ended, and its will is due after its delay.
     *
     * @param delaySeconds 0: now
     * @param publish      publishes it
     */
    public void due(String clientId, Will will, long delaySeconds, Runnable publish) {
        if (!will.isPresent()) {
            return;
        }
        if (delaySeconds == 0) {
            publish.run();
            return;
        }
        Loop.Timer timer = loop.schedule(() -> sessionEnded(clientId), delaySeconds * NANOS);
        waiting.put(clientId, new Waiting(publish, timer));
    }

    /** The client came back to its session: a will that still waits is void [MQTT-3.1.3-9]. */
    public void resumed(String clientId) {
        Waiting voided = waiting.remove(clientId);
        if (voided != null) {
            voided.timer.cancel();
        }
    }

    /** The session or the delay ended: a will that still waits is published now. */
    public void sessionEnded(String clientId) {
        Waiting now = waiting.remove(clientId);
        if (now != null) {
            now.timer.cancel();
            now.publish.run();
        }
    }

    /** The broker stops: what waits is published now, as its sessions end with it. */
    public void publishAll() {
        Map<String, Waiting> all = new HashMap<>(waiting);
        all.keySet().forEach(this::sessionEnded);
    }
}

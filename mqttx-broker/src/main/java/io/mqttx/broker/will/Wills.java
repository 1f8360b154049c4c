package io.mqttx.broker.will;

import io.mqttx.broker.spi.Change;
import io.mqttx.broker.spi.Kept;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.storage.Journals;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Wills that wait for their delay to pass (§3.1.3.2.2). Published once, when the delay or the session ends, whichever
 * is first [MQTT-3.1.3-9]; forgotten if the client comes back to its session before. On one loop.
 */
public final class Wills {
    private static final long NANOS = 1_000_000_000L;
    private static final long MILLIS = 1000;

    private final Loop loop;
    private final Journals journals;
    private final Map<String, Waiting> waiting = new HashMap<>(); // by client identifier
    private final Set<Long> onTheirWay = new HashSet<>(); // keys of sessions whose wills are being published

    /** A will; {@code key} is that of its session if that is kept, else 0. */
    private record Waiting(long key, Consumer<Runnable> publish, Loop.Timer timer) {}

    /** None yet. */
    public Wills(Loop loop, Journals journals) {
        this.loop = loop;
        this.journals = journals;
    }

    /**
     * A connection begins that has this will: should the broker fail, it is to be published by the next one.
     *
     * @param key of the session, or 0 if that is not kept
     */
    public void keep(long key, Kept.Will will) {
        if (key != 0) {
            onTheirWay.remove(key); // one that still is must not take this one with it
            journals.of(loop).add(new Change.WillPut(key, will));
        }
    }

    /** The will of a connection is void: the client said goodbye. */
    public void forget(long key) {
        cleared(key);
    }

    /**
     * A connection ended, and its will is due after its delay.
     *
     * @param key     of its session, or 0 if that is not kept
     * @param publish publishes it, now or later, and calls what it is given when that is done
     */
    public void due(long key, Kept.Will will, Consumer<Runnable> publish) {
        if (will.delaySeconds() == 0) {
            publish(key, publish);
            return;
        }
        long millis = journals.clocks().today() + will.delaySeconds() * MILLIS;
        keep(key, will.dueAt(millis));
        wait(will.publisher(), key, will.delaySeconds() * NANOS, publish);
    }

    /** A will that waited when the broker before this one ended, for so many nanoseconds more. */
    public void restore(long key, Kept.Will will, long nanos, Consumer<Runnable> publish) {
        if (nanos > 0) {
            wait(will.publisher(), key, nanos, publish);
        } else {
            publish(key, publish);
        }
    }

    /** It is kept until it is published: that may have to wait for the handler, or for the disk. */
    private void publish(long key, Consumer<Runnable> publish) {
        onTheirWay.add(key);
        publish.accept(() -> {
            if (onTheirWay.remove(key)) {
                cleared(key);
            }
        });
    }

    private void wait(String clientId, long key, long nanos, Consumer<Runnable> publish) {
        Loop.Timer timer = loop.schedule(() -> sessionEnded(clientId), nanos);
        waiting.put(clientId, new Waiting(key, publish, timer));
    }

    /** The client came back to its session: a will that still waits is void [MQTT-3.1.3-9]. */
    public void resumed(String clientId) {
        Waiting voided = waiting.remove(clientId);
        if (voided != null) {
            voided.timer.cancel();
            cleared(voided.key);
        }
    }

    /** The session or the delay ended: a will that still waits is published now. */
    public void sessionEnded(String clientId) {
        Waiting now = waiting.remove(clientId);
        if (now != null) {
            now.timer.cancel();
            publish(now.key, now.publish);
        }
    }

    /** The broker stops: what waits is published now if its session ends with it. The rest is kept. */
    public void publishAll() {
        Map<String, Waiting> all = new HashMap<>(waiting);
        all.forEach((clientId, will) -> {
            if (will.key == 0) {
                sessionEnded(clientId);
            }
        });
    }

    private void cleared(long key) {
        if (key != 0) {
            journals.of(loop).add(new Change.WillCleared(key));
        }
    }
}

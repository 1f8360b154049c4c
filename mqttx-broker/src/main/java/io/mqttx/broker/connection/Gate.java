package io.mqttx.broker.connection;

import io.mqttx.broker.storage.Journal;
import io.mqttx.broker.storage.Turn;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Holds back what promises the client something until that cannot be lost: CONNACK with everything behind it, answers,
 * and QoS 2 messages, whose identifier the broker must not forget. The rest may pass. On the session's loop.
 */
final class Gate {
    private static final int FULL = 1000; // packets; then the client is not read any more

    private final Client client;
    private final Journal journal;
    private final Deque<Held> held = new ArrayDeque<>(0);
    private long bytes; // of held messages, about
    private Turn promised = Turn.OF_NOTHING; // has to be safe before the next promise is spoken
    private boolean greeting; // CONNACK is held
    private int passable; // messages held that came behind it, and which the next ones like them may not overtake
    private CompletableFuture<Void> emptied = CompletableFuture.completedFuture(null);

    private record Held(Turn turn, long bytes, boolean passable, boolean greets, Runnable write) {}

    Gate(Client client, Journal journal) {
        this.client = client;
        this.journal = journal;
    }

    /** How many changes there have been, for {@link #promiseSince}. */
    long entries() {
        return journal.entries();
    }

    /** If there have been changes since, what is answered now depends on them. */
    void promiseSince(long entries) {
        if (journal.entries() != entries) {
            promise();
        }
    }

    /** What is answered now depends on all changes of this turn. */
    void promise() {
        Turn now = journal.filling();
        if (promised != now && !promised.isSafe() && (held.isEmpty() || held.getLast().turn != promised)) {
            hold(0, false, false, () -> {}); // the next promise may be safe before this one
        }
        promised = now;
    }

    boolean isFull() {
        return held.size() >= FULL;
    }

    /** Completes when nothing is held any more. */
    CompletionStage<Void> emptied() {
        return emptied;
    }

    /** Whether this packet is held, or swallowed; if not, it is for the caller to write. */
    boolean holds(Packet packet) {
        if (packet.type() == PacketType.DISCONNECT) {
            return greeting; // nothing may be said before CONNACK [MQTT-3.2.0-1], and now nothing will
        }
        boolean mayPass = packet.type() == PacketType.PINGRESP && !greeting;
        if (mayPass || held.isEmpty() && promised.isSafe()) {
            return false;
        }
        boolean greets = packet.type() == PacketType.CONNACK;
        greeting |= greets;
        hold(0, false, greets, () -> client.write(packet));
        return true;
    }

    /** The bytes of messages that are held, about. */
    long bytes() {
        return bytes;
    }

    /** Whether a message of so many bytes is held, to be written by {@code write}. */
    boolean holds(boolean exactlyOnce, long size, Runnable write) {
        boolean mayPass = exactlyOnce ? held.isEmpty() && promised.isSafe() : passable == 0;
        if (!greeting && mayPass) {
            return false;
        }
        hold(size, !exactlyOnce, false, write);
        return true;
    }

    /** The connection is over. */
    void clear() {
        held.clear();
        passable = 0;
        bytes = 0;
        emptied.complete(null);
    }

    private void hold(long size, boolean couldPass, boolean greets, Runnable write) {
        if (held.isEmpty()) {
            emptied = new CompletableFuture<>();
            journal.whenSafe(promised, this::release);
        }
        held.add(new Held(promised, size, couldPass, greets, write));
        passable += couldPass ? 1 : 0;
        bytes += size;
    }

    private void release() {
        client.guarded(() -> {
            while (!held.isEmpty() && held.element().turn.isSafe()) {
                Held next = held.remove();
                bytes -= next.bytes;
                passable -= next.passable ? 1 : 0;
                greeting &= !next.greets;
                if (!client.isGone()) {
                    next.write.run();
                }
            }
        });
        if (held.isEmpty()) {
            emptied.complete(null);
            client.drained();
        } else {
            journal.whenSafe(held.element().turn, this::release);
        }
    }
}

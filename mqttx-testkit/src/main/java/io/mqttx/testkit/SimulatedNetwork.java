package io.mqttx.testkit;

import io.mqttx.broker.spi.Loop;
import java.time.Duration;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * A network as networks are: bytes take time, come in pieces, and do not arrive at all when a connection is lost. All of
 * it happens in the time of {@link ManualLoops} and follows from one seed, so that the same program plays the same way
 * again.
 *
 * <p>{@link #connect} gives the client's end. For a network without surprises see {@link MemoryTransport}. One thread.
 */
public final class SimulatedNetwork extends ManualTransport<SimulatedLink> {
    private final RandomGenerator random;
    private final Conditions conditions;

    /**
     * What happens to bytes.
     *
     * @param leastDelay   how long they take at least
     * @param mostDelay    how long they take at most; they keep their order
     * @param largestPiece bytes that arrive together at most, at least 1
     * @param room         bytes that are on their way to a client at most, at least 1: the rest stays unsent
     */
    public record Conditions(Duration leastDelay, Duration mostDelay, int largestPiece, int room) {

        /** Checks the ranges. */
        public Conditions {
            Objects.requireNonNull(leastDelay, "leastDelay");
            if (leastDelay.isNegative() || mostDelay.compareTo(leastDelay) < 0) {
                throw new IllegalArgumentException("delays from " + leastDelay + " to " + mostDelay);
            }
            if (largestPiece < 1 || room < 1) {
                throw new IllegalArgumentException("pieces of " + largestPiece + " in a room of " + room);
            }
        }
    }

    /**
     * A network without connections.
     *
     * @param random where chance comes from; its seed is the seed of the network
     */
    public SimulatedNetwork(ManualLoops loops, RandomGenerator random, Conditions conditions) {
        super(loops);
        this.random = random;
        this.conditions = conditions;
    }

    /** A new connection, on any of the loops. */
    public SimulatedSocket connect(SimulatedSocket.Receiver receiver) {
        requireListener();
        Loop loop = loops().get(random.nextInt(loops().size()));
        SimulatedSocket socket = new SimulatedSocket(this, receiver);
        SimulatedLink link = new SimulatedLink(this, socket, loop, "simulated:" + connections());
        socket.over(link);
        offer(link);
        return socket;
    }

    Conditions conditions() {
        return conditions;
    }

    /** The size of the next piece of so many bytes. */
    int piece(int atMost) {
        return 1 + random.nextInt(Math.min(atMost, conditions.largestPiece));
    }

    /** One direction of a connection. */
    final class Path {
        private long last;

        /** Does this when what is sent now arrives: after what was sent before. */
        void send(Runnable arrival) {
            long least = conditions.leastDelay.toNanos();
            long spread = conditions.mostDelay.toNanos() - least;
            long arrives = manualLoops().now() + least + (spread == 0 ? 0 : random.nextLong(spread + 1));
            last = Math.max(last, arrives);
            loops().get(0).schedule(arrival, last - manualLoops().now());
        }
    }

    /**
     * The broker's process is gone: every connection is over for its client, with what was on its way, and the broker is
     * told nothing. Another broker may listen then. To be called between tasks, and with
     * {@link ManualLoops#forgetEverything}.
     */
    public void crash() {
        stopListening();
        forgetLinks().forEach(SimulatedLink::crashed);
    }

    @Override
    void lose(SimulatedLink link) {
        link.lost();
    }

    @Override
    public String description() {
        return "simulated";
    }
}

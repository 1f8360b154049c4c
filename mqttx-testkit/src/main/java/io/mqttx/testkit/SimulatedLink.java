package io.mqttx.testkit;

import io.mqttx.broker.spi.Loop;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** The broker's end of a connection over a {@link SimulatedNetwork}: bytes take time, and come in pieces. */
final class SimulatedLink extends ManualLink {
    private final SimulatedNetwork network;
    private final SimulatedSocket socket;
    private final SimulatedNetwork.Path way;
    private final Deque<byte[]> outgoing = new ArrayDeque<>();
    private long unsent;
    private long mostUnsent;
    private int underWay; // bytes that the client has not taken
    private boolean flushing;
    private boolean unplugged; // what is sent arrives nowhere
    private boolean ended; // by the client: told when all that it sent is received

    SimulatedLink(SimulatedNetwork network, SimulatedSocket socket, Loop loop, String remoteAddress) {
        super(loop, remoteAddress);
        this.network = network;
        this.socket = socket;
        this.way = network.new Path();
    }

    long mostUnsent() {
        return mostUnsent;
    }

    void arrivedPiece(byte[] piece) {
        if (!unplugged) {
            arrived(piece);
        }
    }

    void arrivedEnd() {
        ended = true;
        receiveSoon();
    }

    /** The connection is gone for both sides, and the broker is told. */
    void lost() {
        unplug();
        ended = true;
        receiveSoon();
    }

    /** There is no broker any more. */
    void crashed() {
        unplug();
        socket.lost();
    }

    /** Nothing arrives any more, and nobody is told. */
    void unplug() {
        unplugged = true;
        forgetIncoming();
    }

    /** The client has read so many bytes. */
    void taken(int bytes) {
        underWay -= bytes;
        loop().execute(this::flush);
    }

    @Override
    void written(byte[] bytes) {
        outgoing.add(bytes);
        unsent += bytes.length;
        mostUnsent = Math.max(mostUnsent, unsent);
        if (!flushing) {
            flushing = true;
            loop().execute(this::flush);
        }
    }

    @Override
    boolean isReadable() {
        return true;
    }

    @Override
    boolean isAtItsEnd() {
        return ended && (unplugged || isDrained());
    }

    @Override
    void ending() {
        // the client learns of it in time
    }

    /** Gives the network as much as it has room for. */
    @Override
    void flush() {
        flushing = false;
        if (isElsewhere()) {
            return; // it goes on where the link goes to
        }
        boolean waited = unsent > 0;
        while (!outgoing.isEmpty() && underWay < network.conditions().room()) {
            byte[] bytes = outgoing.poll();
            int size =
                    Math.min(network.piece(bytes.length), network.conditions().room() - underWay);
            if (size < bytes.length) {
                outgoing.addFirst(Arrays.copyOfRange(bytes, size, bytes.length));
            }
            byte[] piece = Arrays.copyOf(bytes, size);
            unsent -= size;
            underWay += size;
            way.send(() -> arriveAtClient(() -> socket.arrive(piece)));
        }
        if (isClosing() && outgoing.isEmpty()) {
            way.send(() -> arriveAtClient(socket::arriveEnd));
        } else if (waited && unsent == 0) {
            tellDrained();
        }
    }

    private void arriveAtClient(Runnable arrival) {
        if (!unplugged) {
            arrival.run();
        }
    }

    @Override
    public long unsent() {
        return unsent;
    }
}

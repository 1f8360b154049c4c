package io.mqttx.testkit;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;

/** The client's end of a connection over a {@link SimulatedNetwork}. Whoever owns it may call it at any time. */
public final class SimulatedSocket {
    private final Receiver receiver;
    private final SimulatedNetwork network;
    private final SimulatedNetwork.Path way;
    private final Deque<byte[]> arrived = new ArrayDeque<>();
    private SimulatedLink link; // set once, before anybody sees the socket
    private boolean reading = true;
    private boolean ended; // by the broker: told when all that it sent is read
    private boolean gone; // nothing comes or goes any more

    /** Whom the socket calls. */
    public interface Receiver {

        /** Bytes have come; all of them have to be taken. */
        void received(ByteBuffer bytes);

        /** The broker closed the connection; the last call. Not called for a connection that the client ended. */
        void closed();
    }

    SimulatedSocket(SimulatedNetwork network, Receiver receiver) {
        this.network = network;
        this.receiver = receiver;
        this.way = network.new Path();
    }

    void over(SimulatedLink other) {
        link = other;
    }

    /** Sends bytes, in pieces. */
    public void send(byte... bytes) {
        for (int from = 0; from < bytes.length && !gone; ) {
            int to = from + network.piece(bytes.length - from);
            byte[] piece = Arrays.copyOfRange(bytes, from, to);
            way.send(() -> link.arrivedPiece(piece));
            from = to;
        }
    }

    /** Closes in good order: what was sent before arrives. */
    public void close() {
        gone = true;
        way.send(link::arrivedEnd);
    }

    /** Loses the connection with everything on its way; the broker learns of it in time. */
    public void cut() {
        gone = true;
        link.unplug();
        way.send(link::lost);
    }

    /** Loses the connection and nobody tells the broker, as when the client's machine loses its power. */
    public void vanish() {
        gone = true;
        link.unplug();
    }

    /** Whether nothing comes or goes any more. */
    public boolean isGone() {
        return gone;
    }

    /** Reads no more: what the broker sends stays on the way, and then with the broker. */
    public void stopReading() {
        reading = false;
    }

    /** Reads what is there and whatever comes. */
    public void startReading() {
        reading = true;
        read();
    }

    /** The most bytes that waited with the broker to be sent, so far. */
    public long mostUnsent() {
        return link.mostUnsent();
    }

    /** The broker is gone. */
    void lost() {
        gone = true;
    }

    void arrive(byte[] piece) {
        arrived.add(piece);
        read();
    }

    void arriveEnd() {
        ended = true;
        read();
    }

    private void read() {
        while (reading && !gone && !arrived.isEmpty()) {
            byte[] piece = arrived.poll();
            link.taken(piece.length);
            receiver.received(ByteBuffer.wrap(piece));
        }
        if (reading && !gone && ended) {
            gone = true;
            receiver.closed();
        }
    }
}

package io.mqttx.testkit;

import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** The broker's end of a connection over a {@link SimulatedNetwork}. As strict as that of {@link MemoryTransport}. */
final class SimulatedLink implements Link {
    private final SimulatedNetwork network;
    private final SimulatedSocket socket;
    private final SimulatedNetwork.Path way;
    private final String remoteAddress;
    private final Deque<byte[]> incoming = new ArrayDeque<>();
    private final Deque<byte[]> outgoing = new ArrayDeque<>();
    private Loop loop;
    private Receiver receiver; // null until the loop has opened the link
    private ByteBuffer lent = ByteBuffer.allocate(0);
    private long unsent;
    private long mostUnsent;
    private int underWay; // bytes that the client has not taken
    private boolean flushing;
    private boolean paused;
    private boolean moving;
    private boolean unplugged; // what is sent arrives nowhere
    private boolean ended; // by the client: told when all that it sent is received
    private boolean closing; // by the broker
    private boolean over; // closed, whoever did it

    SimulatedLink(SimulatedNetwork network, SimulatedSocket socket, Loop loop, String remoteAddress) {
        this.network = network;
        this.socket = socket;
        this.way = network.new Path();
        this.loop = loop;
        this.remoteAddress = remoteAddress;
    }

    long mostUnsent() {
        return mostUnsent;
    }

    // ---- the network's side

    void open(Function<Link, Receiver> accept) {
        receiver = accept.apply(this);
        receive();
    }

    void arrived(byte[] piece) {
        if (!unplugged) {
            incoming.add(piece);
            loop.execute(this::receive);
        }
    }

    void arrivedEnd() {
        ended = true;
        loop.execute(this::receive);
    }

    /** The connection is gone for both sides, and the broker is told. */
    void lost() {
        unplug();
        ended = true;
        loop.execute(this::receive);
    }

    /** Nothing arrives any more, and nobody is told. */
    void unplug() {
        unplugged = true;
        incoming.clear();
    }

    /** The client has read so many bytes. */
    void taken(int bytes) {
        underWay -= bytes;
        loop.execute(this::flush);
    }

    private void receive() {
        if (!loop.isCurrent() || moving || receiver == null) {
            return; // whoever ends that calls again
        }
        while (!paused && !moving && !over && !closing && !incoming.isEmpty()) {
            receiver.received(ByteBuffer.wrap(incoming.poll()));
        }
        if (!over && !moving && (closing || ended && (unplugged || !paused && incoming.isEmpty()))) {
            over = true;
            closing = true;
            receiver.closed("");
        }
    }

    /** Gives the network as much as it has room for. */
    private void flush() {
        flushing = false;
        if (!loop.isCurrent() || moving) {
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
        if (closing && outgoing.isEmpty()) {
            way.send(() -> arriveAtClient(socket::arriveEnd));
        } else if (waited && unsent == 0 && !over) {
            receiver.drained();
        }
    }

    private void arriveAtClient(Runnable arrival) {
        if (!unplugged) {
            arrival.run();
        }
    }

    // ---- the broker's side

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public CompletionStage<Void> moveTo(Loop next) {
        requireLoop();
        CompletableFuture<Void> moved = new CompletableFuture<>();
        moving = true;
        next.execute(() -> {
            loop = next;
            moving = false;
            moved.complete(null);
            loop.execute(this::receive);
            loop.execute(this::flush);
        });
        return moved;
    }

    @Override
    public ByteBuffer reserve(int size) {
        requireLoop();
        if (closing) {
            throw new IllegalStateException("written to after the end");
        }
        lent = ByteBuffer.allocate(size + 3).position(3).slice();
        return lent;
    }

    @Override
    public void commit() {
        requireLoop();
        byte[] bytes = new byte[lent.position()];
        lent.flip().get(bytes);
        outgoing.add(bytes);
        unsent += bytes.length;
        mostUnsent = Math.max(mostUnsent, unsent);
        if (!flushing) {
            flushing = true;
            loop.execute(this::flush);
        }
    }

    @Override
    public long unsent() {
        return unsent;
    }

    @Override
    public void pause() {
        requireLoop();
        paused = true;
    }

    @Override
    public void resume() {
        requireLoop();
        paused = false;
        loop.execute(this::receive);
    }

    @Override
    public void close() {
        requireLoop();
        if (!closing) {
            closing = true;
            loop.execute(this::receive);
            loop.execute(this::flush);
        }
    }

    @Override
    public void abort() {
        close(); // what is on its way arrives here: a peer cannot count on that
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        return List.of();
    }

    private void requireLoop() {
        if (!loop.isCurrent() || moving) {
            throw new IllegalStateException(remoteAddress + " is used off its loop");
        }
    }
}

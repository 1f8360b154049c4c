package io.mqttx.testkit;

import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * The broker's end of a connection that lives in memory: on a loop, perhaps on its way to another, read or paused. It is
 * strict where a real network would be silent. How bytes come and go is the matter of those that extend it.
 */
abstract class ManualLink implements Link {
    private final String remoteAddress;
    private final Deque<byte[]> incoming = new ArrayDeque<>();
    private Loop loop;
    private Receiver receiver; // null until the loop has opened the link
    private ByteBuffer lent = ByteBuffer.allocate(0);
    private boolean paused;
    private boolean moving;
    private boolean closing; // by the broker
    private boolean over; // the receiver was told

    ManualLink(Loop loop, String remoteAddress) {
        this.loop = loop;
        this.remoteAddress = remoteAddress;
    }

    /** Bytes that the broker has written, in their order. */
    abstract void written(byte[] bytes);

    /** Whether bytes that have come are still to be received. */
    abstract boolean isReadable();

    /** Whether the connection has ended, the broker's own {@link #close} left out, and the broker may be told. */
    abstract boolean isAtItsEnd();

    /** Sends on what was written, as far as that goes; on the link's loop. */
    abstract void flush();

    /** The broker is about to be told of the end. */
    abstract void ending();

    final void open(Function<Link, Receiver> accept) {
        receiver = accept.apply(this);
        receive();
    }

    final void arrived(byte[] bytes) {
        incoming.add(bytes);
        receiveSoon();
    }

    final void receiveSoon() {
        loop.execute(this::receive);
    }

    final void forgetIncoming() {
        incoming.clear();
    }

    final boolean isDrained() {
        return !paused && incoming.isEmpty();
    }

    final boolean isClosing() {
        return closing;
    }

    /** Whether nothing can be done with it now: it is on its way, or not open yet, or somebody else's turn. */
    final boolean isElsewhere() {
        return !loop.isCurrent() || moving || receiver == null;
    }

    /** Tells the broker that it may write more, if there still is somebody to tell. */
    final void tellDrained() {
        if (!over && receiver != null) {
            receiver.drained();
        }
    }

    final void receive() {
        if (isElsewhere()) {
            return; // whoever ends that calls again
        }
        while (!paused && !moving && !over && !closing && isReadable() && !incoming.isEmpty()) {
            receiver.received(ByteBuffer.wrap(incoming.poll()));
        }
        if (!over && !moving && (closing || isAtItsEnd())) {
            over = true;
            closing = true;
            ending();
            receiver.closed("");
        }
    }

    // ---- the broker's side

    @Override
    public final Loop loop() {
        return loop;
    }

    @Override
    public final CompletionStage<Void> moveTo(Loop next) {
        requireLoop();
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        moving = true;
        next.execute(() -> {
            loop = next;
            moving = false;
            arrived.complete(null);
            receiveSoon();
            loop.execute(this::flush);
        });
        return arrived;
    }

    @Override
    public final ByteBuffer reserve(int size) {
        requireLoop();
        if (closing) {
            throw new IllegalStateException("written to after the end");
        }
        lent = ByteBuffer.allocate(size + 3).position(3).slice();
        return lent;
    }

    @Override
    public final void commit() {
        requireLoop();
        byte[] bytes = new byte[lent.position()];
        lent.flip().get(bytes);
        written(bytes);
    }

    @Override
    public final void pause() {
        requireLoop();
        paused = true;
    }

    @Override
    public final void resume() {
        requireLoop();
        paused = false;
        receiveSoon();
    }

    @Override
    public final void close() {
        requireLoop();
        if (!closing) {
            closing = true;
            receiveSoon();
            loop.execute(this::flush);
        }
    }

    @Override
    public final void abort() {
        close(); // what was written before may arrive: a peer cannot count on that
    }

    @Override
    public final String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public final List<X509Certificate> peerCertificates() {
        return List.of();
    }

    private void requireLoop() {
        if (!loop.isCurrent() || moving) {
            throw new IllegalStateException(remoteAddress + " is used off its loop");
        }
    }
}

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

/** The broker's end of a connection. */
final class MemoryLink implements Link {
    private final MemoryClient client;
    private final String remoteAddress;
    private final Deque<byte[]> incoming = new ArrayDeque<>();
    private Loop loop;
    private Receiver receiver; // null until the loop has opened the link
    private ByteBuffer lent = ByteBuffer.allocate(0);
    private boolean paused;
    private boolean moving;
    private boolean closing; // by the broker
    private boolean lost; // by the network: what is written from now on goes nowhere
    private boolean ended; // by the client: told when all that it sent is received
    private boolean told;

    MemoryLink(MemoryClient client, Loop loop, String remoteAddress) {
        this.client = client;
        this.loop = loop;
        this.remoteAddress = remoteAddress;
    }

    // ---- the network's side

    void open(Function<Link, Receiver> accept) {
        receiver = accept.apply(this);
        receive();
    }

    /** Bytes from the client. */
    void incoming(byte[] bytes) {
        incoming.add(bytes);
        loop.execute(this::receive);
    }

    /** The client closed in good order: what it sent before arrives. */
    void end() {
        ended = true;
        loop.execute(this::receive);
    }

    /** The connection is lost with all that is on its way, at once, read or not. */
    void drop() {
        incoming.clear();
        lost = true;
        loop.execute(this::tellOfEnd);
    }

    /** The client has read. */
    void drained() {
        loop.execute(() -> {
            if (!told && receiver != null) {
                receiver.drained();
            }
        });
    }

    private void receive() {
        if (!loop.isCurrent() || moving || receiver == null) {
            return; // whoever ends that calls again
        }
        while (!paused && !moving && !closing && !lost && !incoming.isEmpty()) {
            receiver.received(ByteBuffer.wrap(incoming.poll()));
        }
        if (closing || lost || ended && !paused && !moving && incoming.isEmpty()) {
            tellOfEnd();
        }
    }

    private void tellOfEnd() {
        client.closed();
        if (moving || receiver == null || told) {
            return;
        }
        closing = true;
        told = true;
        receiver.closed("");
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
        });
        return moved;
    }

    @Override
    public ByteBuffer reserve(int size) {
        requireLoop();
        if (closing || told) {
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
        if (!lost) {
            client.incoming(bytes);
        }
    }

    @Override
    public long unsent() {
        return client.unread();
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
            loop.execute(this::tellOfEnd);
        }
    }

    @Override
    public void abort() {
        close(); // nothing is on its way here that was not yet sent
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

package io.mqttx.testkit;

import io.mqttx.broker.spi.Loop;

/** The broker's end of a connection over a {@link MemoryTransport}: bytes are there at once. */
final class MemoryLink extends ManualLink {
    private final MemoryClient client;
    private boolean lost; // by the network: what is written from now on goes nowhere
    private boolean ended; // by the client: told when all that it sent is received

    MemoryLink(MemoryClient client, Loop loop, String remoteAddress) {
        super(loop, remoteAddress);
        this.client = client;
    }

    /** The client closed in good order: what it sent before arrives. */
    void end() {
        ended = true;
        receiveSoon();
    }

    /** The connection is lost with all that is on its way, at once, read or not. */
    void drop() {
        forgetIncoming();
        lost = true;
        loop().execute(() -> {
            client.closed(); // also if the broker cannot be told yet
            receive();
        });
    }

    /** The client has read. */
    void drained() {
        loop().execute(this::tellDrained);
    }

    @Override
    void written(byte[] bytes) {
        if (!lost) {
            client.incoming(bytes);
        }
    }

    @Override
    boolean isReadable() {
        return !lost;
    }

    @Override
    boolean isAtItsEnd() {
        return lost || ended && isDrained();
    }

    @Override
    void flush() {
        // it has arrived already
    }

    @Override
    void ending() {
        client.closed();
    }

    @Override
    public long unsent() {
        return client.unread();
    }
}

package io.mqttx.testkit;

import io.mqttx.broker.spi.Loop;
import io.mqttx.packet.ProtocolVersion;

/**
 * A network of memory: {@link #connect} gives a client whose bytes the broker receives when the loops run.
 *
 * <p>It is strict where a real network would be silent: a link that is used off its loop, or written to after it was
 * closed, throws.
 */
public final class MemoryTransport extends ManualTransport<MemoryLink> {
    /** A network for these loops, without connections. */
    public MemoryTransport(ManualLoops loops) {
        super(loops);
    }

    /** A new connection, on the loops in turn. */
    public MemoryClient connect(ProtocolVersion version) {
        return connect(version, loops().get(connections() % loops().size()));
    }

    /** A new connection that begins on this loop. */
    public MemoryClient connect(ProtocolVersion version, Loop loop) {
        requireListener();
        MemoryClient client = new MemoryClient(version, manualLoops());
        MemoryLink link = new MemoryLink(client, loop, "memory:" + connections());
        client.over(link);
        offer(link);
        return client;
    }

    @Override
    void lose(MemoryLink link) {
        link.drop();
    }

    @Override
    public String description() {
        return "memory";
    }
}

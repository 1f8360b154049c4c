package io.mqttx.testkit;

import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Transport;
import io.mqttx.packet.ProtocolVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A network of memory: {@link #connect} gives a client whose bytes the broker receives when the loops run.
 *
 * <p>It is strict where a real network would be silent: a link that is used off its loop, or written to after it was
 * closed, throws.
 */
public final class MemoryTransport implements Transport {
    private final ManualLoops loops;
    private final List<MemoryLink> links = new ArrayList<>();
    private Function<Link, Link.Receiver> accept; // null until somebody listens
    private boolean listening;

    /** A network for these loops, without connections. */
    public MemoryTransport(ManualLoops loops) {
        this.loops = loops;
    }

    /** A new connection, on the loops in turn. */
    public MemoryClient connect(ProtocolVersion version) {
        return connect(version, loops.all().get(links.size() % loops.all().size()));
    }

    /** A new connection that begins on this loop. */
    public MemoryClient connect(ProtocolVersion version, Loop loop) {
        if (!listening) {
            throw new IllegalStateException("nobody listens");
        }
        MemoryClient client = new MemoryClient(version, loops);
        MemoryLink link = new MemoryLink(client, loop, "memory:" + links.size());
        client.over(link);
        links.add(link);
        loop.execute(() -> link.open(accept));
        return client;
    }

    @Override
    public List<Loop> loops() {
        return loops.all();
    }

    @Override
    public int listen(Listener listener, Function<Link, Link.Receiver> receivers) {
        accept = receivers;
        listening = true;
        return listener.place() instanceof Listener.Tcp tcp && tcp.port() > 0 ? tcp.port() : 1;
    }

    @Override
    public void stopListening() {
        listening = false;
    }

    @Override
    public void close() {
        listening = false;
        links.forEach(MemoryLink::drop);
    }

    @Override
    public String description() {
        return "memory";
    }
}

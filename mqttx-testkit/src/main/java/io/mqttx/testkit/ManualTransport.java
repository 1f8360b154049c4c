package io.mqttx.testkit;

import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What networks in memory have in common: loops that the test runs, and somebody who listens, or nobody. */
abstract class ManualTransport<L extends ManualLink> implements Transport {
    private final ManualLoops loops;
    private final List<L> links = new ArrayList<>();
    private Function<Link, Link.Receiver> accept; // null until somebody listens
    private boolean listening;

    ManualTransport(ManualLoops loops) {
        this.loops = loops;
    }

    final ManualLoops manualLoops() {
        return loops;
    }

    final int connections() {
        return links.size();
    }

    /** All links so far, which are forgotten. */
    final List<L> forgetLinks() {
        List<L> all = List.copyOf(links);
        links.clear();
        return all;
    }

    final void requireListener() {
        if (!listening) {
            throw new IllegalStateException("nobody listens");
        }
    }

    /** Whoever listens gets this link, on its loop. */
    final void offer(L link) {
        links.add(link);
        link.loop().execute(() -> link.open(accept));
    }

    /** The connection is lost, because the network is taken away. */
    abstract void lose(L link);

    @Override
    public final List<Loop> loops() {
        return loops.all();
    }

    @Override
    public final int listen(Listener listener, Function<Link, Link.Receiver> receivers) {
        accept = receivers;
        listening = true;
        return listener.place() instanceof Listener.Tcp tcp && tcp.port() > 0 ? tcp.port() : 1;
    }

    @Override
    public final void stopListening() {
        listening = false;
    }

    @Override
    public final void close() {
        listening = false;
        links.forEach(this::lose);
    }
}

package io.mqttx.broker.spi;

import io.mqttx.broker.api.Listener;
import java.util.List;
import java.util.function.Function;

/** Brings connections: the only part of a broker that knows a network library. */
public interface Transport extends AutoCloseable {

    /** The loops, at least one; the same all along. */
    List<Loop> loops();

    /**
     * Listens, until {@link #close}.
     *
     * @param listener where
     * @param accept   called on the loop of each new link, gives whom the link calls
     * @return the port that is listened at, 0 where there is none
     * @throws java.io.UncheckedIOException if that is not possible, with a sentence that says why
     */
    int listen(Listener listener, Function<Link, Link.Receiver> accept);

    /** Accepts no more connections. */
    void stopListening();

    /** Closes everything and waits until it is closed, a few seconds at most. */
    @Override
    void close();

    /** What moves the bytes, in a few words for a log line. */
    String description();
}

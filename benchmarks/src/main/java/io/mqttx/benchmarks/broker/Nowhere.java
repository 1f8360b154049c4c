package io.mqttx.benchmarks.broker;

import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Transport;
import io.mqttx.testkit.ManualLoops;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A network without clients: what the broker writes is looked at and forgotten. On one thread. */
final class Nowhere implements Transport {
    private final ManualLoops loops = new ManualLoops(1);
    private final Loop loop = loops.all().get(0);
    private Function<Link, Link.Receiver> accept; // null until somebody listens

    /** A new connection, on which {@code bytes} arrive; what is written to it goes to {@code written}. */
    End connect(byte[] bytes, Written written) {
        End end = new End(written);
        loop.execute(() -> end.receiver = accept.apply(end));
        end.arrive(bytes);
        return end;
    }

    void run() {
        loops.run();
    }

    @Override
    public List<Loop> loops() {
        return List.of(loop);
    }

    @Override
    public int listen(Listener listener, Function<Link, Link.Receiver> receivers) {
        accept = receivers;
        return 1;
    }

    @Override
    public void stopListening() {
        // nobody else comes
    }

    @Override
    public void close() {
        // nothing is open
    }

    @Override
    public String description() {
        return "nowhere";
    }

    /** Sees what the broker has written to a connection. */
    interface Written {
        /**
         * On the loop.
         *
         * @param bytes whole packets, from the position to the limit; only good during the call
         */
        void to(End end, ByteBuffer bytes);
    }

    /** The broker's end of a connection. */
    final class End implements Link {
        private final ByteBuffer buffer = ByteBuffer.allocate(4096);
        private final Written written;
        private Receiver receiver; // null until the loop has accepted it

        End(Written written) {
            this.written = written;
        }

        /** Bytes come from the client, when the loops run. */
        void arrive(byte[] bytes) {
            loop.execute(() -> receiver.received(ByteBuffer.wrap(bytes)));
        }

        @Override
        public Loop loop() {
            return loop;
        }

        @Override
        public CompletionStage<Void> moveTo(Loop same) {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public ByteBuffer reserve(int size) {
            return buffer.clear();
        }

        @Override
        public void commit() {
            written.to(this, buffer.flip());
        }

        @Override
        public long unsent() {
            return 0;
        }

        @Override
        public void pause() {
            throw new IllegalStateException("nobody is to be slowed down");
        }

        @Override
        public void resume() {
            // nothing was paused
        }

        @Override
        public void close() {
            throw new IllegalStateException("closed by the broker");
        }

        @Override
        public void abort() {
            close();
        }

        @Override
        public String remoteAddress() {
            return "nowhere";
        }

        @Override
        public List<X509Certificate> peerCertificates() {
            return List.of();
        }
    }
}

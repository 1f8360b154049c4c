package io.mqttx.client.link;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A TCP connection. Small packets leave at once (no Nagle).
 *
 * <p>The socket never blocks, so that a thread of the application which is interrupted while it writes does not close it.
 * Who reads waits with a selector of its own, which takes the least time; on a virtual thread that would hold the
 * carrier, so there, and who writes anywhere, waits for the {@link Watch}.
 */
public final class TcpLink implements Link {
    private static final int LARGEST_WRITE = 128 << 10; // bytes; the JDK keeps as much for each thread that writes

    private final String host;
    private final int port;
    private final long timeoutNanos;
    private final BooleanSupplier virtual;

    private final ReentrantLock lock = new ReentrantLock(); // held for moments only; guards the next five
    private Optional<SocketChannel> tried = Optional.empty(); // one after the other; the last one has connected
    private Optional<Watch.Watched> watched = Optional.empty();
    private Optional<Selector> selector = Optional.empty(); // of who reads, unless it is silent
    private boolean woken; // who reads with it shall return
    private boolean closed;

    private SocketChannel channel; // known once open
    private boolean drained; // there was no more to read: to wait for more comes before the next try; of who reads

    /**
     * A link that is not open yet.
     *
     * @param host         name or address
     * @param port         1 to 65,535
     * @param timeoutNanos nanoseconds that may pass until one of the host's addresses has answered, over 0
     * @param virtual      whether the calling thread, which reads, is a virtual one
     */
    public TcpLink(String host, int port, long timeoutNanos, BooleanSupplier virtual) {
        this.host = Objects.requireNonNull(host, "host");
        this.port = port;
        this.timeoutNanos = timeoutNanos;
        this.virtual = virtual;
    }

    /** Tries the addresses of the host one after the other, each with an equal share of the time that is left. */
    @Override
    public void open() throws IOException {
        long deadline = System.nanoTime() + timeoutNanos;
        InetAddress[] addresses = InetAddress.getAllByName(host);
        for (int i = 0; i < addresses.length; i++) {
            long millis = (deadline - System.nanoTime()) / 1_000_000 / (addresses.length - i);
            try {
                connect(addresses[i], (int) Math.min(millis, Integer.MAX_VALUE));
                return;
            } catch (IOException e) {
                if (i == addresses.length - 1 || isClosed()) {
                    throw e;
                }
            }
        }
    }

    @Override
    public int read(byte[] into) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(into);
        int length = drained ? 0 : channel.read(bytes);
        while (length == 0) {
            int waited = awaitReadable();
            if (waited <= 0) {
                drained = waited == WOKEN; // after a silence who reads next was told that there is something
                return waited;
            }
            length = channel.read(bytes);
        }
        drained = length < into.length && !virtual.getAsBoolean();
        return length;
    }

    @Override
    public boolean wakeUp() {
        lock.lock();
        try {
            if (selector.isPresent() && !woken) {
                woken = true;
                selector.get().wakeup();
            }
            return woken;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void whenReadable(Runnable action) {
        watched().ifPresentOrElse(known -> known.whenReadable(action), action);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        int end = bytes.limit();
        while (bytes.position() < end) {
            bytes.limit(Math.min(end, bytes.position() + LARGEST_WRITE));
            if (channel.write(bytes) == 0) {
                awaitWritable();
            }
        }
    }

    @Override
    public void finish() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            tried.ifPresent(TcpLink::closeQuietly);
            forgetSelector();
        } finally {
            lock.unlock();
        }
        watched().ifPresent(Watch.Watched::leave);
    }

    // ---- Waiting

    /** Returns what {@link #read} would: more than 0 if there is something. */
    private int awaitReadable() throws IOException {
        boolean onVirtual = virtual.getAsBoolean();
        boolean readable = false;
        long nanos = Patience.OF_ALL.begin(onVirtual);
        try {
            readable = nanos > 0 && (onVirtual ? await(nanos) : select(nanos / 1_000_000));
        } finally {
            Patience.OF_ALL.end(onVirtual);
        }
        lock.lock();
        try {
            if (woken) { // if that was just behind the select(), the next one passes for a silence: it does no harm
                woken = false;
                return WOKEN;
            }
            if (!readable) {
                forgetSelector();
            }
            return readable ? 1 : 0;
        } finally {
            lock.unlock();
        }
    }

    /** On one of our own threads an interrupt means nothing. */
    private boolean select(long millis) throws IOException {
        try {
            return selector().select(key -> {}, millis) > 0 || Thread.interrupted();
        } catch (ClosedSelectorException e) {
            throw closed();
        }
    }

    private boolean await(long nanos) {
        Semaphore arrived = new Semaphore(0);
        whenReadable(arrived::release);
        try {
            return arrived.tryAcquire(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            return true; // likewise
        }
    }

    private void awaitWritable() {
        Semaphore room = new Semaphore(0);
        watched().ifPresentOrElse(known -> known.whenWritable(room::release), room::release);
        room.acquireUninterruptibly();
    }

    private Selector selector() throws IOException {
        lock.lock();
        try {
            requireOpen();
            if (selector.isEmpty()) {
                Selector own = Selector.open();
                selector = Optional.of(own); // before: it is closed with the link, whatever happens
                channel.register(own, SelectionKey.OP_READ);
            }
            return selector.get();
        } finally {
            lock.unlock();
        }
    }

    private void forgetSelector() {
        lock.lock();
        try {
            selector.ifPresent(TcpLink::closeQuietly);
            selector = Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    private Optional<Watch.Watched> watched() {
        lock.lock();
        try {
            return watched;
        } finally {
            lock.unlock();
        }
    }

    // ---- Opening and closing

    private void connect(InetAddress address, int millis) throws IOException {
        if (millis <= 0) {
            throw new SocketTimeoutException("no time left to connect to " + address); // 0 would mean: for ever
        }
        SocketChannel next = next();
        try {
            next.setOption(StandardSocketOptions.TCP_NODELAY, true);
            next.socket().connect(new InetSocketAddress(address, port), millis);
            next.configureBlocking(false);
            watch(next);
        } catch (IOException e) {
            closeQuietly(next);
            throw e;
        }
        channel = next;
    }

    /** A socket that {@link #close} will find. */
    private SocketChannel next() throws IOException {
        lock.lock();
        try {
            requireOpen();
            SocketChannel next = SocketChannel.open();
            tried = Optional.of(next);
            return next;
        } finally {
            lock.unlock();
        }
    }

    private void watch(SocketChannel connected) throws IOException {
        lock.lock();
        try {
            requireOpen();
            watched = Optional.of(Watch.OF_ALL.enter(connected));
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw closed();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private static SocketException closed() {
        return new SocketException("closed");
    }

    private static void closeQuietly(Closeable open) {
        try {
            open.close();
        } catch (IOException ignored) {
            // It is closed all the same, and nobody could do anything about it.
        }
    }
}

package io.mqttx.client.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A TCP connection. Small packets leave at once (no Nagle). There is no read timeout, because one would switch the
 * socket to polling for good.
 */
public final class TcpLink implements Link {
    private final String host;
    private final int port;
    private final long timeoutNanos;

    private final ReentrantLock lock = new ReentrantLock(); // held for moments only
    private Socket socket = new Socket(); // the one that is tried, in the end the one that connected
    private boolean closed;

    // Known once open:
    private InputStream in = InputStream.nullInputStream();
    private OutputStream out = OutputStream.nullOutputStream();

    /**
     * A link that is not open yet.
     *
     * @param host         name or address
     * @param port         1 to 65,535
     * @param timeoutNanos nanoseconds that may pass until one of the host's addresses has answered, over 0
     */
    public TcpLink(String host, int port, long timeoutNanos) {
        this.host = Objects.requireNonNull(host, "host");
        this.port = port;
        this.timeoutNanos = timeoutNanos;
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
        return in.read(into);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    @Override
    public void finish() throws IOException {
        current().shutdownOutput();
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            closeQuietly(socket);
        } finally {
            lock.unlock();
        }
    }

    private void connect(InetAddress address, int millis) throws IOException {
        if (millis <= 0) {
            throw new SocketTimeoutException("no time left to connect to " + address); // 0 would mean: for ever
        }
        Socket tried = next();
        try {
            tried.setTcpNoDelay(true);
            tried.connect(new InetSocketAddress(address, port), millis);
            in = tried.getInputStream();
            out = tried.getOutputStream();
        } catch (IOException e) {
            closeQuietly(tried);
            throw e;
        }
    }

    /** A socket that {@link #close} will find. */
    private Socket next() throws IOException {
        lock.lock();
        try {
            if (closed) {
                throw new SocketException("closed");
            }
            socket = new Socket();
            return socket;
        } finally {
            lock.unlock();
        }
    }

    private Socket current() {
        lock.lock();
        try {
            return socket;
        } finally {
            lock.unlock();
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

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException ignored) {
            // It is closed all the same, and nobody could do anything about it.
        }
    }
}

package io.mqttx.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A wire to a server that the test can hold, cut and mend. */
final class CuttingRelay implements AutoCloseable {
    private final ServerSocket listener;
    private final int target;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong sent = new AtomicLong();
    private volatile boolean held;
    private volatile boolean down;

    CuttingRelay(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        RelayingProxy.start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Bytes that clients have sent so far. */
    long sent() {
        return sent.get();
    }

    /** What servers send from now on gets lost; what clients send arrives. */
    void loseAnswers() {
        held = true;
    }

    /** Breaks all connections, with resets; there is no other one until {@link #mend}. */
    void cut() throws IOException {
        down = true;
        for (Socket socket : sockets) {
            reset(socket);
        }
        sockets.clear();
    }

    void mend() {
        held = false;
        down = false;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            if (down) {
                reset(client);
                continue;
            }
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(server);
            RelayingProxy.start(() -> pump(client, server, false));
            RelayingProxy.start(() -> pump(server, client, true));
        }
    }

    private void pump(Socket from, Socket to, boolean answers) throws IOException {
        byte[] bytes = new byte[1 << 16];
        InputStream in = from.getInputStream();
        try {
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                if (!answers) {
                    sent.addAndGet(length);
                }
                if (!answers || !held) {
                    to.getOutputStream().write(bytes, 0, length);
                }
            }
        } finally {
            from.close();
            to.close();
        }
    }

    private static void reset(Socket socket) throws IOException {
        try {
            socket.setSoLinger(true, 0);
        } catch (SocketException e) {
            return; // whoever pumps has closed it
        }
        socket.close();
    }
}

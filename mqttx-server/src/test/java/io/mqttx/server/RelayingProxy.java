package io.mqttx.server;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy that speaks HTTP or SOCKS 5, whichever it hears, wants a login, and remembers where it was sent. */
final class RelayingProxy implements AutoCloseable {
    static final String USER = "me";
    static final String PASSWORD = "pass";

    private static final String BASIC =
            Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8));

    private final ServerSocket listener;
    private final List<String> targets = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();

    RelayingProxy() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Where clients asked to be sent, each as {@code host:port}. */
    List<String> targets() {
        return targets;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        sockets.forEach(RelayingProxy::closeQuietly);
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = listener.accept();
            sockets.add(client);
            start(() -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        OutputStream out = client.getOutputStream();
        int first = in.read();
        String target = first == 5 ? socks(in, out) : http((char) first, in, out);
        if (target.isEmpty()) {
            client.close();
            return;
        }
        targets.add(target);
        int colon = target.lastIndexOf(':');
        Socket server = new Socket(target.substring(0, colon), Integer.parseInt(target.substring(colon + 1)));
        sockets.add(server);
        server.setTcpNoDelay(true);
        out.write(first == 5 ? new byte[] {5, 0, 0, 1, 0, 0, 0, 0, 0, 0} : latin1("HTTP/1.1 200 Go on\r\n\r\n"));
        start(() -> relay(in, server));
        relay(server.getInputStream(), client);
    }

    private static String http(char first, DataInputStream in, OutputStream out) throws IOException {
        StringBuilder head = new StringBuilder().append(first);
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        if (!head.toString().contains("\r\nProxy-Authorization: Basic " + BASIC + "\r\n")) {
            out.write(latin1("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"));
            return "";
        }
        return head.toString().split(" ", -1)[1];
    }

    private static String socks(DataInputStream in, OutputStream out) throws IOException {
        byte[] methods = in.readNBytes(in.readUnsignedByte());
        if (methods[methods.length - 1] != 2) {
            out.write(new byte[] {5, (byte) 0xFF});
            return "";
        }
        out.write(new byte[] {5, 2});
        in.readUnsignedByte();
        String login = text(in) + ":" + text(in);
        boolean welcome = login.equals(USER + ":" + PASSWORD);
        out.write(new byte[] {1, (byte) (welcome ? 0 : 1)});
        if (!welcome) {
            return "";
        }
        int type = in.readNBytes(4)[3];
        String host = type == 3
                ? text(in)
                : InetAddress.getByAddress(in.readNBytes(type == 1 ? 4 : 16)).getHostAddress();
        return host + ":" + in.readUnsignedShort();
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
    }

    private static void relay(InputStream from, Socket to) throws IOException {
        try (to) {
            from.transferTo(to.getOutputStream());
        }
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a thread of a wire does, until it breaks. */
    interface Work {
        void run() throws IOException;
    }

    static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        // One side has gone, or the test is over.
                    }
                },
                "proxy");
        thread.setDaemon(true);
        thread.start();
    }
}

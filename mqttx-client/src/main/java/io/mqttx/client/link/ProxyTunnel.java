package io.mqttx.client.link;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A way through a proxy: the link below leads to the proxy, and once this one is open its bytes go to the server and
 * back untouched. The proxy resolves the name of the server.
 */
public final class ProxyTunnel implements Link {
    /** Asks a proxy for the way. */
    interface Request {
        /** Asks, and returns when the way is open. */
        void send(Link proxy, Incoming answers) throws IOException;
    }

    private final Link below;
    private final Request request;
    private final Incoming in;

    private ProxyTunnel(Link below, Request request) {
        this.below = below;
        this.request = request;
        this.in = new Incoming(below, "proxy");
    }

    /**
     * Through an HTTP proxy, with CONNECT (RFC 9110 §9.3.6).
     *
     * @param user     for Basic authentication (RFC 7617), without colon; empty for none
     * @param password for it
     */
    public static ProxyTunnel http(Link below, String host, int port, String user, String password) {
        return new ProxyTunnel(below, new HttpConnect(host, port, user, password));
    }

    /**
     * Through a SOCKS proxy of version 5 (RFC 1928).
     *
     * @param user     to log in with (RFC 1929), up to 255 bytes; empty for none
     * @param password for it, 1 to 255 bytes
     */
    public static ProxyTunnel socks5(Link below, String host, int port, String user, String password) {
        return new ProxyTunnel(below, new Socks5(host, port, user, password));
    }

    @Override
    public void open() throws IOException {
        below.open();
        request.send(below, in);
    }

    @Override
    public int read(byte[] into) throws IOException {
        return in.readThrough(into);
    }

    @Override
    public boolean wakeUp() {
        return below.wakeUp();
    }

    @Override
    public void whenReadable(Runnable action) {
        below.whenReadable(action);
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        below.write(bytes);
    }

    @Override
    public void finish() throws IOException {
        below.finish();
    }

    @Override
    public void close() {
        below.close();
    }
}

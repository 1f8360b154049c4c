package io.mqttx.client;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a server is.
 *
 * @param host name or address, not empty
 * @param port 1 to 65,535
 */
public record ServerAddress(String host, int port) {
    private static final System.Logger LOG = System.getLogger(ServerAddress.class.getName());

    /** Checks both. */
    public ServerAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host is empty");
        }
        if (port < 1 || port > 0xFFFF) {
            throw new IllegalArgumentException("port is 1 to 65535, not " + port);
        }
    }

    /**
     * The servers that a server reference names (§4.11): {@code host}, {@code host:port} and {@code [address]:port}, one
     * or several with spaces between them. What is none of these is left out: a server wrote it.
     *
     * @param port where the reference names none
     */
    static List<ServerAddress> ofReference(String reference, int port) {
        List<ServerAddress> found = new ArrayList<>();
        for (String part : reference.strip().split(" +", -1)) {
            try {
                found.add(of(part, port));
            } catch (IllegalArgumentException e) {
                LOG.log(Level.DEBUG, "no server that one could connect to", e);
            }
        }
        return List.copyOf(found);
    }

    private static ServerAddress of(String text, int port) {
        int bracket = text.startsWith("[") ? text.indexOf(']') : -1;
        int colon = text.indexOf(':', Math.max(0, bracket));
        String host = bracket > 0 ? text.substring(1, bracket) : colon < 0 ? text : text.substring(0, colon);
        return new ServerAddress(host, colon < 0 ? port : Integer.parseInt(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
        return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
}

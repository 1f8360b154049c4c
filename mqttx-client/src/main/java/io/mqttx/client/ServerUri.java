package io.mqttx.client;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.OptionalInt;

/**
 * What the address of a server says, as a URI: {@code mqtt://host}, {@code mqtts://host:port},
 * {@code wss://host:port/path?query}.
 *
 * @param port      empty if it says none
 * @param tls       whether it is encrypted
 * @param webSocket whether it is in WebSocket frames
 * @param path      for WebSocket, query included; empty if it says none
 */
record ServerUri(String host, OptionalInt port, boolean tls, boolean webSocket, String path) {

    /**
     * Reads a URI. Its text is in no message: there may be a secret in it.
     *
     * @throws IllegalArgumentException with a sentence, if it is none of those above
     */
    static ServerUri parse(String text) {
        URI uri = uri(text);
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        boolean webSocket = scheme.equals("ws") || scheme.equals("wss");
        boolean tls = scheme.equals("mqtts") || scheme.equals("wss");
        require(webSocket || tls || scheme.equals("mqtt"), "begins with mqtt, mqtts, ws or wss");
        require(uri.getRawUserInfo() == null, "holds no user: say credentials(), because addresses end up in logs");
        require(uri.getHost() != null, "names a host");
        require(uri.getRawFragment() == null, "has no fragment");
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String path = uri.getRawPath() + query;
        require(webSocket || path.isEmpty() || path.equals("/"), "has a path with ws and wss alone");
        boolean queryAlone = uri.getRawPath().isEmpty() && !query.isEmpty();
        return new ServerUri(
                withoutBrackets(uri.getHost()),
                uri.getPort() < 0 ? OptionalInt.empty() : OptionalInt.of(uri.getPort()),
                tls,
                webSocket,
                queryAlone ? WebSocketOptions.PATH + query : path);
    }

    /** Checks what every address needs. */
    static void check(String host, int port) {
        if (host.isBlank() || !host.chars().allMatch(c -> c > ' ' && c != 0x7F)) {
            throw new IllegalArgumentException("host is empty, or holds blanks or control characters");
        }
        if (port < 1 || port > 0xFFFF) {
            throw new IllegalArgumentException("port is 1 to 65535, not " + port);
        }
    }

    private static URI uri(String text) {
        try {
            return new URI(text).parseServerAuthority();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("the address of the server is no URI: " + e.getReason());
        }
    }

    /** An IPv6 address stands in brackets in a URI, and nowhere else. */
    private static String withoutBrackets(String host) {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static void require(boolean right, String what) {
        if (!right) {
            throw new IllegalArgumentException("the address of a server " + what);
        }
    }
}

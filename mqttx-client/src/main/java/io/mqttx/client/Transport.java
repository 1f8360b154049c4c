package io.mqttx.client;

import java.util.Objects;
import java.util.Optional;

/**
 * How bytes get to the server: over TCP, and on it whatever is here. Every combination works.
 *
 * @param proxy     the proxy to go through. Default none
 * @param tls       encryption; it is checked against the server, also through a proxy. Default none
 * @param webSocket framing for servers, and paths through the network, that know HTTP alone (§6). Default none
 */
public record Transport(Optional<ProxyOptions> proxy, Optional<TlsOptions> tls, Optional<WebSocketOptions> webSocket) {
    /** Nothing but TCP. */
    public static final Transport TCP = new Transport(Optional.empty(), Optional.empty(), Optional.empty());

    /** Checks that all is there. */
    public Transport {
        Objects.requireNonNull(proxy, "proxy");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(webSocket, "webSocket");
    }

    /** The same through this proxy. */
    public Transport withProxy(ProxyOptions value) {
        return new Transport(Optional.of(value), tls, webSocket);
    }

    /** The same, encrypted. */
    public Transport withTls(TlsOptions value) {
        return new Transport(proxy, Optional.of(value), webSocket);
    }

    /** The same in WebSocket frames. */
    public Transport withWebSocket(WebSocketOptions value) {
        return new Transport(proxy, tls, Optional.of(value));
    }

    /** The port that servers usually have for it: 1883, with TLS 8883, with WebSocket 8083, with both 8084. */
    public int defaultPort() {
        if (webSocket.isPresent()) {
            return tls.isPresent() ? 8084 : 8083;
        }
        return tls.isPresent() ? 8883 : 1883;
    }
}

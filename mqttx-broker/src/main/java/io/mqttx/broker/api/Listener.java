package io.mqttx.broker.api;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * Where clients may come in, and in what their bytes are wrapped: TCP or a Unix domain socket, with TLS or without, as
 * MQTT or as MQTT in WebSocket frames.
 *
 * @param place          what is listened at
 * @param tls            TLS around everything, if wanted
 * @param webSocketPath  the path of MQTT over WebSocket (§6), beginning with a slash, if wanted
 * @param proxyProtocol  whether a proxy stands in front and tells with a PROXY protocol header, version 1 or 2, where each
 *                       client is; connections without it are closed. Let nobody but the proxy reach such a listener:
 *                       whoever does may claim any address. Default: false
 * @param connectionRate new connections taken; as many again are refused with {@code CONNECTION_RATE_EXCEEDED}, and who
 *                       comes beyond that is closed unheard, before TLS. Default: empty, as fast as they come
 * @param maxConnections connections at a time, those without CONNECT included; more are refused with
 *                       {@code QUOTA_EXCEEDED}, at least 1. Default 2,147,483,647: {@link BrokerOptions#maxConnections}
 *                       alone counts
 */
public record Listener(
        Place place,
        Optional<TlsOptions> tls,
        Optional<String> webSocketPath,
        boolean proxyProtocol,
        Optional<Rate> connectionRate,
        int maxConnections) {
    /** Checks the path and the range. */
    public Listener {
        Objects.requireNonNull(place, "place");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(connectionRate, "connectionRate");
        if (maxConnections < 1) {
            throw new IllegalArgumentException("maxConnections is at least 1, not " + maxConnections);
        }
        webSocketPath.ifPresent(path -> {
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("webSocketPath begins with /, unlike " + path);
            }
        });
    }

    /** What is listened at. */
    public sealed interface Place {}

    /**
     * A TCP port.
     *
     * @param host the address to listen at, as a name or number
     * @param port 0 to 65535; 0 picks a free one
     */
    public record Tcp(String host, int port) implements Place {
        /** Checks the range. */
        public Tcp {
            Objects.requireNonNull(host, "host");
            if (port < 0 || port > 0xFFFF) {
                throw new IllegalArgumentException("port is 0 to 65535, not " + port);
            }
        }

        @Override
        public String toString() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * A Unix domain socket. A socket that an earlier broker left behind is replaced; any other file is not.
     *
     * @param path the file, about 100 characters at most
     */
    public record Unix(Path path) implements Place {
        /** Checks that there is a path. */
        public Unix {
            Objects.requireNonNull(path, "path");
        }

        @Override
        public String toString() {
            return path.toString();
        }
    }

    /** MQTT over TCP. */
    public static Listener tcp(String host, int port) {
        return at(new Tcp(host, port));
    }

    /** MQTT over a Unix domain socket. */
    public static Listener unix(Path path) {
        return at(new Unix(path));
    }

    private static Listener at(Place place) {
        return new Listener(place, Optional.empty(), Optional.empty(), false, Optional.empty(), Integer.MAX_VALUE);
    }

    /** The same inside of TLS. */
    public Listener withTls(TlsOptions options) {
        return new Listener(place, Optional.of(options), webSocketPath, proxyProtocol, connectionRate, maxConnections);
    }

    /** The same inside of WebSocket frames, at this path. */
    public Listener withWebSocket(String path) {
        return new Listener(place, tls, Optional.of(path), proxyProtocol, connectionRate, maxConnections);
    }

    /** The same behind a proxy that speaks the PROXY protocol. */
    public Listener withProxyProtocol() {
        return new Listener(place, tls, webSocketPath, true, connectionRate, maxConnections);
    }

    /** The same with a limit for new connections. */
    public Listener withConnectionRate(Rate rate) {
        return new Listener(place, tls, webSocketPath, proxyProtocol, Optional.of(rate), maxConnections);
    }

    /** The same with a limit for connections. */
    public Listener withMaxConnections(int connections) {
        return new Listener(place, tls, webSocketPath, proxyProtocol, connectionRate, connections);
    }

    /** What it is in a word: TCP, TLS, WebSocket, secure WebSocket or Unix socket. */
    public String kind() {
        if (webSocketPath.isPresent()) {
            return tls.isPresent() ? "secure WebSocket" : "WebSocket";
        }
        if (tls.isPresent()) {
            return "TLS";
        }
        return place instanceof Tcp ? "TCP" : "Unix socket";
    }
}

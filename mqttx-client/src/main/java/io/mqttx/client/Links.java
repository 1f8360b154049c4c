package io.mqttx.client;

import io.mqttx.client.link.Link;
import io.mqttx.client.link.ProxyTunnel;
import io.mqttx.client.link.TcpLink;
import io.mqttx.client.link.TlsLink;
import io.mqttx.client.link.WebSocketLink;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Makes links as the options of a client say: layer on layer, a new link for each attempt and each server. What they
 * share, the TLS sessions to be resumed above all, lives here.
 */
final class Links {
    private static final Executor THREADS = work -> Threads.start("mqttx-link", work);
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final Transport transport;
    private final long timeoutNanos;
    private Optional<TlsContext> tls;
    private final SecureRandom random = new SecureRandom();

    private Links(Transport transport, long timeoutNanos) {
        this.transport = transport;
        this.timeoutNanos = timeoutNanos;
        this.tls = transport.tls().map(TlsContext::of);
    }

    /**
     * Reads the files that the options name.
     *
     * @throws IllegalArgumentException with a sentence that names the file, if one cannot be used
     */
    static Links of(ClientOptions options) {
        return new Links(options.transport(), options.connectTimeout().toNanos());
    }

    /** A link to this server that is not open yet. */
    Link to(ServerAddress server) {
        String host = server.host();
        int port = server.port();
        Link tcp = transport
                .proxy()
                .map(proxy -> through(proxy, host, port))
                .orElseGet(() -> new TcpLink(host, port, timeoutNanos, Threads::isVirtual));
        tls = tls.map(TlsContext::upToDate);
        Link secured = tls.<Link>map(
                        context -> new TlsLink(tcp, context.engine(host, port), context::checkFingerprint, THREADS))
                .orElse(tcp);
        return transport
                .webSocket()
                .map(options -> framed(secured, options, host, port))
                .orElse(secured);
    }

    private Link through(ProxyOptions proxy, String host, int port) {
        Link toProxy = new TcpLink(proxy.host(), proxy.port(), timeoutNanos, Threads::isVirtual);
        return proxy.kind() == ProxyOptions.Kind.HTTP
                ? ProxyTunnel.http(toProxy, host, port, proxy.user(), proxy.password())
                : ProxyTunnel.socks5(toProxy, host, port, proxy.user(), proxy.password());
    }

    private Link framed(Link below, WebSocketOptions options, String host, int port) {
        String name = host.contains(":") ? "[" + host + "]" : host;
        boolean usual = port == (tls.isPresent() ? HTTPS : HTTP); // signed requests are signed without it
        String authority = usual ? name : name + ":" + port;
        return new WebSocketLink(below, authority, options.path(), options.headers(), random, THREADS);
    }
}

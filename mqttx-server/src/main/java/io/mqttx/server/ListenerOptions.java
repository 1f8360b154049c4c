package io.mqttx.server;

import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.TlsOptions;
import io.mqttx.broker.api.TlsOptions.ClientAuth;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.cli.Option;

/** Where {@code mqttx broker} listens. */
final class ListenerOptions {
    private static final String USUAL_HOST = "127.0.0.1";
    private static final int USUAL_PORT = 1883;
    private static final String USUAL_PATH = "/mqtt";

    private static final Option HOST = Words.option(
            "host", "ADDRESS", "Where to listen; 0.0.0.0 for every address of this machine. Default: " + USUAL_HOST);
    private static final Option PORT =
            Words.option("port", "PORT", "The TCP port, 0 for a free one. Default: " + USUAL_PORT);
    private static final Option NO_TCP = Words.flag("no-tcp", "Do not listen without TLS or WebSocket");
    private static final Option TLS_PORT = Words.option("tls-port", "PORT", "Listen with TLS as well; usually 8883");
    private static final Option WS_PORT = Words.option("ws-port", "PORT", "Listen for WebSocket as well; usually 8083");
    private static final Option WSS_PORT =
            Words.option("wss-port", "PORT", "Listen for WebSocket with TLS as well; usually 8084");
    private static final Option WS_PATH =
            Words.option("ws-path", "PATH", "The path for WebSocket. Default: " + USUAL_PATH);
    private static final Option UNIX = Words.option("unix", "FILE", "Listen at a Unix domain socket as well");
    private static final Option CERT = Words.option("cert", "FILE", "For TLS: certificate chain, PEM");
    private static final Option KEY = Words.option("key", "FILE", "For TLS: private key, PEM (PKCS #8)");
    private static final Option CLIENT_CA = Words.option(
            "client-ca", "FILE", "For TLS: let in only clients with a certificate by one of these authorities, PEM");
    private static final Option PROXY_PROTOCOL = Words.flag(
            "proxy-protocol",
            "Every listener stands behind a proxy, which tells in a PROXY protocol header, version 1 or 2, where each"
                    + " client is; connections without it are closed");

    static final List<Option> ALL = List.of(
            HOST, PORT, NO_TCP, TLS_PORT, WS_PORT, WSS_PORT, WS_PATH, UNIX, CERT, KEY, CLIENT_CA, PROXY_PROTOCOL);

    private final Words words;

    ListenerOptions(Words words) {
        this.words = words;
    }

    String host() {
        return words.text(HOST).orElse(USUAL_HOST);
    }

    /**
     * The listeners that were asked for.
     *
     * @throws IllegalArgumentException with a sentence that says what does not fit
     */
    List<Listener> listeners() {
        List<Listener> listeners = new ArrayList<>();
        Optional<Listener> plain = tcp(PORT);
        if (!words.has(NO_TCP)) {
            listeners.add(plain.orElseGet(() -> Listener.tcp(host(), USUAL_PORT)));
        }
        tcp(TLS_PORT).ifPresent(secure -> listeners.add(secure.withTls(tls())));
        tcp(WS_PORT).ifPresent(web -> listeners.add(web.withWebSocket(path())));
        tcp(WSS_PORT).ifPresent(secure -> listeners.add(secure.withTls(tls()).withWebSocket(path())));
        words.value(UNIX, Path::of).ifPresent(path -> listeners.add(Listener.unix(path)));
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("--no-tcp leaves nothing to listen at");
        }
        return words.has(PROXY_PROTOCOL)
                ? listeners.stream().map(Listener::withProxyProtocol).toList()
                : listeners;
    }

    private Optional<Listener> tcp(Option port) {
        return words.value(port, text -> Listener.tcp(host(), Quantities.integer(text)));
    }

    private String path() {
        return words.text(WS_PATH).orElse(USUAL_PATH);
    }

    private TlsOptions tls() {
        Optional<Path> certificates = words.value(CERT, Path::of);
        Optional<Path> privateKey = words.value(KEY, Path::of);
        if (certificates.isEmpty() || privateKey.isEmpty()) {
            throw new IllegalArgumentException("--tls-port and --wss-port need --cert and --key");
        }
        TlsOptions options = TlsOptions.of(certificates.get(), privateKey.get());
        return words.value(CLIENT_CA, Path::of)
                .map(authorities -> options.withClientCertificates(ClientAuth.REQUIRED, authorities))
                .orElse(options);
    }
}

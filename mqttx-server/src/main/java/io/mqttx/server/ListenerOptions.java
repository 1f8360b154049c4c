package io.mqttx.server;

import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.TlsOptions;
import io.mqttx.broker.api.TlsOptions.ClientAuth;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where {@code mqttx broker} listens. */
final class ListenerOptions {
    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "ADDRESS",
            description = "Where to listen; 0.0.0.0 for every address of this machine. Default: ${DEFAULT-VALUE}")
    private String host;

    @Option(
            names = "--port",
            defaultValue = "1883",
            paramLabel = "PORT",
            description = "The TCP port, 0 for a free one. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(names = "--no-tcp", description = "Do not listen without TLS or WebSocket")
    private boolean noTcp;

    @Option(names = "--tls-port", paramLabel = "PORT", description = "Listen with TLS as well; usually 8883")
    private Optional<Integer> tlsPort;

    @Option(names = "--ws-port", paramLabel = "PORT", description = "Listen for WebSocket as well; usually 8083")
    private Optional<Integer> wsPort;

    @Option(
            names = "--wss-port",
            paramLabel = "PORT",
            description = "Listen for WebSocket with TLS as well; usually 8084")
    private Optional<Integer> wssPort;

    @Option(
            names = "--ws-path",
            defaultValue = "/mqtt",
            paramLabel = "PATH",
            description = "The path for WebSocket. Default: ${DEFAULT-VALUE}")
    private String wsPath;

    @Option(names = "--unix", paramLabel = "FILE", description = "Listen at a Unix domain socket as well")
    private Optional<Path> unix;

    @Option(names = "--cert", paramLabel = "FILE", description = "For TLS: certificate chain, PEM")
    private Optional<Path> certificates;

    @Option(names = "--key", paramLabel = "FILE", description = "For TLS: private key, PEM (PKCS #8)")
    private Optional<Path> privateKey;

    @Option(
            names = "--client-ca",
            paramLabel = "FILE",
            description = "For TLS: let in only clients with a certificate by one of these authorities, PEM")
    private Optional<Path> clientCa;

    @Option(
            names = "--proxy-protocol",
            description =
                    "Every listener stands behind a proxy, which tells in a PROXY protocol header, version 1 or 2,"
                            + " where each client is; connections without it are closed")
    private boolean proxyProtocol;

    ListenerOptions() {}

    String host() {
        return host;
    }

    /**
     * The listeners that were asked for.
     *
     * @throws IllegalArgumentException with a sentence that says what does not fit
     */
    List<Listener> listeners() {
        List<Listener> listeners = new ArrayList<>();
        if (!noTcp) {
            listeners.add(Listener.tcp(host, port));
        }
        tlsPort.ifPresent(secure -> listeners.add(Listener.tcp(host, secure).withTls(tls())));
        wsPort.ifPresent(plain -> listeners.add(Listener.tcp(host, plain).withWebSocket(wsPath)));
        wssPort.ifPresent(secure ->
                listeners.add(Listener.tcp(host, secure).withTls(tls()).withWebSocket(wsPath)));
        unix.ifPresent(path -> listeners.add(Listener.unix(path)));
        if (listeners.isEmpty()) {
            throw new IllegalArgumentException("--no-tcp leaves nothing to listen at");
        }
        return proxyProtocol
                ? listeners.stream().map(Listener::withProxyProtocol).toList()
                : listeners;
    }

    private TlsOptions tls() {
        if (certificates.isEmpty() || privateKey.isEmpty()) {
            throw new IllegalArgumentException("--tls-port and --wss-port need --cert and --key");
        }
        TlsOptions options = TlsOptions.of(certificates.get(), privateKey.get());
        return clientCa.map(authorities -> options.withClientCertificates(ClientAuth.REQUIRED, authorities))
                .orElse(options);
    }
}

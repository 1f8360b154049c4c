package io.mqttx.client.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** CONNECT of HTTP/1.1 (RFC 9110 §9.3.6). */
final class HttpConnect implements ProxyTunnel.Request {
    private static final int PROXY_AUTHENTICATION_REQUIRED = 407;

    private final String authority;
    private final String user; // empty if there is none
    private final String password;

    HttpConnect(String host, int port, String user, String password) {
        this.authority = (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
        this.user = user;
        this.password = password;
    }

    @Override
    public void send(Link proxy, Incoming answers) throws IOException {
        proxy.write(ByteBuffer.wrap(request().getBytes(StandardCharsets.ISO_8859_1)));
        HttpHead answer = HttpHead.read(answers);
        if (answer.status() == PROXY_AUTHENTICATION_REQUIRED) {
            throw new LinkException(
                    user.isEmpty()
                            ? "the proxy wants credentials: " + answer.answer()
                            : "the proxy does not take these credentials: " + answer.answer());
        }
        if (answer.status() / 100 != 2) {
            throw new LinkException("the proxy does not open the way to " + authority + ": " + answer.answer());
        }
    }

    private String request() {
        String credentials =
                Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n"
                + (user.isEmpty() ? "" : "Proxy-Authorization: Basic " + credentials + "\r\n")
                + "\r\n";
    }
}

package io.mqttx.client.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Asks an HTTP server to speak WebSocket from now on (RFC 6455 §4.1). */
final class WebSocketHandshake {
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 §1.3
    private static final String SUBPROTOCOL = "mqtt"; // [MQTT-6.0.0-3]
    private static final int SWITCHING_PROTOCOLS = 101;

    private final String authority;
    private final String path;
    private final Map<String, String> headers;
    private final Random random;

    WebSocketHandshake(String authority, String path, Map<String, String> headers, Random random) {
        this.authority = authority;
        this.path = path;
        this.headers = headers;
        this.random = random;
    }

    void shake(Link server, Incoming answers) throws IOException {
        byte[] nonce = new byte[16];
        random.nextBytes(nonce);
        String key = Base64.getEncoder().encodeToString(nonce);
        server.write(ByteBuffer.wrap(request(key).getBytes(StandardCharsets.ISO_8859_1)));
        check(HttpHead.read(answers), key);
    }

    private String request(String key) {
        StringBuilder request = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + authority
                + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                + key + "\r\nSec-WebSocket-Protocol: " + SUBPROTOCOL + "\r\n");
        headers.forEach(
                (name, value) -> request.append(name).append(": ").append(value).append("\r\n"));
        return request.append("\r\n").toString();
    }

    private static void check(HttpHead answer, String key) throws LinkException {
        if (answer.status() != SWITCHING_PROTOCOLS) {
            throw new LinkException("the server does not open a WebSocket: " + answer.answer());
        }
        boolean upgraded = answer.field("upgrade").equalsIgnoreCase("websocket")
                && List.of(answer.field("connection").split("[ \\t]*,[ \\t]*")).stream()
                        .anyMatch("upgrade"::equalsIgnoreCase);
        require(upgraded, "it does not confirm the upgrade");
        require(answer.field("sec-websocket-accept").equals(accept(key)), "its accept key is not the answer to ours");
        require(
                answer.field("sec-websocket-protocol").equals(SUBPROTOCOL),
                "it does not pick the subprotocol mqtt [MQTT-6.0.0-4]");
        require(answer.field("sec-websocket-extensions").isEmpty(), "it uses an extension that nobody asked for");
    }

    private static String accept(String key) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }

    private static void require(boolean right, String wrong) throws LinkException {
        if (!right) {
            throw new LinkException("the server breaks the WebSocket handshake: " + wrong);
        }
    }
}

package io.mqttx.client;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * MQTT in WebSocket frames (§6), as RFC 6455 has them. The subprotocol is {@code mqtt}; there are no extensions.
 *
 * @param path    where the server has it, beginning with a slash; a query may follow. Default {@code /mqtt}
 * @param headers further fields of the HTTP request, such as {@code Authorization}; their values and the query are
 *                never shown in text. Default none
 */
public record WebSocketOptions(String path, Map<String, String> headers) {
    /** The usual path. */
    static final String PATH = "/mqtt";

    private static final Pattern PATHS = Pattern.compile("/[!-\"$-~]*"); // no blanks, no fragment
    private static final Pattern NAMES = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+"); // RFC 9110 §5.1
    private static final Pattern VALUES = Pattern.compile("[\\t -~\\xA0-\\xFF]*");
    private static final Set<String> OURS =
            Set.of("host", "connection", "upgrade", "content-length", "transfer-encoding");

    /** Checks path and headers; those that the handshake itself needs are not for others to set. */
    public WebSocketOptions {
        if (!PATHS.matcher(path).matches()) {
            throw new IllegalArgumentException("path begins with a slash and holds no blanks");
        }
        headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        headers.forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!NAMES.matcher(name).matches() || OURS.contains(lower) || lower.startsWith("sec-websocket-")) {
                throw new IllegalArgumentException("not the name of a header of yours: " + name);
            }
            if (!VALUES.matcher(value).matches()) {
                throw new IllegalArgumentException("the header " + name + " holds what no header may");
            }
        });
    }

    /** The defaults above. */
    public static WebSocketOptions defaults() {
        return new WebSocketOptions(PATH, Map.of());
    }

    /** The same with this path. */
    public WebSocketOptions withPath(String newPath) {
        return new WebSocketOptions(newPath, headers);
    }

    /** The same with one more header, or another value for it. */
    public WebSocketOptions withHeader(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new WebSocketOptions(path, more);
    }

    /** Shows no secrets. */
    @Override
    public String toString() {
        int query = path.indexOf('?');
        return "WebSocket at " + (query < 0 ? path : path.substring(0, query) + "?...")
                + (headers.isEmpty() ? "" : ", with headers " + headers.keySet());
    }
}

package io.mqttx.client;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A proxy between client and server. It is given the name of the server, and resolves it.
 *
 * @param kind     what the proxy speaks
 * @param host     name or address of the proxy
 * @param port     its port, 1 to 65,535
 * @param user     to log in with, at most 255 bytes of UTF-8, and for HTTP without colon. Default empty: no login
 * @param password for it, at most 255 bytes, and for SOCKS at least 1; never shown in text. Default empty
 */
public record ProxyOptions(Kind kind, String host, int port, String user, String password) {
    private static final int LONGEST = 255; // bytes (RFC 1929 §2)

    /** What a proxy speaks. */
    public enum Kind {
        /** CONNECT of HTTP (RFC 9110 §9.3.6), with Basic authentication (RFC 7617). */
        HTTP,
        /** SOCKS version 5 (RFC 1928), with user name and password (RFC 1929). */
        SOCKS5
    }

    /** Checks the ranges above. */
    public ProxyOptions {
        Objects.requireNonNull(kind, "kind");
        ServerUri.check(host, port);
        requireLogin(user, "user");
        requireLogin(password, "password");
        if (kind == Kind.HTTP && user.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a proxy user for HTTP has no colon in its name (RFC 7617 §2)");
        }
        if (kind == Kind.SOCKS5 && user.isEmpty() != password.isEmpty()) {
            throw new IllegalArgumentException("a login for SOCKS is a user and a password (RFC 1929 §2)");
        }
    }

    /** An HTTP proxy that wants no login. */
    public static ProxyOptions http(String host, int port) {
        return new ProxyOptions(Kind.HTTP, host, port, "", "");
    }

    /** A SOCKS proxy that wants no login. */
    public static ProxyOptions socks5(String host, int port) {
        return new ProxyOptions(Kind.SOCKS5, host, port, "", "");
    }

    /** The same with this login. */
    public ProxyOptions withLogin(String newUser, String newPassword) {
        return new ProxyOptions(kind, host, port, newUser, newPassword);
    }

    /** Shows no secrets. */
    @Override
    public String toString() {
        return kind + " proxy " + host + ":" + port + (user.isEmpty() ? "" : ", with login");
    }

    private static void requireLogin(String value, String what) {
        boolean isText = value.chars().noneMatch(c -> c < ' ' || c == 0x7F);
        if (!isText || value.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
            throw new IllegalArgumentException("a proxy " + what + " is at most 255 bytes, without control characters");
        }
    }
}

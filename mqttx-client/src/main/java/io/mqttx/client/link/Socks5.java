package io.mqttx.client.link;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;

/** CONNECT of SOCKS version 5 (RFC 1928), with or without user name and password (RFC 1929). */
final class Socks5 implements ProxyTunnel.Request {
    private static final int VERSION = 5;
    private static final int LOGIN_VERSION = 1;
    private static final int NO_LOGIN = 0;
    private static final int LOGIN = 2;
    private static final int NO_METHOD = 0xFF;
    private static final int CONNECT = 1;
    private static final int IPV4 = 1;
    private static final int NAME = 3;
    private static final int IPV6 = 4;
    private static final Pattern DOTTED = Pattern.compile("\\d+\\.\\d+\\.\\d+\\.\\d+");

    // RFC 1928 §6, from 1 on
    private static final List<String> REFUSALS = List.of(
            "general failure",
            "not allowed by its rules",
            "network unreachable",
            "host unreachable",
            "connection refused",
            "TTL expired",
            "command not supported",
            "address type not supported");

    private final String host;
    private final int port;
    private final String user; // empty if there is none
    private final String password;

    Socks5(String host, int port, String user, String password) {
        this.host = host;
        this.port = port;
        this.user = user;
        this.password = password;
    }

    @Override
    public void send(Link proxy, Incoming answers) throws IOException {
        proxy.write(ByteBuffer.wrap(
                user.isEmpty() ? new byte[] {VERSION, 1, NO_LOGIN} : new byte[] {VERSION, 2, NO_LOGIN, LOGIN}));
        requireVersion(VERSION, answers.next());
        int method = answers.next();
        if (method == NO_METHOD) {
            throw new LinkException("the proxy wants " + (user.isEmpty() ? "credentials" : "another kind of login"));
        }
        if (method == LOGIN && !user.isEmpty()) {
            logIn(proxy, answers);
        } else if (method != NO_LOGIN) {
            throw new LinkException("the proxy picked login method " + method + ", which was not offered");
        }
        connect(proxy, answers);
    }

    private void logIn(Link proxy, Incoming answers) throws IOException {
        byte[] name = user.getBytes(StandardCharsets.UTF_8);
        byte[] word = password.getBytes(StandardCharsets.UTF_8);
        ByteBuffer login = ByteBuffer.allocate(3 + name.length + word.length);
        login.put((byte) LOGIN_VERSION).put((byte) name.length).put(name);
        proxy.write(login.put((byte) word.length).put(word).flip());
        requireVersion(LOGIN_VERSION, answers.next());
        if (answers.next() != 0) {
            throw new LinkException("the proxy does not take these credentials");
        }
    }

    private void connect(Link proxy, Incoming answers) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(7 + 255);
        request.put(new byte[] {VERSION, CONNECT, 0});
        putAddress(request);
        proxy.write(request.putShort((short) port).flip());
        requireVersion(VERSION, answers.next());
        int reply = answers.next();
        if (reply != 0) {
            String why = reply <= REFUSALS.size() ? REFUSALS.get(reply - 1) : "code " + reply;
            throw new LinkException("the proxy does not open the way to " + host + ":" + port + ": " + why);
        }
        answers.next(1); // reserved
        int type = answers.next();
        int length = switch (type) {
            case IPV4 -> 4;
            case IPV6 -> 16;
            case NAME -> answers.next();
            default -> throw new LinkException("the proxy answers with address type " + type);
        };
        answers.next(length + 2); // where it is bound: nobody needs it
    }

    private void putAddress(ByteBuffer request) throws IOException {
        if (host.contains(":") || DOTTED.matcher(host).matches()) { // looks nothing up: it is an address
            byte[] address = InetAddress.getByName(host).getAddress();
            request.put((byte) (address.length == 4 ? IPV4 : IPV6)).put(address);
        } else {
            byte[] name = host.getBytes(StandardCharsets.UTF_8);
            if (name.length > 255) {
                throw new LinkException("the name of the server is too long for a SOCKS proxy");
            }
            request.put((byte) NAME).put((byte) name.length).put(name);
        }
    }

    private static void requireVersion(int wanted, int answered) throws LinkException {
        if (answered != wanted) {
            throw new LinkException("the proxy does not speak SOCKS 5: it answers with version " + answered);
        }
    }
}

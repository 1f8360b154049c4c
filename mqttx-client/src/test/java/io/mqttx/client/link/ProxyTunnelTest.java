package io.mqttx.client.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProxyTunnelTest {
    private PipeLink wire;
    private PipeLink proxy;

    private void wire(int fragment) {
        PipeLink[] ends = PipeLink.pair(fragment, PipeLink.ROOMY);
        wire = ends[0];
        proxy = ends[1];
    }

    private Link http(String user, String password) {
        return ProxyTunnel.http(wire, "broker.example", 8883, user, password);
    }

    private Link socks(String host, String user, String password) {
        return ProxyTunnel.socks5(wire, host, 1883, user, password);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 1000})
    void bytesGoThroughAnHttpProxyFromTheEndOfItsHeadOn(int fragment) throws Exception {
        wire(fragment);
        Link tunnel = http("", "");

        CompletableFuture<Void> opened = Background.start(tunnel::open);
        assertEquals("CONNECT broker.example:8883 HTTP/1.1\r\nHost: broker.example:8883\r\n\r\n", proxy.readHead());
        proxy.writeText("HTTP/1.1 200 Connection established\r\nVia: me\r\n\r\nfirst");
        Background.await(opened);

        proxy.writeText(" last");
        proxy.finish();
        assertEquals("first last", readAll(tunnel));
        tunnel.write(ByteBuffer.wrap(new byte[] {1, 2}));
        assertArrayEquals(new byte[] {1, 2}, proxy.read(2));
    }

    @Test
    void anHttpProxyIsToldWhoAsks() throws Exception {
        wire(1000);
        CompletableFuture<Void> opened = Background.start(http("Aladdin", "open sesame")::open);

        assertTrue(proxy.readHead().contains("\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"));
        proxy.writeText("HTTP/1.0 200\r\n\r\n");
        Background.await(opened);
    }

    @Test
    void anIpv6AddressStandsInBracketsForHttp() throws Exception {
        wire(1000);
        CompletableFuture<Void> opened = Background.start(ProxyTunnel.http(wire, "::1", 1883, "", "")::open);

        assertTrue(proxy.readHead().startsWith("CONNECT [::1]:1883 HTTP/1.1\r\n"));
        proxy.writeText("HTTP/1.1 200 \r\n\r\n");
        Background.await(opened);
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 407 Who are you?, the proxy wants credentials: 407 Who are you?",
        "HTTP/1.1 403 Forbidden, the proxy does not open the way to broker.example:8883: 403 Forbidden",
        "HTTP/1.1 301 \u001b[31mElsewhere, the proxy does not open the way to broker.example:8883: 301 ?[31mElsewhere",
        "HTTP/1.1 20 OK, the proxy does not speak HTTP: it sends HTTP/1.1 20 OK",
        "SSH-2.0, the proxy does not speak HTTP: it sends S",
    })
    void whatIsNoWayIsSaid(String statusLine, String sentence) throws Exception {
        assertEquals(sentence, failure(statusLine + "\r\nServer: rude\r\n\r\n"));
    }

    @Test
    void wrongCredentialsAreNotShown() throws Exception {
        wire(1000);
        CompletableFuture<Void> opened = Background.start(http("me", "secret")::open);
        proxy.writeText("HTTP/1.1 407 No\r\n\r\n");

        LinkException failed = assertThrows(LinkException.class, () -> Background.await(opened));
        assertEquals("the proxy does not take these credentials: 407 No", failed.getMessage());
    }

    @Test
    void aHeadWithoutEndEnds() throws Exception {
        String head = "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(4000);
        assertEquals("the head of the answer of the proxy has over 16384 bytes", failure(head));
        String line = "HTTP/1.1 200 OK\r\nX: " + "y".repeat(20_000);
        assertEquals("the head of the answer of the proxy has over 16384 bytes", failure(line));
    }

    @Test
    void aBrokenHeaderIsRefused() throws Exception {
        assertEquals("the proxy sends a broken header: no colon", failure("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"));
    }

    @Test
    void aProxyThatHangsUpInTheMiddleIsAnError() throws Exception {
        wire(1000);
        CompletableFuture<Void> opened = Background.start(http("", "")::open);
        proxy.writeText("HTTP/1.1 200 OK\r\n");
        proxy.finish();

        LinkException failed = assertThrows(LinkException.class, () -> Background.await(opened));
        assertEquals("the proxy closed the connection in the middle of an answer", failed.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        "broker.example, 030e62726f6b65722e6578616d706c65",
        "10.0.0.1, 010a000001",
        "::1, 0400000000000000000000000000000001",
    })
    void aSocksProxyResolvesTheName(String host, String address) throws Exception {
        wire(1);
        Link tunnel = socks(host, "", "");

        CompletableFuture<Void> opened = Background.start(tunnel::open);
        assertEquals("050100", proxy.readHex(3));
        proxy.writeHex("0500");
        assertEquals("050100" + address + "075b", proxy.readHex(5 + address.length() / 2));
        proxy.writeHex("05000003 03 616263 0000");
        Background.await(opened);

        proxy.writeText("hello");
        proxy.finish();
        assertEquals("hello", readAll(tunnel));
    }

    @Test
    void aSocksProxyMayWantALogin() throws Exception {
        wire(1000);
        CompletableFuture<Void> opened = Background.start(socks("a.b", "me", "pass")::open);

        assertEquals("05020002", proxy.readHex(4));
        proxy.writeHex("0502");
        assertEquals("01026d650470617373", proxy.readHex(9));
        proxy.writeHex("0100");
        assertEquals("0501000303612e62075b", proxy.readHex(10));
        proxy.writeHex("05000001 00000000 0000");
        Background.await(opened);
    }

    @ParameterizedTest
    @CsvSource({
        "05FF, the proxy wants credentials",
        "0502, 'the proxy picked login method 2, which was not offered'",
        "0501, 'the proxy picked login method 1, which was not offered'",
        "0400, the proxy does not speak SOCKS 5: it answers with version 4",
        "48545450, the proxy does not speak SOCKS 5: it answers with version 72",
        "0500 04, the proxy does not speak SOCKS 5: it answers with version 4",
        "0500 0502, the proxy does not open the way to a.b:1883: not allowed by its rules",
        "0500 0505, the proxy does not open the way to a.b:1883: connection refused",
        "0500 05FE, the proxy does not open the way to a.b:1883: code 254",
        "0500 05000007, the proxy answers with address type 7",
        "0500 0500, the proxy closed the connection in the middle of an answer",
    })
    void whatASocksProxyRefusesIsSaid(String answers, String sentence) throws Exception {
        assertEquals(sentence, socksFailure("", "", answers));
    }

    @Test
    void aSocksLoginThatIsRefusedIsAnError() throws Exception {
        assertEquals("the proxy does not take these credentials", socksFailure("me", "secret", "0502 0101"));
        assertEquals("the proxy wants another kind of login", socksFailure("me", "secret", "05ff"));
    }

    private String socksFailure(String user, String password, String answers) throws Exception {
        wire(1);
        CompletableFuture<Void> opened = Background.start(socks("a.b", user, password)::open);
        proxy.writeHex(answers.toLowerCase(Locale.ROOT));
        proxy.finish();
        return assertThrows(LinkException.class, () -> Background.await(opened)).getMessage();
    }

    private String failure(String answer) throws Exception {
        wire(1000);
        CompletableFuture<Void> opened = Background.start(http("", "")::open);
        proxy.writeText(answer);
        return assertThrows(LinkException.class, () -> Background.await(opened)).getMessage();
    }

    private static String readAll(Link link) throws Exception {
        StringBuilder all = new StringBuilder();
        byte[] some = new byte[3];
        for (int length = link.read(some); length >= 0; length = link.read(some)) {
            for (int i = 0; i < length; i++) {
                all.append((char) some[i]);
            }
        }
        return all.toString();
    }
}

package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TransportTest {
    @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
    private enum Wrong {
        PROXY_PORT(() -> ProxyOptions.http("a", 0)),
        PROXY_HOST(() -> ProxyOptions.socks5("a\r\nb", 1)),
        USER_WITH_COLON(() -> ProxyOptions.http("a", 1).withLogin("a:b", "")),
        USER_WITH_LINE(() -> ProxyOptions.http("a", 1).withLogin("a\n", "")),
        LONG_PASSWORD(() -> ProxyOptions.socks5("a", 1).withLogin("a", "x".repeat(256))),
        SOCKS_WITHOUT_PASSWORD(() -> ProxyOptions.socks5("a", 1).withLogin("a", "")),
        PATH_WITHOUT_SLASH(() -> WebSocketOptions.defaults().withPath("mqtt")),
        PATH_WITH_BLANK(() -> WebSocketOptions.defaults().withPath("/mqtt HTTP/1.1")),
        PATH_WITH_LINE(() -> WebSocketOptions.defaults().withPath("/mqtt\r\nX: y")),
        HEADER_NAME(() -> WebSocketOptions.defaults().withHeader("a b", "c")),
        HEADER_OF_OURS(() -> WebSocketOptions.defaults().withHeader("Sec-WebSocket-Protocol", "x")),
        HEADER_HOST(() -> WebSocketOptions.defaults().withHeader("HOST", "x")),
        HEADER_WITH_LINE(() -> WebSocketOptions.defaults().withHeader("a", "b\r\nc: d")),
        FINGERPRINT(() -> TlsOptions.defaults().withFingerprint("00")),
        NO_PROTOCOL(() -> TlsOptions.defaults().withProtocol("")),
        TRUST_OF_NOBODY(
                () -> TlsOptions.defaults().withAuthorities(Path.of("a")).withoutVerification()),
        BLANKS_IN_HOST(() -> ClientOptions.of("a b", 1)),
        TLS_LOST(() -> ClientOptions.builder().tls(TlsOptions.defaults()).server("mqtt://a"));

        final Supplier<?> make;

        Wrong(Supplier<?> make) {
            this.make = make;
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrongIsRefused(Wrong wrong) {
        assertThrows(IllegalArgumentException.class, wrong.make::get);
    }

    @ParameterizedTest
    @CsvSource({
        "mqtt://a, a, 1883, false, ''",
        "mqtt://a/, a, 1883, false, ''",
        "MQTT://a.b:1884, a.b, 1884, false, ''",
        "mqtts://a, a, 8883, true, ''",
        "mqtts://[::1]:8884, ::1, 8884, true, ''",
        "ws://a, a, 8083, false, /mqtt",
        "ws://a/, a, 8083, false, /",
        "wss://a, a, 8084, true, /mqtt",
        "wss://a:443/x/y?b=%20c, a, 443, true, /x/y?b=%20c",
        "wss://a?b=c, a, 8084, true, /mqtt?b=c",
    })
    void anAddressSaysWhereAndHow(String uri, String host, int port, boolean tls, String path) {
        ClientOptions options = ClientOptions.of(uri);

        assertEquals(host, options.host());
        assertEquals(port, options.port());
        assertEquals(tls, options.transport().tls().isPresent());
        assertEquals(
                path,
                options.transport().webSocket().map(WebSocketOptions::path).orElse(""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:1883",
                "http://a",
                "mqtt://",
                "mqtt:a",
                "mqtt://me:secret@a",
                "mqtt://a/secret",
                "mqtt://a?secret",
                "ws://a#secret",
                "mqtt://a:70000",
                "mqtt://a:0",
                "ws://a/sec ret",
                ""
            })
    void whatIsNoAddressIsRefusedAndNotShown(String uri) {
        IllegalArgumentException wrong = assertThrows(IllegalArgumentException.class, () -> ClientOptions.of(uri));

        assertFalse(wrong.getMessage().contains("secret"), wrong.getMessage());
        assertEquals(Optional.empty(), Optional.ofNullable(wrong.getCause()));
    }

    @Test
    void anAddressKeepsTheOptionsThatItDoesNotSay() {
        TlsOptions tls = TlsOptions.defaults().withProtocol("mqtt");
        WebSocketOptions webSocket = new WebSocketOptions("/own", java.util.Map.of("a", "b"));

        ClientOptions options = ClientOptions.builder()
                .tls(tls)
                .webSocket(webSocket)
                .proxy(ProxyOptions.http("p", 1))
                .server("wss://a")
                .build();

        assertEquals(
                new Transport(Optional.of(ProxyOptions.http("p", 1)), Optional.of(tls), Optional.of(webSocket)),
                options.transport());
    }

    @Test
    void secretsAreNotShown() {
        ClientOptions options = ClientOptions.builder()
                .proxy(ProxyOptions.http("p", 1).withLogin("me", "secret"))
                .tls(TlsOptions.defaults().withIdentity(new TlsOptions.Identity.Pkcs12(Path.of("a"), "secret")))
                .webSocket(WebSocketOptions.defaults()
                        .withPath("/mqtt?signature=secret")
                        .withHeader("Authorization", "secret"))
                .build();

        String shown = options.toString();

        assertFalse(shown.contains("secret"), shown);
        for (String part : List.of("HTTP proxy p:1, with login", "Pkcs12[a]", "/mqtt?...", "[Authorization]")) {
            assertTrue(shown.contains(part), shown);
        }
    }

    @Test
    void aTransportHasItsUsualPort() {
        TlsOptions tls = TlsOptions.defaults();
        WebSocketOptions webSocket = WebSocketOptions.defaults();

        assertEquals(8883, ClientOptions.builder().tls(tls).build().port());
        assertEquals(8083, ClientOptions.builder().webSocket(webSocket).build().port());
        assertEquals(
                8084,
                ClientOptions.builder().webSocket(webSocket).tls(tls).build().port());
        assertEquals(1, ClientOptions.builder().port(1).tls(tls).build().port());
    }
}

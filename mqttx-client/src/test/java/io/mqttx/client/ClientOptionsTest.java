package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Will;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClientOptionsTest {
    @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
    private enum Wrong {
        HOST(options -> options.host(" ")),
        PORT(options -> options.port(0)),
        KEEP_ALIVE_TOO_LONG(options -> options.keepAlive(Duration.ofSeconds(65_536))),
        KEEP_ALIVE_OF_HALF_A_SECOND(options -> options.keepAlive(Duration.ofMillis(500))),
        CONNECT_TIMEOUT(options -> options.connectTimeout(Duration.ZERO)),
        REQUEST_TIMEOUT(options -> options.requestTimeout(Duration.ofSeconds(-1))),
        MAX_INFLIGHT(options -> options.maxInflight(0)),
        MAX_PACKET_SIZE(options -> options.maxPacketSize(1023)),
        QUEUE_FOR_NO_CONNECTION(
                options -> options.reconnect(ReconnectOptions.never()).offlineQueue(OfflineQueue.of(1))),
        SESSION_STORED_WITHOUT_NAME(options -> options.sessionStore(SessionStore.inMemory())),
        ENHANCED_AUTHENTICATION_BEFORE_5(options ->
                options.version(ProtocolVersion.V3_1_1).authenticator(ClientAuthenticator.scramSha256("u", "p"))),
        SIZE_SAID_TWICE(options -> options.properties(Properties.of(Property.MAXIMUM_PACKET_SIZE, 10L))),
        PROPERTIES_BEFORE_5(options ->
                options.version(ProtocolVersion.V3_1_1).properties(Properties.of(Property.RECEIVE_MAXIMUM, 1))),
        NO_CLIENT_ID_IN_3_1(options -> options.version(ProtocolVersion.V3_1)),
        SESSION_OF_NOBODY(options -> options.version(ProtocolVersion.V3_1_1).cleanStart(false));

        final UnaryOperator<ClientOptions.Builder> change;

        Wrong(UnaryOperator<ClientOptions.Builder> change) {
            this.change = change;
        }
    }

    @Test
    void defaultsAreThoseOfTheDocumentation() {
        ClientOptions options = ClientOptions.defaults();

        assertEquals(
                new ClientOptions(
                        "localhost",
                        1883,
                        ProtocolVersion.V5,
                        "",
                        true,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        100,
                        1_048_576,
                        Credentials.NONE,
                        Will.NONE,
                        Properties.EMPTY,
                        Transport.TCP,
                        new ReconnectOptions(
                                true,
                                Duration.ofSeconds(1),
                                Duration.ofMinutes(1),
                                Duration.ofSeconds(30),
                                List.of(),
                                false,
                                false),
                        OfflineQueue.NONE,
                        SessionStore.NONE,
                        ClientAuthenticator.NONE,
                        false,
                        ClientEvents.NONE),
                options);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOutOfRangeIsRefused(Wrong wrong) {
        ClientOptions.Builder builder = wrong.change.apply(ClientOptions.builder());

        assertThrows(IllegalArgumentException.class, builder::build);
    }

    @Test
    void connectSaysTheMaximumPacketSizeInVersion5Alone() {
        Connect v5 = ClientOptions.builder().maxPacketSize(5000).build().connect();
        Connect v311 =
                ClientOptions.builder().version(ProtocolVersion.V3_1_1).build().connect();

        assertEquals(5000, v5.properties().number(Property.MAXIMUM_PACKET_SIZE, 0));
        assertTrue(v311.properties().isEmpty());
    }

    @Test
    void builderOfOptionsBuildsTheSame() {
        ClientOptions options = ClientOptions.builder()
                .clientId("a")
                .credentials(Credentials.of("user", ByteBuffer.wrap(new byte[] {1})))
                .build();

        assertEquals(options, options.toBuilder().build());
    }

    @Test
    void aPasswordIsNotShown() {
        ClientOptions options = ClientOptions.builder()
                .credentials(Credentials.of(
                        "root", ByteBuffer.wrap("secret".getBytes(java.nio.charset.StandardCharsets.UTF_8))))
                .build();

        assertTrue(!options.toString().contains("secret"), options::toString);
    }

    @Test
    void theErrorNamesTheOption() {
        ClientOptions.Builder builder = ClientOptions.builder().maxInflight(70_000);

        assertEquals(
                "maxInflight is 1 to 65535, not 70000",
                assertThrows(IllegalArgumentException.class, builder::build).getMessage());
        assertThrows(ProtocolException.class, ClientOptions.builder().clientId("a\0b")::build);
    }
}

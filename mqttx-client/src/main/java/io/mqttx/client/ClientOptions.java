package io.mqttx.client;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Will;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a client connects and behaves. Values are checked once and never change after.
 *
 * @param host           name or address of the server. Default {@code localhost}
 * @param port           TCP port, 1 to 65,535. Default 1883, with TLS 8883, with WebSocket 8083, with both 8084
 * @param version        which protocol is spoken. Default 5.0
 * @param clientId       who the client is (§3.1.3.1); empty lets the server choose, in 3.1.1 with a clean start only,
 *                       in 3.1 never. Default empty
 * @param cleanStart     whether an older session is dropped (§3.1.2.4); if not, the client goes on with the session that the
 *                       server has, as what its store says, or as one with nothing in flight. Default yes
 * @param keepAlive      whole seconds of silence after which client and server make sure of each other, 0 to 65,535 s,
 *                       0: never (§3.1.2.10). Default 60 s
 * @param connectTimeout how long it may take from the first try until CONNACK, and later the server's answer to
 *                       PINGREQ, over 0. Default 10 s
 * @param requestTimeout how long a blocking call waits for the answer of the server, or for its turn to publish, over
 *                       0. Default 10 s
 * @param maxInflight    unanswered QoS 1 and 2 messages to the server, 1 to 65,535; fewer if the server takes fewer
 *                       (§4.9). Default 100
 * @param maxPacketSize  bytes of the largest packet taken from the server, 1,024 to 268,435,460; a larger one ends the
 *                       connection. Version 5 tells the server (§3.1.2.11.4). Default 1 MiB
 * @param credentials    user name and password. Default none
 * @param will           what the server publishes if the client is lost (§3.1.2.5). Default none
 * @param properties     those of CONNECT (§3.1.2.11), but the maximum packet size, which {@code maxPacketSize} says;
 *                       version 5 only. Default none
 * @param transport      TLS, WebSocket, a proxy. Default none of them
 * @param reconnect      how it comes back when the connection is lost. Default {@link ReconnectOptions#defaults()}
 * @param offlineQueue   what is kept while there is no connection. Default nothing
 * @param sessionStore   where the session outlives this client; it needs a client identifier. Default nowhere
 * @param authenticator  how it proves who it is by enhanced authentication (§4.12); version 5 only. Default not at all
 * @param manualAcknowledgement whether messages are acknowledged by {@link MqttClient#acknowledge} alone, and not when
 *                       their callback returns. Default no
 * @param events         who watches. Default nobody
 */
public record ClientOptions(
        String host,
        int port,
        ProtocolVersion version,
        String clientId,
        boolean cleanStart,
        Duration keepAlive,
        Duration connectTimeout,
        Duration requestTimeout,
        int maxInflight,
        int maxPacketSize,
        Credentials credentials,
        Will will,
        Properties properties,
        Transport transport,
        ReconnectOptions reconnect,
        OfflineQueue offlineQueue,
        SessionStore sessionStore,
        ClientAuthenticator authenticator,
        boolean manualAcknowledgement,
        ClientEvents events) {
    private static final Duration LONGEST_TIMEOUT = Duration.ofDays(365);

    /** Checks every range, and that the version can say all of it. */
    public ClientOptions {
        ServerUri.check(host, port);
        Objects.requireNonNull(version, "version");
        if (keepAlive.isNegative()
                || keepAlive.toSeconds() > 0xFFFF
                || !keepAlive.equals(Duration.ofSeconds(keepAlive.toSeconds()))) {
            throw new IllegalArgumentException("keepAlive is 0 to 65535 whole seconds, not " + keepAlive);
        }
        requireTimeout(connectTimeout, "connectTimeout");
        requireTimeout(requestTimeout, "requestTimeout");
        requireRange(maxInflight, 1, 0xFFFF, "maxInflight");
        requireRange(maxPacketSize, 1024, DecoderOptions.LARGEST_PACKET, "maxPacketSize");
        Objects.requireNonNull(transport, "transport");
        if (properties.has(Property.MAXIMUM_PACKET_SIZE)) {
            throw new IllegalArgumentException("maxPacketSize says the maximum packet size, not properties");
        }
        if (properties.has(Property.AUTHENTICATION_METHOD)) {
            throw new IllegalArgumentException("authenticator says the authentication method, not properties");
        }
        Objects.requireNonNull(reconnect, "reconnect");
        if (offlineQueue.isOn() && !reconnect.enabled()) {
            throw new IllegalArgumentException("an offline queue is for clients that reconnect");
        }
        Objects.requireNonNull(sessionStore, "sessionStore");
        Objects.requireNonNull(events, "events");
        if (!authenticator.method().isEmpty() && !version.hasProperties()) {
            throw new IllegalArgumentException("enhanced authentication came with version 5 (§4.12)");
        }
        if (clientId.isEmpty() && sessionStore != SessionStore.NONE) {
            throw new IllegalArgumentException("a session is stored by its client identifier, and there is none");
        }
        packet(version, clientId, cleanStart, keepAlive, credentials, will, properties);
    }

    /** The defaults above. */
    public static ClientOptions defaults() {
        return builder().build();
    }

    /** The defaults above with this server. */
    public static ClientOptions of(String host, int port) {
        return builder().host(host).port(port).build();
    }

    /** The defaults above with the server at this address. See {@link Builder#server(String)}. */
    public static ClientOptions of(String uri) {
        return builder().server(uri).build();
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Begins with these options. */
    public Builder toBuilder() {
        return new Builder()
                .host(host)
                .port(port)
                .version(version)
                .clientId(clientId)
                .cleanStart(cleanStart)
                .keepAlive(keepAlive)
                .connectTimeout(connectTimeout)
                .requestTimeout(requestTimeout)
                .maxInflight(maxInflight)
                .maxPacketSize(maxPacketSize)
                .credentials(credentials)
                .will(will)
                .properties(properties)
                .transport(transport)
                .reconnect(reconnect)
                .offlineQueue(offlineQueue)
                .sessionStore(sessionStore)
                .authenticator(authenticator)
                .manualAcknowledgement(manualAcknowledgement)
                .events(events);
    }

    /** CONNECT as these options say it. */
    Connect connect() {
        Properties said = version.hasProperties()
                ? properties.with(Property.MAXIMUM_PACKET_SIZE, (long) maxPacketSize)
                : properties;
        return packet(version, clientId, cleanStart, keepAlive, credentials, will, said);
    }

    private static Connect packet(
            ProtocolVersion version,
            String clientId,
            boolean cleanStart,
            Duration keepAlive,
            Credentials credentials,
            Will will,
            Properties properties) {
        return new Connect(version, clientId, cleanStart, (int) keepAlive.toSeconds(), credentials, will, properties);
    }

    private static void requireTimeout(Duration value, String what) {
        if (value.isNegative() || value.isZero() || value.compareTo(LONGEST_TIMEOUT) > 0) {
            throw new IllegalArgumentException(what + " is over 0 and at most a year, not " + value);
        }
    }

    private static void requireRange(int value, int least, int most, String what) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + least + " to " + most + ", not " + value);
        }
    }

    /** Builds options step by step. Not safe for several threads at once. */
    public static final class Builder {
        private String host = "localhost";
        private OptionalInt port = OptionalInt.empty(); // that of the transport
        private ProtocolVersion version = ProtocolVersion.V5;
        private String clientId = "";
        private boolean cleanStart = true;
        private Duration keepAlive = Duration.ofSeconds(60);
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration requestTimeout = Duration.ofSeconds(10);
        private int maxInflight = 100;
        private int maxPacketSize = 1 << 20;
        private Credentials credentials = Credentials.NONE;
        private Will will = Will.NONE;
        private Properties properties = Properties.EMPTY;
        private Transport transport = Transport.TCP;
        private ReconnectOptions reconnect = ReconnectOptions.defaults();
        private OfflineQueue offlineQueue = OfflineQueue.NONE;
        private SessionStore sessionStore = SessionStore.NONE;
        private ClientAuthenticator authenticator = ClientAuthenticator.NONE;
        private boolean manualAcknowledgement;
        private ClientEvents events = ClientEvents.NONE;

        private Builder() {}

        /** See {@link ClientOptions#host()}. */
        public Builder host(String value) {
            this.host = value;
            return this;
        }

        /** See {@link ClientOptions#port()}. */
        public Builder port(int value) {
            this.port = OptionalInt.of(value);
            return this;
        }

        /**
         * Host, port and transport in one: {@code mqtt://host}, {@code mqtts://host}, {@code ws://host/path} or
         * {@code wss://host/path}, each with {@code :port} if it is not the usual one. The path is {@code /mqtt} if
         * there is none, and may have a query. Options for TLS and WebSocket that were set before are kept.
         *
         * @throws IllegalArgumentException if it is no such address; if it holds a user, because addresses end up in
         *     logs; or if it says no TLS where TLS was asked for before
         */
        public Builder server(String uri) {
            ServerUri address = ServerUri.parse(uri);
            if (transport.tls().isPresent() && !address.tls()) {
                throw new IllegalArgumentException("TLS was asked for, and this address is without: say mqtts or wss");
            }
            Optional<TlsOptions> tls =
                    address.tls() ? transport.tls().or(() -> Optional.of(TlsOptions.defaults())) : Optional.empty();
            WebSocketOptions known = transport.webSocket().orElseGet(WebSocketOptions::defaults);
            WebSocketOptions framed = address.path().isEmpty() ? known : known.withPath(address.path());
            this.host = address.host();
            this.port = address.port();
            this.transport =
                    new Transport(transport.proxy(), tls, address.webSocket() ? Optional.of(framed) : Optional.empty());
            return this;
        }

        /** Encrypts. See {@link Transport#tls()}. */
        public Builder tls(TlsOptions value) {
            return transport(transport.withTls(value));
        }

        /** Goes in WebSocket frames. See {@link Transport#webSocket()}. */
        public Builder webSocket(WebSocketOptions value) {
            return transport(transport.withWebSocket(value));
        }

        /** Goes through a proxy. See {@link Transport#proxy()}. */
        public Builder proxy(ProxyOptions value) {
            return transport(transport.withProxy(value));
        }

        /** See {@link ClientOptions#transport()}. */
        public Builder transport(Transport value) {
            this.transport = value;
            return this;
        }

        /** See {@link ClientOptions#version()}. */
        public Builder version(ProtocolVersion value) {
            this.version = value;
            return this;
        }

        /** See {@link ClientOptions#clientId()}. */
        public Builder clientId(String value) {
            this.clientId = value;
            return this;
        }

        /** See {@link ClientOptions#cleanStart()}. */
        public Builder cleanStart(boolean value) {
            this.cleanStart = value;
            return this;
        }

        /** See {@link ClientOptions#keepAlive()}. */
        public Builder keepAlive(Duration value) {
            this.keepAlive = value;
            return this;
        }

        /** See {@link ClientOptions#connectTimeout()}. */
        public Builder connectTimeout(Duration value) {
            this.connectTimeout = value;
            return this;
        }

        /** See {@link ClientOptions#requestTimeout()}. */
        public Builder requestTimeout(Duration value) {
            this.requestTimeout = value;
            return this;
        }

        /** See {@link ClientOptions#maxInflight()}. */
        public Builder maxInflight(int messages) {
            this.maxInflight = messages;
            return this;
        }

        /** See {@link ClientOptions#maxPacketSize()}. */
        public Builder maxPacketSize(int bytes) {
            this.maxPacketSize = bytes;
            return this;
        }

        /** See {@link ClientOptions#credentials()}. */
        public Builder credentials(Credentials value) {
            this.credentials = value;
            return this;
        }

        /** See {@link ClientOptions#will()}. */
        public Builder will(Will value) {
            this.will = value;
            return this;
        }

        /** See {@link ClientOptions#properties()}. */
        public Builder properties(Properties value) {
            this.properties = value;
            return this;
        }

        /** See {@link ClientOptions#reconnect()}. */
        public Builder reconnect(ReconnectOptions value) {
            this.reconnect = value;
            return this;
        }

        /** See {@link ClientOptions#offlineQueue()}. */
        public Builder offlineQueue(OfflineQueue value) {
            this.offlineQueue = value;
            return this;
        }

        /** See {@link ClientOptions#sessionStore()}. */
        public Builder sessionStore(SessionStore value) {
            this.sessionStore = value;
            return this;
        }

        /** See {@link ClientOptions#authenticator()}. */
        public Builder authenticator(ClientAuthenticator value) {
            this.authenticator = value;
            return this;
        }

        /** See {@link ClientOptions#manualAcknowledgement()}. */
        public Builder manualAcknowledgement(boolean value) {
            this.manualAcknowledgement = value;
            return this;
        }

        /** See {@link ClientOptions#events()}. */
        public Builder events(ClientEvents value) {
            this.events = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is out of range, naming it
         * @throws io.mqttx.packet.ProtocolException if the version has no way to say it, such as properties before 5.0
         */
        public ClientOptions build() {
            return new ClientOptions(
                    host,
                    port.orElseGet(transport::defaultPort),
                    version,
                    clientId,
                    cleanStart,
                    keepAlive,
                    connectTimeout,
                    requestTimeout,
                    maxInflight,
                    maxPacketSize,
                    credentials,
                    will,
                    properties,
                    transport,
                    reconnect,
                    offlineQueue,
                    sessionStore,
                    authenticator,
                    manualAcknowledgement,
                    events);
        }
    }
}

package io.mqttx.broker.api;

import java.time.Duration;
import java.util.Objects;

/**
 * How a broker behaves. Values are checked once and never change after.
 *
 * @param connectTimeout    how long a new connection may take to send CONNECT (§3.1.4), over 0. Default 10 s
 * @param idleTimeout       how long a client that set its keep alive to 0 may be silent, up to 65,535 s; version 5 is told
 *                          two thirds of it as server keep alive (§3.2.2.3.14). Zero: for ever. Default 15 min
 * @param maxPacketSize     larger packets end the connection (§3.2.2.3.6), 1,024 to 268,435,460 bytes. Default 1 MiB
 * @param receiveMaximum    unanswered QoS 1 and 2 messages taken from one client (§3.2.2.3.3), 1 to 65,535.
 *                          Default 100
 * @param topicAliasMaximum the highest topic alias taken (§3.2.2.3.8), 0 to 65,535. Default 32
 * @param maxAliasesSent    topics of one client that have an alias in messages to it (§3.3.2.3.4), if it takes as many, 0 to
 *                          65,535. Default 32
 * @param maxKeepAlive      the longest keep alive, 1 to 65,535 s: version 5 is told it as server keep alive where it
 *                          asks for more (§3.2.2.3.14); older clients cannot be told and keep their own. Default 65,535 s
 * @param maxSessionExpiry  how long a session outlives its connection at most, 0 to 4,294,967,295 s, which is for ever;
 *                          version 5 is told in CONNACK where it asks for more (§3.2.2.3.2). Default for ever
 * @param capabilities      what of MQTT is offered. Default all
 * @param checkPayloadFormat whether a payload that says to be UTF-8 has to be: otherwise 0x99 (§3.3.2.3.2). Default no
 * @param queue             what is kept for a client that is away or cannot follow
 * @param maxConnections    connections of all listeners together, those without CONNECT included; more are refused with
 *                          {@code SERVER_BUSY}, at least 1. Default 100,000
 * @param clientRates       how much one connection may send. Default: as much as it likes
 * @param subscriptions     how subscriptions are treated, shared ones above all
 * @param maxRetained       topics that may have a retained message, at least 0. Default 100,000
 * @param maxUnsent         bytes that may wait to be written to one client before QoS 0 messages to it are dropped and
 *                          others wait, at least 1,024; a client that lets answers wait for twice as many bytes is
 *                          disconnected. Default 4 MiB
 * @param sysInterval       how often the {@code $SYS} topics are published; zero: never. Default 10 s
 */
public record BrokerOptions(
        Duration connectTimeout,
        Duration idleTimeout,
        int maxPacketSize,
        int receiveMaximum,
        int topicAliasMaximum,
        int maxAliasesSent,
        Duration maxKeepAlive,
        Duration maxSessionExpiry,
        Capabilities capabilities,
        boolean checkPayloadFormat,
        QueueOptions queue,
        int maxConnections,
        ClientRates clientRates,
        SubscriptionOptions subscriptions,
        int maxRetained,
        int maxUnsent,
        Duration sysInterval) {

    /** Checks every range. */
    public BrokerOptions {
        requirePositive(connectTimeout, "connectTimeout");
        if (idleTimeout.isNegative() || idleTimeout.toSeconds() > 0xFFFF) {
            throw new IllegalArgumentException("idleTimeout is 0 to 65535 seconds, not " + idleTimeout);
        }
        requireRange(maxPacketSize, 1024, 268_435_460, "maxPacketSize");
        requireRange(receiveMaximum, 1, 0xFFFF, "receiveMaximum");
        requireRange(topicAliasMaximum, 0, 0xFFFF, "topicAliasMaximum");
        requireRange(maxAliasesSent, 0, 0xFFFF, "maxAliasesSent");
        requireSeconds(maxKeepAlive, 1, 0xFFFF, "maxKeepAlive");
        requireSeconds(maxSessionExpiry, 0, 0xFFFF_FFFFL, "maxSessionExpiry");
        Objects.requireNonNull(capabilities, "capabilities");
        Objects.requireNonNull(queue, "queue");
        requireRange(maxConnections, 1, Integer.MAX_VALUE, "maxConnections");
        Objects.requireNonNull(clientRates, "clientRates");
        Objects.requireNonNull(subscriptions, "subscriptions");
        requireRange(maxRetained, 0, Integer.MAX_VALUE, "maxRetained");
        requireRange(maxUnsent, 1024, Integer.MAX_VALUE, "maxUnsent");
        if (sysInterval.isNegative()) {
            throw new IllegalArgumentException("sysInterval is not negative, not " + sysInterval);
        }
    }

    /** The keep alive in seconds of a client that set none: one and a half times that is the idle timeout; 0: none. */
    public int idleKeepAlive() {
        return (int) (idleTimeout.toSeconds() * 2 + 2) / 3;
    }

    /** The defaults above. */
    public static BrokerOptions defaults() {
        return builder().build();
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private static void requirePositive(Duration value, String what) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(what + " is over 0, not " + value);
        }
    }

    private static void requireSeconds(Duration value, long least, long most, String what) {
        if (value.toSeconds() < least || value.toSeconds() > most) {
            throw new IllegalArgumentException(what + " is " + least + " to " + most + " seconds, not " + value);
        }
    }

    private static void requireRange(int value, int least, int most, String what) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + " is " + least + " to " + most + ", not " + value);
        }
    }

    /** Builds options step by step. Not safe for several threads at once. */
    public static final class Builder {
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Duration idleTimeout = Duration.ofMinutes(15);
        private int maxPacketSize = 1 << 20;
        private int receiveMaximum = 100;
        private int topicAliasMaximum = 32;
        private int maxAliasesSent = 32;
        private Duration maxKeepAlive = Duration.ofSeconds(0xFFFF);
        private Duration maxSessionExpiry = Duration.ofSeconds(0xFFFF_FFFFL);
        private Capabilities capabilities = Capabilities.all();
        private boolean checkPayloadFormat;
        private QueueOptions queue = QueueOptions.defaults();
        private int maxConnections = 100_000;
        private ClientRates clientRates = ClientRates.unlimited();
        private SubscriptionOptions subscriptions = SubscriptionOptions.defaults();
        private int maxRetained = 100_000;
        private int maxUnsent = 4 << 20;
        private Duration sysInterval = Duration.ofSeconds(10);

        private Builder() {}

        /** See {@link BrokerOptions#connectTimeout()}. */
        public Builder connectTimeout(Duration value) {
            this.connectTimeout = value;
            return this;
        }

        /** See {@link BrokerOptions#idleTimeout()}. */
        public Builder idleTimeout(Duration value) {
            this.idleTimeout = value;
            return this;
        }

        /** See {@link BrokerOptions#maxPacketSize()}. */
        public Builder maxPacketSize(int bytes) {
            this.maxPacketSize = bytes;
            return this;
        }

        /** See {@link BrokerOptions#receiveMaximum()}. */
        public Builder receiveMaximum(int messages) {
            this.receiveMaximum = messages;
            return this;
        }

        /** See {@link BrokerOptions#topicAliasMaximum()}. */
        public Builder topicAliasMaximum(int aliases) {
            this.topicAliasMaximum = aliases;
            return this;
        }

        /** See {@link BrokerOptions#maxAliasesSent()}. */
        public Builder maxAliasesSent(int topics) {
            this.maxAliasesSent = topics;
            return this;
        }

        /** See {@link BrokerOptions#maxKeepAlive()}. */
        public Builder maxKeepAlive(Duration value) {
            this.maxKeepAlive = value;
            return this;
        }

        /** See {@link BrokerOptions#maxSessionExpiry()}. */
        public Builder maxSessionExpiry(Duration value) {
            this.maxSessionExpiry = value;
            return this;
        }

        /** See {@link BrokerOptions#capabilities()}. */
        public Builder capabilities(Capabilities value) {
            this.capabilities = value;
            return this;
        }

        /** See {@link BrokerOptions#checkPayloadFormat()}. */
        public Builder checkPayloadFormat(boolean value) {
            this.checkPayloadFormat = value;
            return this;
        }

        /** See {@link BrokerOptions#queue()}. */
        public Builder queue(QueueOptions value) {
            this.queue = value;
            return this;
        }

        /** See {@link BrokerOptions#maxConnections()}. */
        public Builder maxConnections(int connections) {
            this.maxConnections = connections;
            return this;
        }

        /** See {@link BrokerOptions#clientRates()}. */
        public Builder clientRates(ClientRates value) {
            this.clientRates = value;
            return this;
        }

        /** See {@link BrokerOptions#subscriptions()}. */
        public Builder subscriptions(SubscriptionOptions value) {
            this.subscriptions = value;
            return this;
        }

        /** See {@link BrokerOptions#maxRetained()}. */
        public Builder maxRetained(int topics) {
            this.maxRetained = topics;
            return this;
        }

        /** See {@link BrokerOptions#maxUnsent()}. */
        public Builder maxUnsent(int bytes) {
            this.maxUnsent = bytes;
            return this;
        }

        /** See {@link BrokerOptions#sysInterval()}. */
        public Builder sysInterval(Duration value) {
            this.sysInterval = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is out of range, naming it
         */
        public BrokerOptions build() {
            return new BrokerOptions(
                    connectTimeout,
                    idleTimeout,
                    maxPacketSize,
                    receiveMaximum,
                    topicAliasMaximum,
                    maxAliasesSent,
                    maxKeepAlive,
                    maxSessionExpiry,
                    capabilities,
                    checkPayloadFormat,
                    queue,
                    maxConnections,
                    clientRates,
                    subscriptions,
                    maxRetained,
                    maxUnsent,
                    sysInterval);
        }
    }
}

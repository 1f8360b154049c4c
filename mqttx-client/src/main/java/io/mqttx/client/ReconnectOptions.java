package io.mqttx.client;

import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How a client comes back when its connection is lost. Each pause is a random part of a time that doubles with every
 * failure, so that the clients of a server that was down do not all come at once.
 *
 * @param enabled              whether it does at all. Default yes
 * @param firstDelay           the longest pause before the first attempt, over 0. Default 1 s
 * @param maxDelay             the longest pause ever, {@code firstDelay} or more. Default 1 min
 * @param stableAfter          how long a connection must have lasted for the pauses to be short again, 0 or more.
 *                             Default 30 s
 * @param otherServers         servers to try when the one of {@link ClientOptions} cannot be reached, in turn. They have
 *                             to share their sessions, or what is in flight is lost on the way from one to another;
 *                             subscriptions are made anew there. Default none
 * @param followServerReference whether the client goes where a server sends it with 0x9C or 0x9D (§4.11). Its
 *                             credentials go there too. Default no
 * @param fallBack             whether a client of version 5 tries 3.1.1 when the server does not know version 5; what
 *                             3.1.1 has no way to say, properties and a session that begins anew and then outlives
 *                             its connection, is left out. Default no
 */
public record ReconnectOptions(
        boolean enabled,
        Duration firstDelay,
        Duration maxDelay,
        Duration stableAfter,
        List<ServerAddress> otherServers,
        boolean followServerReference,
        boolean fallBack) {
    private static final Duration LONGEST = Duration.ofDays(365);

    /** Checks every range. */
    public ReconnectOptions {
        if (firstDelay.isNegative() || firstDelay.isZero() || firstDelay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("firstDelay is over 0 and at most a year, not " + firstDelay);
        }
        if (maxDelay.compareTo(firstDelay) < 0 || maxDelay.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("maxDelay is firstDelay to a year, not " + maxDelay);
        }
        if (stableAfter.isNegative() || stableAfter.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("stableAfter is 0 to a year, not " + stableAfter);
        }
        otherServers = List.copyOf(Objects.requireNonNull(otherServers, "otherServers"));
    }

    /** The defaults above. */
    public static ReconnectOptions defaults() {
        return builder().build();
    }

    /** One connection, and when that is lost, none. */
    public static ReconnectOptions never() {
        return builder().enabled(false).build();
    }

    /** Begins with the defaults. */
    public static Builder builder() {
        return new Builder();
    }

    /** Builds options step by step. Not safe for several threads at once. */
    public static final class Builder {
        private boolean enabled = true;
        private Duration firstDelay = Duration.ofSeconds(1);
        private Duration maxDelay = Duration.ofMinutes(1);
        private Duration stableAfter = Duration.ofSeconds(30);
        private List<ServerAddress> otherServers = List.of();
        private boolean followServerReference;
        private boolean fallBack;

        private Builder() {}

        /** See {@link ReconnectOptions#enabled()}. */
        public Builder enabled(boolean value) {
            this.enabled = value;
            return this;
        }

        /** See {@link ReconnectOptions#firstDelay()}. */
        public Builder firstDelay(Duration value) {
            this.firstDelay = value;
            return this;
        }

        /** See {@link ReconnectOptions#maxDelay()}. */
        public Builder maxDelay(Duration value) {
            this.maxDelay = value;
            return this;
        }

        /** See {@link ReconnectOptions#stableAfter()}. */
        public Builder stableAfter(Duration value) {
            this.stableAfter = value;
            return this;
        }

        /** See {@link ReconnectOptions#otherServers()}. */
        public Builder otherServers(ServerAddress... servers) {
            this.otherServers = List.of(servers);
            return this;
        }

        /** See {@link ReconnectOptions#followServerReference()}. */
        public Builder followServerReference(boolean value) {
            this.followServerReference = value;
            return this;
        }

        /** See {@link ReconnectOptions#fallBack()}. */
        public Builder fallBack(boolean value) {
            this.fallBack = value;
            return this;
        }

        /**
         * The options.
         *
         * @throws IllegalArgumentException if one is out of range, naming it
         */
        public ReconnectOptions build() {
            return new ReconnectOptions(
                    enabled, firstDelay, maxDelay, stableAfter, otherServers, followServerReference, fallBack);
        }
    }
}

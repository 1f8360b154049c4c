package io.mqttx.server;

import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ClientRates;
import io.mqttx.broker.api.ClientRates.WhenExceeded;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.commons.cli.Option;

/** What {@code mqttx broker} allows its clients. The defaults are those of {@link BrokerOptions}. */
final class LimitOptions {
    private static final Option MAX_CONNECTIONS =
            Words.option("max-connections", "N", "Connections in all, at least 1; more are refused. Default: 100000");
    private static final Option MAX_LISTENER_CONNECTIONS = Words.option(
            "max-listener-connections",
            "N",
            "Connections of each listener, at least 1; more are refused. Default: no limit of its own");
    private static final Option CONNECTION_RATE = Words.option(
            "connection-rate",
            "RATE",
            "New connections of each listener, such as 500/s; more are refused. Default: no limit");
    private static final Option MESSAGE_RATE = Words.option(
            "message-rate", "RATE", "Messages from each client, such as 100/s or 600/1m. Default: no limit");
    private static final Option BYTE_RATE =
            Words.option("byte-rate", "RATE", "Bytes from each client, such as 100000/s. Default: no limit");
    private static final Option WHEN_EXCEEDED = Words.option(
            "when-exceeded",
            "ANSWER",
            "To a client that sends faster than these two allow: slow-down, refuse or disconnect."
                    + " Default: slow-down");
    private static final Option CONNECT_TIMEOUT =
            Words.option("connect-timeout", "TIME", "How long CONNECT may take, over 0. Default: 10s");
    private static final Option IDLE_TIMEOUT = Words.option(
            "idle-timeout",
            "TIME",
            "Silence of a client that set keep alive to 0, up to 65535s; 0 for ever. Default: 15m");
    private static final Option MAX_PACKET_SIZE = Words.option(
            "max-packet-size", "BYTES", "Larger packets end the connection, 1024 to 268435460. Default: 1048576");
    private static final Option RECEIVE_MAXIMUM = Words.option(
            "receive-maximum", "N", "Unanswered QoS 1 and 2 messages from each client, 1 to 65535. Default: 100");
    private static final Option TOPIC_ALIAS_MAXIMUM =
            Words.option("topic-alias-maximum", "N", "Topic aliases taken from each client, 0 to 65535. Default: 32");
    private static final Option MAX_ALIASES_SENT = Words.option(
            "max-aliases-sent",
            "N",
            "Topics that have an alias in messages to a client that takes them, 0 to 65535. Default: 32");
    private static final Option MAX_SUBSCRIPTIONS =
            Words.option("max-subscriptions", "N", "Subscriptions of each client, at least 1. Default: 10000");
    private static final Option QUEUE_MESSAGES = Words.option(
            "queue-messages", "N", "Messages that wait for a client that is away, at least 0. Default: 10000");
    private static final Option QUEUE_BYTES =
            Words.option("queue-bytes", "BYTES", "Bytes of those messages, at least 0. Default: 67108864");
    private static final Option QUEUE_FULL = Words.option(
            "queue-full",
            "POLICY",
            "When both are not enough: drop-newest, drop-oldest or refuse. Default: drop-newest");
    private static final Option MAX_RETAINED =
            Words.option("max-retained", "N", "Topics that may have a retained message, at least 0. Default: 100000");
    private static final Option MAX_TOPIC_LEVELS =
            Words.option("max-topic-levels", "N", "Levels of a topic name or filter, 1 to 1000. Default: 128");
    private static final Option MAX_UNSENT = Words.option(
            "max-unsent",
            "BYTES",
            "Bytes that may wait to be written to a client before QoS 0 is dropped, at least 1024."
                    + " Default: 4194304");
    private static final Option MAX_KEEP_ALIVE = Words.option(
            "max-keep-alive", "TIME", "The longest keep alive, which others are told, 1s to 65535s. Default: 65535s");
    private static final Option MAX_SESSION_EXPIRY = Words.option(
            "max-session-expiry",
            "TIME",
            "How long a session outlives its connection at most, 0 for no longer. Default: for ever");

    static final List<Option> ALL = List.of(
            MAX_CONNECTIONS,
            MAX_LISTENER_CONNECTIONS,
            CONNECTION_RATE,
            MESSAGE_RATE,
            BYTE_RATE,
            WHEN_EXCEEDED,
            CONNECT_TIMEOUT,
            IDLE_TIMEOUT,
            MAX_PACKET_SIZE,
            RECEIVE_MAXIMUM,
            TOPIC_ALIAS_MAXIMUM,
            MAX_ALIASES_SENT,
            MAX_SUBSCRIPTIONS,
            QUEUE_MESSAGES,
            QUEUE_BYTES,
            QUEUE_FULL,
            MAX_RETAINED,
            MAX_TOPIC_LEVELS,
            MAX_UNSENT,
            MAX_KEEP_ALIVE,
            MAX_SESSION_EXPIRY);

    private final Words words;

    LimitOptions(Words words) {
        this.words = words;
    }

    /**
     * Sets what was said.
     *
     * @throws IllegalArgumentException with a sentence that names the option
     */
    void apply(BrokerOptions.Builder builder) {
        set(MAX_CONNECTIONS, Quantities::integer, builder, builder::maxConnections);
        set(CONNECT_TIMEOUT, Quantities::duration, builder, builder::connectTimeout);
        set(IDLE_TIMEOUT, Quantities::duration, builder, builder::idleTimeout);
        set(MAX_PACKET_SIZE, Quantities::integer, builder, builder::maxPacketSize);
        set(RECEIVE_MAXIMUM, Quantities::integer, builder, builder::receiveMaximum);
        set(TOPIC_ALIAS_MAXIMUM, Quantities::integer, builder, builder::topicAliasMaximum);
        set(MAX_ALIASES_SENT, Quantities::integer, builder, builder::maxAliasesSent);
        set(MAX_RETAINED, Quantities::integer, builder, builder::maxRetained);
        set(MAX_TOPIC_LEVELS, Quantities::integer, builder, builder::maxTopicLevels);
        set(MAX_UNSENT, Quantities::integer, builder, builder::maxUnsent);
        set(MAX_KEEP_ALIVE, Quantities::duration, builder, builder::maxKeepAlive);
        set(MAX_SESSION_EXPIRY, Quantities::duration, builder, builder::maxSessionExpiry);
        set(
                MAX_SUBSCRIPTIONS,
                Quantities::integer,
                builder,
                count -> builder.subscriptions(builder.build().subscriptions().withMaxPerClient(count)));
        applyQueue(builder);
        applyRates(builder);
    }

    /** The same listener with the limits for each. */
    Listener limited(Listener listener) {
        Listener rated = words.value(CONNECTION_RATE, Quantities::rate)
                .map(listener::withConnectionRate)
                .orElse(listener);
        return words.value(MAX_LISTENER_CONNECTIONS, text -> rated.withMaxConnections(Quantities.integer(text)))
                .orElse(rated);
    }

    private void applyQueue(BrokerOptions.Builder builder) {
        QueueOptions usual = QueueOptions.defaults();
        WhenFull whenFull = words.value(QUEUE_FULL, text -> Quantities.constant(WhenFull.class, text))
                .orElse(usual.whenFull());
        QueueOptions counted = words.value(
                        QUEUE_MESSAGES, text -> new QueueOptions(Quantities.integer(text), usual.maxBytes(), whenFull))
                .orElse(new QueueOptions(usual.maxMessages(), usual.maxBytes(), whenFull));
        builder.queue(words.value(
                        QUEUE_BYTES,
                        text -> new QueueOptions(counted.maxMessages(), Quantities.longInteger(text), whenFull))
                .orElse(counted));
    }

    private void applyRates(BrokerOptions.Builder builder) {
        ClientRates rates = ClientRates.unlimited();
        rates = words.value(MESSAGE_RATE, Quantities::rate)
                .map(rates::withMessages)
                .orElse(rates);
        rates = words.value(BYTE_RATE, Quantities::rate).map(rates::withBytes).orElse(rates);
        builder.clientRates(words.value(WHEN_EXCEEDED, text -> Quantities.constant(WhenExceeded.class, text))
                .map(rates::withWhenExceeded)
                .orElse(rates));
    }

    /** Checks at once, so that the sentence can name the option. */
    private <T> void set(
            Option option, Function<String, T> reading, BrokerOptions.Builder builder, Consumer<T> setter) {
        boolean ignored = words.value(option, text -> {
                    setter.accept(reading.apply(text));
                    return builder.build();
                })
                .isPresent();
    }
}

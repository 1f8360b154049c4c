package io.mqttx.server;

import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ClientRates;
import io.mqttx.broker.api.ClientRates.WhenExceeded;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.Rate;
import io.mqttx.broker.api.SubscriptionOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** What {@code mqttx broker} allows its clients. The defaults are those of {@link BrokerOptions}. */
final class LimitOptions {
    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Connections in all, at least 1; more are refused. Default: 100000")
    private Optional<Integer> maxConnections = Optional.empty();

    @Option(
            names = "--max-listener-connections",
            paramLabel = "N",
            description = "Connections of each listener, at least 1; more are refused. Default: no limit of its own")
    private Optional<Integer> maxListenerConnections = Optional.empty();

    @Option(
            names = "--connection-rate",
            paramLabel = "RATE",
            description = "New connections of each listener, such as 500/s; more are refused. Default: no limit")
    private Optional<Rate> connectionRate = Optional.empty();

    @Option(
            names = "--message-rate",
            paramLabel = "RATE",
            description = "Messages from each client, such as 100/s or 600/1m. Default: no limit")
    private Optional<Rate> messageRate = Optional.empty();

    @Option(
            names = "--byte-rate",
            paramLabel = "RATE",
            description = "Bytes from each client, such as 100000/s. Default: no limit")
    private Optional<Rate> byteRate = Optional.empty();

    @Option(
            names = "--when-exceeded",
            paramLabel = "ANSWER",
            description = "To a client that sends faster than these two allow: slow-down, refuse or disconnect."
                    + " Default: slow-down")
    private Optional<WhenExceeded> whenExceeded = Optional.empty();

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            description = "How long CONNECT may take, over 0. Default: 10s")
    private Optional<Duration> connectTimeout = Optional.empty();

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            description = "Silence of a client that set keep alive to 0, up to 65535s; 0 for ever. Default: 15m")
    private Optional<Duration> idleTimeout = Optional.empty();

    @Option(
            names = "--max-packet-size",
            paramLabel = "BYTES",
            description = "Larger packets end the connection, 1024 to 268435460. Default: 1048576")
    private Optional<Integer> maxPacketSize = Optional.empty();

    @Option(
            names = "--receive-maximum",
            paramLabel = "N",
            description = "Unanswered QoS 1 and 2 messages from each client, 1 to 65535. Default: 100")
    private Optional<Integer> receiveMaximum = Optional.empty();

    @Option(
            names = "--topic-alias-maximum",
            paramLabel = "N",
            description = "Topic aliases taken from each client, 0 to 65535. Default: 32")
    private Optional<Integer> topicAliasMaximum = Optional.empty();

    @Option(
            names = "--max-subscriptions",
            paramLabel = "N",
            description = "Subscriptions of each client, at least 1. Default: 10000")
    private Optional<Integer> maxSubscriptions = Optional.empty();

    @Option(
            names = "--queue-messages",
            paramLabel = "N",
            description = "Messages that wait for a client that is away, at least 0. Default: 10000")
    private Optional<Integer> queueMessages = Optional.empty();

    @Option(
            names = "--queue-bytes",
            paramLabel = "BYTES",
            description = "Bytes of those messages, at least 0. Default: 67108864")
    private Optional<Long> queueBytes = Optional.empty();

    @Option(
            names = "--queue-full",
            paramLabel = "POLICY",
            description = "When both are not enough: drop-newest, drop-oldest or refuse. Default: drop-newest")
    private Optional<WhenFull> queueFull = Optional.empty();

    @Option(
            names = "--max-retained",
            paramLabel = "N",
            description = "Topics that may have a retained message, at least 0. Default: 100000")
    private Optional<Integer> maxRetained = Optional.empty();

    @Option(
            names = "--max-unsent",
            paramLabel = "BYTES",
            description = "Bytes that may wait to be written to a client before QoS 0 is dropped, at least 1024."
                    + " Default: 4194304")
    private Optional<Integer> maxUnsent = Optional.empty();

    LimitOptions() {}

    /**
     * The options of the broker.
     *
     * @throws IllegalArgumentException with a sentence that names the option
     */
    BrokerOptions brokerOptions() {
        BrokerOptions.Builder builder = BrokerOptions.builder();
        set("--max-connections", maxConnections, builder, builder::maxConnections);
        set("--connect-timeout", connectTimeout, builder, builder::connectTimeout);
        set("--idle-timeout", idleTimeout, builder, builder::idleTimeout);
        set("--max-packet-size", maxPacketSize, builder, builder::maxPacketSize);
        set("--receive-maximum", receiveMaximum, builder, builder::receiveMaximum);
        set("--topic-alias-maximum", topicAliasMaximum, builder, builder::topicAliasMaximum);
        set("--max-retained", maxRetained, builder, builder::maxRetained);
        set("--max-unsent", maxUnsent, builder, builder::maxUnsent);
        set(
                "--max-subscriptions",
                maxSubscriptions,
                builder,
                count -> builder.subscriptions(SubscriptionOptions.defaults().withMaxPerClient(count)));
        QueueOptions usual = QueueOptions.defaults();
        set(
                "--queue-messages, --queue-bytes",
                Optional.of(usual),
                builder,
                queue -> builder.queue(new QueueOptions(
                        queueMessages.orElse(queue.maxMessages()),
                        queueBytes.orElse(queue.maxBytes()),
                        queueFull.orElse(queue.whenFull()))));
        return builder.clientRates(rates()).build();
    }

    /** The same listener with the limits for each. */
    Listener limited(Listener listener) {
        Listener rated = connectionRate.map(listener::withConnectionRate).orElse(listener);
        if (maxListenerConnections.isEmpty()) {
            return rated;
        }
        try {
            return rated.withMaxConnections(maxListenerConnections.get());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--max-listener-connections: " + e.getMessage(), e);
        }
    }

    private ClientRates rates() {
        ClientRates rates = ClientRates.unlimited();
        rates = messageRate.map(rates::withMessages).orElse(rates);
        rates = byteRate.map(rates::withBytes).orElse(rates);
        return whenExceeded.map(rates::withWhenExceeded).orElse(rates);
    }

    /** Checks at once, so that the sentence can name the option. */
    private static <T> void set(String name, Optional<T> value, BrokerOptions.Builder builder, Consumer<T> setter) {
        if (value.isPresent()) {
            try {
                setter.accept(value.get());
                builder.build();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
            }
        }
    }
}

package io.mqttx.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Capabilities;
import io.mqttx.broker.api.ClientRates;
import io.mqttx.broker.api.ClientRates.WhenExceeded;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.Rate;
import io.mqttx.broker.api.SharedStrategy;
import io.mqttx.broker.api.SubscriptionOptions;
import io.mqttx.broker.api.SubscriptionOptions.Overlapping;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--max-packet-size=1023",
                "--max-packet-size=many",
                "--receive-maximum=0",
                "--topic-alias-maximum=65536",
                "--max-connections=0",
                "--max-listener-connections=0",
                "--connection-rate=0/s",
                "--message-rate=10",
                "--byte-rate=10/25h",
                "--when-exceeded=panic",
                "--connect-timeout=0s",
                "--idle-timeout=20h",
                "--max-subscriptions=0",
                "--queue-messages=-1",
                "--queue-bytes=-1",
                "--queue-full=wait",
                "--max-retained=-1",
                "--max-unsent=1",
                "--io-threads=0",
                "--io=pigeon",
                "--max-keep-alive=0s",
                "--versions=4",
                "--versions=",
                "--max-qos=3",
                "--shared-strategy=fair",
                "--sys-interval=often",
                "--port=65536",
                "--tls-port=8883",
                "--no-tcp",
                "--nonsense",
            })
    void aMistakeIsSaidInOneSentenceThatNamesTheOption(String word) throws InterruptedException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int exitCode = Main.run(nowhere(), printing(err), List.of("broker", word));

        String said = err.toString(UTF_8).strip();
        assertEquals(2, exitCode, said);
        assertEquals(1, said.lines().count(), said);
        String option = word.replaceAll("=.*", "");
        assertTrue(said.startsWith("mqttx broker: ") && said.contains(option), said);
        assertTrue(said.endsWith(". See mqttx broker --help."), said);
    }

    @Test
    void theDefaultsInTheHelpAreThoseOfTheBroker() throws InterruptedException {
        String help = help();
        BrokerOptions defaults = BrokerOptions.defaults();
        QueueOptions queue = defaults.queue();

        assertEquals(defaults, limits());
        for (Object value : List.of(
                defaults.maxConnections(),
                defaults.maxPacketSize(),
                defaults.receiveMaximum(),
                defaults.topicAliasMaximum(),
                defaults.subscriptions().maxPerClient(),
                defaults.maxRetained(),
                defaults.maxTopicLevels(),
                defaults.maxUnsent(),
                queue.maxMessages(),
                queue.maxBytes(),
                "10s",
                "15m",
                "drop-newest",
                "round-robin")) {
            assertTrue(help.contains("Default: " + value), value + " in " + help);
        }
    }

    @Test
    void everyOptionReachesTheBroker() {
        BrokerOptions options = limits(
                "--max-connections=7",
                "--message-rate=100/s",
                "--byte-rate=6000/1m",
                "--when-exceeded=refuse",
                "--connect-timeout=500ms",
                "--idle-timeout=0",
                "--max-packet-size=2048",
                "--receive-maximum=5",
                "--topic-alias-maximum=6",
                "--max-aliases-sent=12",
                "--max-subscriptions=8",
                "--queue-messages=9",
                "--queue-bytes=1000",
                "--queue-full=drop-oldest",
                "--max-retained=10",
                "--max-topic-levels=11",
                "--max-unsent=1024",
                "--max-keep-alive=10m",
                "--max-session-expiry=2h");

        assertEquals(7, options.maxConnections());
        assertEquals(
                new ClientRates(
                        Optional.of(Rate.perSecond(100)),
                        Optional.of(new Rate(6000, Duration.ofMinutes(1))),
                        WhenExceeded.REFUSE),
                options.clientRates());
        assertEquals(Duration.ofMillis(500), options.connectTimeout());
        assertEquals(Duration.ZERO, options.idleTimeout());
        assertEquals(2048, options.maxPacketSize());
        assertEquals(5, options.receiveMaximum());
        assertEquals(6, options.topicAliasMaximum());
        assertEquals(12, options.maxAliasesSent());
        assertEquals(8, options.subscriptions().maxPerClient());
        assertEquals(new QueueOptions(9, 1000, WhenFull.DROP_OLDEST), options.queue());
        assertEquals(10, options.maxRetained());
        assertEquals(11, options.maxTopicLevels());
        assertEquals(1024, options.maxUnsent());
        assertEquals(Duration.ofMinutes(10), options.maxKeepAlive());
        assertEquals(Duration.ofHours(2), options.maxSessionExpiry());
    }

    @Test
    void whatIsOfferedReachesTheBroker() {
        BrokerOptions options = features(
                "--versions=3.1.1,5",
                "--max-qos=1",
                "--no-retain",
                "--no-wildcards",
                "--no-shared",
                "--no-identifiers",
                "--check-payloads",
                "--copy-each",
                "--shared-strategy=topic-hash",
                "--pass-on",
                "--sys-interval=0");

        assertEquals(
                new Capabilities(
                        QoS.AT_LEAST_ONCE,
                        false,
                        false,
                        false,
                        false,
                        Set.of(ProtocolVersion.V3_1_1, ProtocolVersion.V5)),
                options.capabilities());
        assertTrue(options.checkPayloadFormat());
        assertEquals(
                new SubscriptionOptions(10_000, Overlapping.COPY_EACH, SharedStrategy.TOPIC_HASH, true),
                options.subscriptions());
        assertEquals(Duration.ZERO, options.sysInterval());
        assertEquals(BrokerOptions.defaults(), features());
    }

    @Test
    void anOptionIsSaidOnceAndWithItsValue() {
        assertEquals("--data is said twice", mistake("--data=a", "--data=b"));
        assertEquals("--data needs a value: DIR", mistake("--data"));
        assertEquals("--data needs a value: DIR", mistake("--data="));
        assertEquals("'x' is no option", mistake("--memory", "x"));
        assertEquals("--mem is no option", mistake("--mem"));
    }

    @Test
    void aWordThatIsNoCommandIsAMistake() throws InterruptedException {
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int exitCode = Main.run(nowhere(), printing(err), List.of("brooker", "--port=1"));

        assertEquals(2, exitCode);
        assertEquals(
                "mqttx: 'brooker' is no command. See mqttx --help.",
                err.toString(UTF_8).strip());
    }

    @Test
    void withoutACommandItSaysWhichThereAre() throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        int exitCode = Main.run(printing(out), nowhere(), List.of());

        assertEquals(0, exitCode);
        assertTrue(out.toString(UTF_8).contains("  broker "), out.toString(UTF_8));
    }

    @Test
    void noLineOfTheHelpIsWiderThanATerminal() throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        int ignored = Main.run(printing(out), nowhere(), List.of("broker", "--help"));

        assertEquals(
                List.of(),
                out.toString(UTF_8).lines().filter(line -> line.length() > 80).toList());
    }

    @Test
    void everyListenerGetsItsLimits() {
        LimitOptions limits = new LimitOptions(
                Words.read(LimitOptions.ALL, List.of("--connection-rate=50/s", "--max-listener-connections=3")));

        Listener listener = limits.limited(Listener.tcp("127.0.0.1", 1883));

        assertEquals(Optional.of(Rate.perSecond(50)), listener.connectionRate());
        assertEquals(3, listener.maxConnections());
    }

    @Test
    void timesAndRatesAreWrittenWithUnits() {
        assertEquals(Duration.ofSeconds(10), Quantities.duration("10"));
        assertEquals(Duration.ofHours(2), Quantities.duration("2h"));
        assertEquals(new Rate(5, Duration.ofMillis(100)), Quantities.rate("5/100ms"));
        assertThrows(IllegalArgumentException.class, () -> Quantities.duration("1 day"));
        assertThrows(IllegalArgumentException.class, () -> Quantities.rate("x/s"));
        assertThrows(IllegalArgumentException.class, () -> Quantities.rate("5/"));
    }

    private static String help() throws InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(0, Main.run(printing(out), nowhere(), List.of("broker", "--help")));
        return out.toString(UTF_8).replaceAll("\\s+", " ");
    }

    private static String mistake(String... words) {
        return assertThrows(IllegalArgumentException.class, () -> Words.read(StorageOptions.ALL, List.of(words)))
                .getMessage();
    }

    private static PrintStream printing(OutputStream to) {
        return new PrintStream(to, true, UTF_8);
    }

    private static PrintStream nowhere() {
        return printing(OutputStream.nullOutputStream());
    }

    private static BrokerOptions limits(String... words) {
        BrokerOptions.Builder builder = BrokerOptions.builder();
        new LimitOptions(Words.read(LimitOptions.ALL, List.of(words))).apply(builder);
        return builder.build();
    }

    private static BrokerOptions features(String... words) {
        BrokerOptions.Builder builder = BrokerOptions.builder();
        new FeatureOptions(Words.read(FeatureOptions.ALL, List.of(words))).apply(builder);
        return builder.build();
    }
}

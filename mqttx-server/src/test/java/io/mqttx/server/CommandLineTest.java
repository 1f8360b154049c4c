package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.ClientRates;
import io.mqttx.broker.api.ClientRates.WhenExceeded;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.api.QueueOptions;
import io.mqttx.broker.api.QueueOptions.WhenFull;
import io.mqttx.broker.api.Rate;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.TypeConversionException;

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
                "--tls-port=8883",
                "--no-tcp",
                "--nonsense",
            })
    void aMistakeIsSaidInOneSentenceThatNamesTheOption(String word) {
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().setErr(new PrintWriter(err, true));

        int exitCode = command.execute("broker", word);

        String said = err.toString().strip();
        assertEquals(2, exitCode, said);
        assertEquals(1, said.lines().count(), said);
        String option = word.contains("queue-bytes") ? "--queue-messages, --queue-bytes" : word.replaceAll("=.*", "");
        assertTrue(said.startsWith("mqttx broker: ") && said.contains(option), said);
        assertTrue(said.endsWith(". See mqttx broker --help."), said);
    }

    @Test
    void theDefaultsInTheHelpAreThoseOfTheBroker() {
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
                defaults.maxUnsent(),
                queue.maxMessages(),
                queue.maxBytes(),
                "10s",
                "15m",
                "drop-newest")) {
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
                "--max-subscriptions=8",
                "--queue-messages=9",
                "--queue-bytes=1000",
                "--queue-full=drop-oldest",
                "--max-retained=10",
                "--max-unsent=1024");

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
        assertEquals(8, options.subscriptions().maxPerClient());
        assertEquals(new QueueOptions(9, 1000, WhenFull.DROP_OLDEST), options.queue());
        assertEquals(10, options.maxRetained());
        assertEquals(1024, options.maxUnsent());
    }

    @Test
    void everyListenerGetsItsLimits() {
        LimitOptions limits = parsed("--connection-rate=50/s", "--max-listener-connections=3");

        Listener listener = limits.limited(Listener.tcp("127.0.0.1", 1883));

        assertEquals(Optional.of(Rate.perSecond(50)), listener.connectionRate());
        assertEquals(3, listener.maxConnections());
    }

    @Test
    void timesAndRatesAreWrittenWithUnits() {
        assertEquals(Duration.ofSeconds(10), Quantities.duration("10"));
        assertEquals(Duration.ofHours(2), Quantities.duration("2h"));
        assertEquals(new Rate(5, Duration.ofMillis(100)), Quantities.rate("5/100ms"));
        assertThrows(TypeConversionException.class, () -> Quantities.duration("1 day"));
        assertThrows(TypeConversionException.class, () -> Quantities.rate("x/s"));
        assertThrows(TypeConversionException.class, () -> Quantities.rate("5/"));
    }

    private static String help() {
        StringWriter out = new StringWriter();
        assertEquals(0, Main.commandLine().setOut(new PrintWriter(out, true)).execute("broker", "--help"));
        return out.toString().replaceAll("\\s+", " ");
    }

    private static BrokerOptions limits(String... words) {
        return parsed(words).brokerOptions();
    }

    private static LimitOptions parsed(String... words) {
        LimitOptions limits = new LimitOptions();
        Quantities.teach(new CommandLine(CommandSpec.create()).addMixin("limits", limits))
                .parseArgs(words);
        return limits;
    }
}

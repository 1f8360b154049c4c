package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker serves {@code mosquitto_pub} and {@code mosquitto_sub}, in every version they speak. */
class MosquittoClientsIT {
    private static final String SUBSCRIBED = "Subscribed \\(mid: .*";

    private static BrokerProcess broker;

    @BeforeAll
    static void startBroker() {
        boolean installed = List.of(System.getenv("PATH").split(File.pathSeparator)).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "mosquitto_pub")));
        boolean required = "true".equals(System.getenv("CI")) || "true".equals(System.getenv("MQTTX_REQUIRE_TOOLS"));
        if (!required) {
            assumeTrue(installed, "mosquitto_pub is not installed (Debian: mosquitto-clients)");
        }
        assertTrue(installed, "mosquitto_pub is needed here and not installed (Debian: mosquitto-clients)");
        broker = BrokerProcess.start();
    }

    @AfterAll
    static void stopBroker() {
        if (broker != null) {
            broker.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "mqttv31, 0", "mqttv31, 1", "mqttv31, 2",
        "mqttv311, 0", "mqttv311, 1", "mqttv311, 2",
        "mqttv5, 0", "mqttv5, 1", "mqttv5, 2",
    })
    void aMessageArrivesOnce(String version, String qos) {
        String topic = "once/" + version + "/" + qos;
        try (RunningCommand subscriber = subscribe(version, "-q", qos, "-t", topic, "-C", "2")) {
            publish(version, "-q", qos, "-t", topic, "-m", "first");
            publish(version, "-q", qos, "-t", topic, "-m", "last");

            assertEquals(0, subscriber.awaitEnd());
            assertEquals(List.of(topic + " first", topic + " last"), messages(subscriber));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    void aRetainedMessageArrivesAfterTheFact(String version) {
        publish(version, "-q", "1", "-r", "-t", "kept/" + version + "/a", "-m", "kept");
        publish(version, "-q", "1", "-r", "-t", "kept/" + version + "/b", "-m", "gone");
        publish(version, "-q", "1", "-r", "-t", "kept/" + version + "/b", "-n");

        try (RunningCommand subscriber = subscribe(version, "-t", "kept/" + version + "/#", "-C", "1")) {
            assertEquals(0, subscriber.awaitEnd());
            assertEquals(List.of("kept/" + version + "/a kept"), messages(subscriber));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    void theWillOfAKilledClientIsPublished(String version) {
        String topic = "will/" + version;
        try (RunningCommand watcher = subscribe("mqttv5", "-q", "2", "-t", topic, "-C", "1");
                RunningCommand dying = subscribe(
                        version,
                        "-t",
                        "elsewhere",
                        "--will-topic",
                        topic,
                        "--will-payload",
                        "dead",
                        "--will-qos",
                        "2")) {
            dying.process().destroyForcibly();

            assertEquals(0, watcher.awaitEnd());
            assertEquals(List.of(topic + " dead"), messages(watcher));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mqttv31", "mqttv311", "mqttv5"})
    void wildcardsMatchLevelsAndLeaveTheBrokersOwnTopicsAlone(String version) {
        String root = "wild/" + version;
        try (RunningCommand one = subscribe(version, "-q", "1", "-t", root + "/+/c", "-C", "1");
                RunningCommand all = subscribe(version, "-q", "1", "-t", "#", "-T", "$SYS/#", "-C", "1");
                RunningCommand own = subscribe(version, "-t", "$SYS/broker/version", "-C", "1")) {
            publish(version, "-q", "1", "-t", root + "/b/c", "-m", "x");

            assertEquals(0, one.awaitEnd());
            assertEquals(List.of(root + "/b/c x"), messages(one));
            assertEquals(0, all.awaitEnd());
            assertTrue(
                    messages(all).get(0).startsWith(root)
                            || messages(all).get(0).startsWith("kept/"),
                    "" + all.lines());
            assertEquals(0, own.awaitEnd());
            assertTrue(messages(own).get(0).startsWith("$SYS/broker/version MqttX"), "" + own.lines());
        }
    }

    @ParameterizedTest
    @CsvSource({"mqttv31, 0", "mqttv31, 2", "mqttv311, 1", "mqttv311, 2", "mqttv5, 0", "mqttv5, 1", "mqttv5, 2"})
    void aPayloadOf256KilobytesArrivesAsItWas(String version, String qos, @TempDir Path folder) throws IOException {
        byte[] payload = new byte[256 << 10];
        for (int i = 0; i < payload.length; i++) {
            payload[i] = (byte) ('a' + i % 23);
        }
        Path sent = Files.write(folder.resolve("payload"), payload);
        String topic = "large/" + version + "/" + qos;

        try (RunningCommand subscriber = subscribe(version, "-q", qos, "-t", topic, "-C", "1")) {
            publish(version, "-q", qos, "-t", topic, "-f", sent.toString());

            assertEquals(0, subscriber.awaitEnd());
            String expected = topic + " " + Files.readString(sent);
            assertEquals(List.of(expected), messages(subscriber));
        }
    }

    @Test
    void messagesWaitForASessionThatWasLeft() {
        try (RunningCommand first =
                start("mosquitto_sub", "mqttv5", "-x", "60", "-c", "-i", "left", "-q", "1", "-t", "left", "-E")) {
            assertEquals(0, first.awaitEnd());
        }
        publish("mqttv311", "-q", "1", "-t", "left", "-m", "while away");

        try (RunningCommand again = start(
                "mosquitto_sub", "mqttv5", "-v", "-x", "0", "-c", "-i", "left", "-q", "1", "-t", "left", "-C", "1")) {
            assertEquals(0, again.awaitEnd());
            assertEquals(List.of("left while away"), messages(again));
        }
    }

    private static RunningCommand subscribe(String version, String... options) {
        List<String> words = new ArrayList<>(List.of("-d", "-v"));
        words.addAll(List.of(options));
        RunningCommand command = start("mosquitto_sub", version, words.toArray(String[]::new));
        try {
            command.awaitLine(SUBSCRIBED);
            return command;
        } catch (AssertionError e) {
            command.close();
            throw e;
        }
    }

    private static void publish(String version, String... options) {
        try (RunningCommand command = start("mosquitto_pub", version, options)) {
            assertEquals(0, command.awaitEnd(), () -> "" + command.lines());
        }
    }

    private static RunningCommand start(String program, String version, String... options) {
        // By lines: into a pipe the program would print nothing before its end.
        List<String> words = new ArrayList<>(List.of(
                "stdbuf", "-oL", program, "-h", "127.0.0.1", "-p", Integer.toString(broker.port()), "-V", version));
        words.addAll(List.of(options));
        return RunningCommand.start(words);
    }

    /** What mosquitto_sub printed of messages; its debug lines begin with a word of their own. */
    private static List<String> messages(RunningCommand subscriber) {
        return subscriber.lines().stream()
                .filter(line -> !line.startsWith("Client ") && !line.matches(SUBSCRIBED))
                .toList();
    }
}

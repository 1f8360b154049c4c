package io.mqttx.server.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.server.BrokerProcess;
import io.mqttx.server.RunningCommand;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories that a broker cannot use, and a disk that is full or slow for a while. */
class DiskFaultsIT {
    private static final int PATIENCE = 20_000; // ms

    @TempDir
    Path place;

    @Test
    void aDirectoryThatCannotBeUsedIsSaidInOneSentence() throws IOException {
        Path file = Files.createFile(place.resolve("file"));
        assertEquals("mqttx broker: " + file + " is no directory", refusal(file));

        Path data = place.resolve("data");
        try (BrokerProcess broker = start(data)) {
            assertEquals("mqttx broker: " + data + " is in use by another broker", refusal(data));
            broker.kill();
        }
        Files.writeString(data.resolve("CURRENT"), "nonsense");
        String refusal = refusal(data);
        assertTrue(refusal.startsWith("mqttx broker: ") && refusal.contains(data.toString()), refusal);
    }

    @Test
    void aFullDiskRefusesWhatItWouldHaveToKeepAndNothingElse() throws Exception {
        Path small = Files.createDirectory(place.resolve("small"));
        assumeTrue(ran("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", small.toString()), "cannot mount a disk");
        try {
            Path ballast = Files.write(small.resolve("ballast"), new byte[14 << 20]);
            try (BrokerProcess broker = start(small.resolve("data"))) {
                Set<Integer> acknowledged = fill(broker.port());
                assertFalse(acknowledged.isEmpty());
                refusesWhatItWouldKeep(broker.port());
                servesTheRest(broker.port());
                Files.delete(ballast);
                acknowledged.add(publishOnceItWorks(broker.port()));
                broker.kill();
                assertFalse(broker.lines().toString().contains("\tat "), () -> "" + broker.lines());
                try (BrokerProcess next = start(small.resolve("data"))) {
                    assertEquals(Set.of(), missing(next.port(), acknowledged));
                }
            }
        } finally {
            assertTrue(ran("umount", "-l", small.toString()));
        }
    }

    @Test
    void aDirectoryThatMayOnlyBeReadIsSaidInOneSentence() throws Exception {
        Path disk = Files.createDirectory(place.resolve("disk"));
        assumeTrue(ran("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString()), "cannot mount a disk");
        try {
            Path data = disk.resolve("data");
            try (BrokerProcess broker = start(data)) {
                broker.stop();
            }
            assertTrue(ran("mount", "-o", "remount,ro", disk.toString()));
            assertEquals("mqttx broker: the directory " + data + " may not be written to", refusal(data));
        } finally {
            assertTrue(ran("umount", "-l", disk.toString()));
        }
    }

    /** Of each kind of file; of the log a length, which made RocksDB drop what followed without a word. */
    @Test
    void aWrongByteIsSaidInOneSentence() throws Exception {
        Path data = place.resolve("data");
        for (int start = 0; start < 2; start++) { // the second puts what the first had logged into a sorted file
            try (BrokerProcess broker = start(data)) {
                subscribeAndLeave(broker.port());
                publish(broker.port(), 10 * start, 10);
                broker.kill();
            }
        }
        for (String kind : List.of(".*\\.sst", "\\d+\\.log", "MANIFEST-.*", "CURRENT")) {
            Path damaged = copy(data, "damaged" + kind.replaceAll("\\W", ""));
            Path file = files(damaged, kind).get(0);
            byte[] bytes = Files.readAllBytes(file);
            bytes[kind.contains("log") ? 4 : bytes.length / 2] ^= 64; // of a log: the length of its first record
            Files.write(file, bytes);
            String refusal = refusal(damaged);
            assertTrue(refusal.startsWith("mqttx broker: ") && refusal.contains(damaged.toString()), refusal);
        }
    }

    @Test
    void aSlowDiskMakesAcknowledgementsLateAndNothingElse() throws Exception {
        Preloaded.needACompiler();
        Path data = Files.createDirectory(place.resolve("data")).toRealPath();
        Path lever = place.resolve("slow");
        Map<String, String> slow = Map.of(
                "LD_PRELOAD", Preloaded.library("slowdisk", place).toString(),
                "SLOWDISK_DIRECTORY", data.toString(),
                "SLOWDISK_SWITCH", lever.toString(),
                "SLOWDISK_MILLIS", "2000");
        try (BrokerProcess broker = BrokerProcess.start(slow, List.of("--data", data.toString()))) {
            subscribeAndLeave(broker.port());
            Files.createFile(lever);
            try (Wire publisher = Wire.open(broker.port(), new Connect(ProtocolVersion.V5, "p", true))) {
                publisher.greeting();
                publisher.send(message(1, QoS.AT_LEAST_ONCE, 1));
                for (int i = 0; i < 10; i++) {
                    servesTheRest(broker.port());
                }
                assertEquals(Optional.empty(), publisher.next(1), "all of that was faster than the disk");
                assertEquals(ReasonCode.SUCCESS, ((PubAck) next(publisher)).reason());
            }
            broker.kill();
            assertFalse(broker.lines().toString().contains("\tat "), () -> "" + broker.lines());
        }
        try (BrokerProcess next = start(data)) {
            assertEquals(Set.of(), missing(next.port(), Set.of(1)));
        }
    }

    private static void subscribeAndLeave(int port) throws IOException {
        try (Wire subscriber = Wire.open(port, persistent(ProtocolVersion.V5, "away"))) {
            assertEquals(ReasonCode.SUCCESS, subscriber.greeting().reason());
            subscriber.send(new Subscribe(1, List.of(new Subscription(TopicFilter.of("t"), QoS.AT_LEAST_ONCE))));
            next(subscriber);
        }
    }

    /** Sends so many messages, each when the one before is acknowledged; their numbers. */
    private static Set<Integer> publish(int port, int first, int count) throws IOException {
        Set<Integer> acknowledged = new HashSet<>();
        try (Wire publisher = Wire.open(port, new Connect(ProtocolVersion.V5, "p", true))) {
            publisher.greeting();
            for (int number = first; number < first + count; number++) {
                publisher.send(message(number, QoS.AT_LEAST_ONCE, 1));
                assertEquals(ReasonCode.SUCCESS, ((PubAck) next(publisher)).reason());
                acknowledged.add(number);
            }
        }
        return acknowledged;
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = Files.createDirectory(place.resolve(name));
        for (Path file : files(from, ".*")) {
            Files.copy(file, to.resolve(file.getFileName()));
        }
        return to;
    }

    private static List<Path> files(Path directory, String pattern) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches(pattern))
                    .sorted(Comparator.comparingLong(file -> -file.toFile().length())) // the largest first
                    .toList();
        }
    }

    /** Sends for somebody who is away until it is refused; the numbers of what was acknowledged. */
    private static Set<Integer> fill(int port) throws IOException {
        subscribeAndLeave(port);
        Set<Integer> acknowledged = new HashSet<>();
        try (Wire publisher = Wire.open(port, new Connect(ProtocolVersion.V5, "p", true))) {
            publisher.greeting();
            for (int number = 1; number < 3000; number++) {
                publisher.send(message(number, QoS.AT_LEAST_ONCE, number));
                Optional<Packet> answer = publisher.next(500);
                if (answer.isEmpty()) {
                    return acknowledged; // it waits for the disk, and so does what would come behind it
                }
                PubAck ack = (PubAck) answer.get();
                if (ack.reason() == ReasonCode.QUOTA_EXCEEDED) {
                    return acknowledged;
                }
                assertEquals(ReasonCode.SUCCESS, ack.reason());
                acknowledged.add(number);
            }
        }
        throw new AssertionError("the disk does not fill up");
    }

    private static void refusesWhatItWouldKeep(int port) throws IOException {
        try (Wire publisher = Wire.open(port, new Connect(ProtocolVersion.V5, "p5", true))) {
            publisher.greeting();
            publisher.send(message(5000, QoS.AT_LEAST_ONCE, 1));
            assertEquals(ReasonCode.QUOTA_EXCEEDED, ((PubAck) next(publisher)).reason());
        }
        try (Wire publisher = Wire.open(port, new Connect(ProtocolVersion.V3_1_1, "p3", true))) {
            publisher.greeting();
            publisher.send(message(5001, QoS.AT_LEAST_ONCE, 1));
            assertThrows(IOException.class, () -> publisher.next(PATIENCE));
        }
        try (Wire newcomer = Wire.open(port, persistent(ProtocolVersion.V5, "newcomer"))) {
            ConnAck refused = newcomer.greeting();
            assertTrue(refused.reason().isError(), refused::toString);
        }
    }

    private static void servesTheRest(int port) throws IOException {
        try (Wire client = Wire.open(port, new Connect(ProtocolVersion.V3_1_1, "transient", true))) {
            assertEquals(ReasonCode.SUCCESS, client.greeting().reason());
            client.send(new Subscribe(1, List.of(new Subscription(TopicFilter.of("u"), QoS.AT_MOST_ONCE))));
            next(client);
            client.send(new Publish(TopicName.of("u"), ByteBuffer.wrap(Inbox.payload(1, 0))));
            assertEquals("u", ((Publish) next(client)).topic().toString());
        }
    }

    private static int publishOnceItWorks(int port) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE);
        try (Wire publisher = Wire.open(port, new Connect(ProtocolVersion.V5, "p6", true))) {
            publisher.greeting();
            for (int number = 6000; System.nanoTime() < deadline; number++) {
                publisher.send(message(number, QoS.AT_LEAST_ONCE, 1));
                if (((PubAck) next(publisher)).reason() == ReasonCode.SUCCESS) {
                    return number;
                }
                publisher.next(200); // nothing comes: a pause
            }
        }
        throw new AssertionError("there is room, and the broker still refuses");
    }

    private static Set<Integer> missing(int port, Set<Integer> acknowledged) throws IOException {
        Set<Integer> missing = new HashSet<>(acknowledged);
        try (Wire subscriber = Wire.open(port, persistent(ProtocolVersion.V5, "away"))) {
            assertTrue(subscriber.greeting().sessionPresent());
            Optional<Packet> packet = subscriber.next(PATIENCE);
            while (packet.isPresent() && !missing.isEmpty()) {
                Publish publish = (Publish) packet.get();
                missing.remove(Inbox.number(publish));
                subscriber.send(new PubAck(publish.packetId()));
                packet = missing.isEmpty() ? Optional.empty() : subscriber.next(2000);
            }
        }
        return missing;
    }

    private static Publish message(int number, QoS qos, int packetId) {
        return new Publish(qos, false, TopicName.of("t"), packetId, ByteBuffer.wrap(Inbox.payload(number, 20_000)));
    }

    private static Connect persistent(ProtocolVersion version, String clientId) {
        return new Connect(version, clientId, false)
                .withProperties(Properties.of(Property.SESSION_EXPIRY_INTERVAL, 3600L));
    }

    private static Packet next(Wire wire) throws IOException {
        return wire.next(PATIENCE).orElseThrow(() -> new IOException("nothing comes"));
    }

    private static BrokerProcess start(Path data) {
        return BrokerProcess.start(Map.of(), List.of("--data", data.toString()));
    }

    private static String refusal(Path data) {
        List<String> words =
                List.of(BrokerProcess.launcher().toString(), "broker", "--port", "0", "--data", data.toString());
        try (RunningCommand command = RunningCommand.start(words)) {
            assertEquals(1, command.awaitEnd());
            assertEquals(1, command.lines().size(), () -> "" + command.lines());
            return command.lines().get(0);
        }
    }

    private static boolean ran(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // no such command
        }
    }
}

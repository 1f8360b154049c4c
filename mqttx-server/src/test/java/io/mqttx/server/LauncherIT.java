package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What people meet who have just cloned the repository: the launcher, its words, and a broker that stops when asked. */
class LauncherIT {
    private static final byte[] CONNECT =
            HexFormat.of().parseHex("100D 0004 4D515454 05 02 003C 00 0000".replace(" ", ""));

    @Test
    void itTellsItsVersion() {
        try (RunningCommand command =
                RunningCommand.start(List.of(BrokerProcess.launcher().toString(), "--version"))) {
            assertEquals(0, command.awaitEnd());
            assertTrue(command.lines().get(0).matches("mqttx \\d+\\.\\d+\\.\\d+.*"), "" + command.lines());
        }
    }

    @Test
    void aSecondStartBuildsNothing() {
        try (RunningCommand command =
                RunningCommand.start(List.of(BrokerProcess.launcher().toString(), "--version"))) {
            command.awaitEnd();
            assertEquals(1, command.lines().size(), "" + command.lines());
        }
    }

    @Test
    void aBrokerStartsFromAnArchiveOfItsClasses() throws IOException {
        assertTrue(Files.size(archiveOfABroker()) > 1_000_000);
    }

    @Test
    void anArchiveThatDoesNotFitIsLeftAsideWithoutAWord() throws IOException {
        Path archive = archiveOfABroker();
        try {
            Files.delete(archive);
            Files.writeString(archive, "no archive");

            try (BrokerProcess broker = BrokerProcess.start()) {
                broker.awaitLine("State is kept in memory.*");
                assertEquals(2, broker.lines().size(), "" + broker.lines());
            }
        } finally {
            Files.delete(archive);
        }
    }

    @Test
    void anArchiveThatIsOlderThanTheProgramIsMadeAnew() throws IOException {
        Path archive = archiveOfABroker();
        Files.setLastModifiedTime(archive, FileTime.from(Instant.EPOCH));

        assertEquals(archive, archiveOfABroker());

        assertTrue(Files.getLastModifiedTime(archive).toInstant().isAfter(Instant.EPOCH));
        assertTrue(Files.size(archive) > 1_000_000);
    }

    @Test
    void whereNoArchiveCouldBeMadeABrokerStartsWithoutOne() throws IOException {
        Path archive = archiveOfABroker();
        try {
            Files.delete(archive);
            Files.createFile(archive); // what the launcher leaves when it failed to make one

            try (BrokerProcess broker = BrokerProcess.start()) {
                assertTrue(archiveNamedBy(broker).isEmpty());
            }
        } finally {
            Files.delete(archive);
        }
    }

    @Test
    void theProcessOfTheLauncherIsTheBrokerAndStopsOnSigterm() {
        try (BrokerProcess broker = BrokerProcess.start()) {
            String program = ProcessHandle.of(broker.pid())
                    .orElseThrow()
                    .info()
                    .command()
                    .orElse("");
            assertTrue(program.endsWith("java"), program);

            int exitCode = broker.stop();

            assertEquals(143, exitCode); // 128 and SIGTERM
            broker.awaitLine("Stopped\\.");
        }
    }

    @Test
    void itSaysWhereItListensAndHowItKeepsItsState() {
        try (BrokerProcess broker = BrokerProcess.start("--memory")) {
            broker.awaitLine("State is kept in memory.*");
            assertEquals(2, broker.lines().size(), "" + broker.lines());
        }
    }

    @Test
    void aPortInUseIsSaidInOneSentence() {
        try (BrokerProcess broker = BrokerProcess.start();
                RunningCommand second = RunningCommand.start(List.of(
                        BrokerProcess.launcher().toString(), "broker", "--port", Integer.toString(broker.port())))) {
            assertEquals(1, second.awaitEnd());
            assertEquals(1, second.lines().size(), "" + second.lines());
            assertTrue(
                    second.lines().get(0).contains("cannot listen at 127.0.0.1:" + broker.port()), "" + second.lines());
        }
    }

    @Test
    void clientsAreToldThatTheBrokerStops() throws IOException {
        try (BrokerProcess broker = BrokerProcess.start();
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), broker.port())) {
            socket.getOutputStream().write(CONNECT);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertEquals(0x20, in.read()); // CONNACK
            in.readFully(new byte[in.read()]);

            broker.stop();

            assertEquals("E0018B", HexFormat.of().withUpperCase().formatHex(in.readAllBytes()));
        }
    }

    /** Starts a broker, and tells which archive it was given. */
    private static Path archiveOfABroker() {
        try (BrokerProcess broker = BrokerProcess.start()) {
            return archiveNamedBy(broker).orElseThrow();
        }
    }

    private static Optional<Path> archiveNamedBy(BrokerProcess broker) {
        String[] words =
                ProcessHandle.of(broker.pid()).orElseThrow().info().arguments().orElseThrow();
        return Stream.of(words)
                .filter(word -> word.startsWith("-XX:SharedArchiveFile=") || word.startsWith("-XX:AOTCache="))
                .map(word -> Path.of(word.substring(word.indexOf('=') + 1)))
                .findFirst();
    }
}

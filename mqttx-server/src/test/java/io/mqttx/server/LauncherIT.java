package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HexFormat;
import java.util.List;
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
}

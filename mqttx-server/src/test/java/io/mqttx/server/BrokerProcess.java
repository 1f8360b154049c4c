package io.mqttx.server;

import io.mqttx.conformance.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The broker as people run it: a process of its own, started by the launcher, on a port of the machine's choice. */
public final class BrokerProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("Listening for MQTT at 127\\.0\\.0\\.1:(\\d+) .*");

    private final RunningCommand command;
    private final int port;

    private BrokerProcess(RunningCommand command, int port) {
        this.command = command;
        this.port = port;
    }

    static BrokerProcess start(String... options) {
        return start(Map.of(), List.of(options));
    }

    /** With variables beside those of this process. */
    public static BrokerProcess start(Map<String, String> variables, List<String> options) {
        List<String> words = new ArrayList<>(List.of(launcher().toString(), "broker", "--port", "0"));
        words.addAll(options);
        RunningCommand command = RunningCommand.start(words, variables);
        try {
            Matcher line = LISTENING.matcher(command.awaitLine(LISTENING.pattern()));
            if (!line.matches()) {
                throw new IllegalStateException("no port in " + line);
            }
            return new BrokerProcess(command, Integer.parseInt(line.group(1)));
        } catch (AssertionError e) {
            command.close();
            throw e;
        }
    }

    public static Path launcher() {
        return Repository.root().resolve("bin").resolve("mqttx");
    }

    public int port() {
        return port;
    }

    /** The port of another listener, by its kind as the broker says it. */
    int port(String kind) {
        Pattern pattern = Pattern.compile("Listening for MQTT at 127\\.0\\.0\\.1:(\\d+)\\S* \\(" + kind + ", .*");
        Matcher line = pattern.matcher(command.awaitLine(pattern.pattern()));
        if (!line.matches()) {
            throw new IllegalStateException("no port in " + line);
        }
        return Integer.parseInt(line.group(1));
    }

    public long pid() {
        return command.process().pid();
    }

    /** What it has printed so far. */
    public List<String> lines() {
        return command.lines();
    }

    public String awaitLine(String pattern) {
        return command.awaitLine(pattern);
    }

    /** Asks it to stop as an operator does, and waits until it has. */
    public int stop() {
        command.process().toHandle().destroy(); // SIGTERM; Process.destroy would close its output as well
        try {
            if (!command.process().waitFor(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the broker does not stop; it printed " + lines());
            }
            return command.process().exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UncheckedIOException(new IOException(e));
        }
    }

    /** kill -9, and waits until it is gone. */
    public void kill() {
        command.kill();
    }

    @Override
    public void close() {
        command.close();
    }
}

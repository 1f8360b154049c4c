package io.mqttx.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that runs beside the test, with all that it prints. Ended with the test. */
public final class RunningCommand implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Process process;
    private final List<String> lines = new ArrayList<>(); // guarded by itself
    private final Thread reader;

    private RunningCommand(Process process) {
        this.process = process;
        this.reader = new Thread(this::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    public static RunningCommand start(List<String> words) {
        return start(words, Map.of());
    }

    /** With variables beside those of this process. */
    public static RunningCommand start(List<String> words, Map<String, String> variables) {
        ProcessBuilder builder = new ProcessBuilder(words).redirectErrorStream(true);
        builder.environment().putAll(variables);
        try {
            return new RunningCommand(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Process process() {
        return process;
    }

    public List<String> lines() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** Waits for a line that matches, and returns it. */
    public String awaitLine(String pattern) {
        return awaitLine(pattern, PATIENCE);
    }

    /** The same for a program that needs that long, on a machine that is busy. */
    String awaitLine(String pattern, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (lines) {
            while (true) {
                for (String line : lines) {
                    if (line.matches(pattern)) {
                        return line;
                    }
                }
                long left = deadline - System.nanoTime();
                boolean over = !process.isAlive() && !reader.isAlive();
                if (left <= 0 || over) {
                    throw new AssertionError("no line like " + pattern + " in " + lines);
                }
                waitForMore(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)));
            }
        }
    }

    /** Waits for its end and returns its exit code. */
    public int awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("it does not end; it printed " + lines());
            }
            reader.join(PATIENCE.toMillis());
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Ends it as the system ends what it wants to be rid of, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void waitForMore(long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedWait(lines, nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void read() {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException e) {
            // the process was ended: there is no more to read
        }
    }
}

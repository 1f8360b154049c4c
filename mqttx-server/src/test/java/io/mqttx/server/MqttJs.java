package io.mqttx.server;

import io.mqttx.conformance.Repository;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A process of node with as many clients of MQTT.js as wanted; how it is spoken to stands in {@code peer.mjs}. */
final class MqttJs implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final Process process;
    private final BufferedWriter commands;
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, CompletableFuture<String>> answers = new ConcurrentHashMap<>();
    private final Map<String, Inbox> inboxes = new ConcurrentHashMap<>();

    private MqttJs(Process process) {
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        Thread reader = new Thread(this::read, "output of node");
        reader.setDaemon(true);
        reader.start();
    }

    static Path folder() {
        return Repository.root().resolve("mqttx-server/src/test/js");
    }

    /** Whether {@code npm ci} was called there. */
    static boolean isInstalled() {
        return Files.isDirectory(folder().resolve("node_modules/mqtt"));
    }

    static MqttJs start() {
        try {
            return new MqttJs(
                    new ProcessBuilder("node", folder().resolve("peer.mjs").toString())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client that is yet to connect. */
    Client client(String name) {
        return new Client(name);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private String call(String command, Object... words) {
        String number = Integer.toString(numbers.incrementAndGet());
        CompletableFuture<String> answer = new CompletableFuture<>();
        answers.put(number, answer);
        StringBuilder line = new StringBuilder(command).append(' ').append(number);
        for (Object word : words) {
            line.append(' ').append(word);
        }
        try {
            synchronized (commands) {
                commands.write(line.append('\n').toString());
                commands.flush();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                List<String> words = List.of(line.split(" "));
                switch (words.get(0)) {
                    case "ok" -> answers.remove(words.get(1)).complete(words.get(2));
                    case "error" -> answers.remove(words.get(1)).completeExceptionally(new AssertionError(line));
                    default -> inboxes.get(words.get(1)).add(message(words));
                }
            }
        } catch (IOException e) {
            // the process was ended: there is no more to read
        }
    }

    private static PeerClient.Received message(List<String> words) {
        byte[] payload = Base64.getDecoder().decode(words.get(5).substring(1));
        return new PeerClient.Received(
                words.get(2), payload, Integer.parseInt(words.get(3)), Boolean.parseBoolean(words.get(4)));
    }

    /** One client. */
    final class Client {
        private final String name;
        private final Inbox inbox = new Inbox();

        Client(String name) {
            this.name = name;
            inboxes.put(name, inbox);
        }

        /** Connects, with a will to this topic unless that is {@code -}; tells whether the session was present. */
        boolean connect(int version, String url, boolean cleanStart, Path authority, String will) {
            String ca = url.startsWith("mqtts:") || url.startsWith("wss:") ? authority.toString() : "-";
            return Boolean.parseBoolean(call("connect", name, version, url, cleanStart, ca, will));
        }

        int subscribe(String filter, int qos) {
            return Integer.parseInt(call("subscribe", name, filter, qos));
        }

        void unsubscribe(String filter) {
            call("unsubscribe", name, filter);
        }

        void publish(String topic, byte[] payload, int qos, boolean retain) {
            call("publish", name, topic, qos, retain, "=" + Base64.getEncoder().encodeToString(payload));
        }

        List<PeerClient.Received> await(int count) throws InterruptedException {
            return inbox.await(count);
        }

        void disconnect() {
            call("disconnect", name);
        }

        /** Drops the connection without a word. */
        void breakOff() {
            call("break", name);
        }
    }
}

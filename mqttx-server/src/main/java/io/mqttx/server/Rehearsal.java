package io.mqttx.server;

import io.mqttx.client.ClientOptions;
import io.mqttx.client.MqttClient;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A short life of a broker, for the Java machine to write down which classes that takes: the command is put together, a
 * client connects, subscribes, publishes with every QoS and goes, and all is over. The launcher, {@code bin/mqttx}, runs
 * it once for each Java; brokers then start from the archive in half the time.
 */
final class Rehearsal {
    private static final Pattern PORT = Pattern.compile("Listening for MQTT at 127\\.0\\.0\\.1:(\\d+) .*");
    private static final int ROUNDS = 20;
    private static final int MESSAGES = 100; // as many as the broker takes at once

    private Rehearsal() {}

    /**
     * Plays it, and ends the process.
     *
     * @param args none
     */
    public static void main(String[] args) throws IOException {
        Main.prepare();
        PipedInputStream said = new PipedInputStream();
        PrintStream out = new PrintStream(new PipedOutputStream(said), true, StandardCharsets.UTF_8);
        Thread broker = new Thread(() -> serve(out), "broker");
        broker.setDaemon(true);
        broker.start();
        play(port(new BufferedReader(new InputStreamReader(said, StandardCharsets.UTF_8))));
        System.exit(0);
    }

    private static void serve(PrintStream out) {
        try {
            int ignored = Main.run(out, System.err, List.of("broker", "--port", "0"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does
        }
    }

    private static int port(BufferedReader said) throws IOException {
        String line = said.readLine();
        Matcher listening = PORT.matcher(line);
        if (!listening.matches()) {
            throw new UncheckedIOException(new IOException("no port in: " + line));
        }
        return Integer.parseInt(listening.group(1));
    }

    private static void play(int port) {
        try (MqttClient client = MqttClient.connect(ClientOptions.of("mqtt://127.0.0.1:" + port))) {
            client.subscribe("rehearsal/#", QoS.EXACTLY_ONCE, message -> {});
            for (int round = 0; round < ROUNDS; round++) {
                for (QoS qos : QoS.values()) {
                    publish(client, qos);
                }
            }
        }
    }

    private static void publish(MqttClient client, QoS qos) {
        List<CompletableFuture<ReasonCode>> answers = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            answers.add(client.publishAsync("rehearsal/" + i, new byte[16], qos));
        }
        answers.forEach(CompletableFuture::join);
    }
}

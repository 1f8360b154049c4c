package io.mqttx.benchmarks.clients;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * All clients in one scenario, in turns, each time in a new JVM; prints the medians as a table in Markdown.
 *
 * <pre>Compare PORT ROUNDS SCENARIO CLIENT...</pre>
 */
public final class Compare {
    private static final long LONGEST = 60; // seconds of one trial

    private Compare() {}

    /** Runs it. */
    @SuppressWarnings("SystemOut") // its result
    public static void main(String[] args) throws Exception {
        int rounds = Integer.parseInt(args[1]);
        List<String> clients = List.of(args).subList(3, args.length);
        Map<String, Map<String, List<Double>>> figures = new LinkedHashMap<>(); // by figure, then by client
        for (int round = 0; round < rounds; round++) {
            for (String client : clients) {
                if (!takesPart(client, args[2])) {
                    continue;
                }
                trial(client, args[2], args[0])
                        .forEach((figure, value) -> figures.computeIfAbsent(figure, none -> new TreeMap<>())
                                .computeIfAbsent(client, none -> new ArrayList<>())
                                .add(value));
            }
        }
        figures.forEach((figure, values) -> System.out.println(row(args[2], figure, values, clients)));
    }

    /** Those with a dash in their names are other ways to publish with the same client, or for one scenario alone. */
    private static boolean takesPart(String client, String scenario) {
        boolean trip = scenario.startsWith("roundtrip-");
        return !client.contains("-") || (trip ? client.startsWith("bare-") : scenario.startsWith("publish-"));
    }

    /** Scenario, figure, and for each client the median, and the least and the most. */
    private static String row(String scenario, String figure, Map<String, List<Double>> values, List<String> clients) {
        return "| " + scenario + " | " + figure + " | "
                + clients.stream()
                        .map(client -> cell(values.getOrDefault(client, List.of()).stream()
                                .sorted()
                                .toList()))
                        .collect(Collectors.joining(" | "))
                + " |";
    }

    private static String cell(List<Double> sorted) {
        return sorted.isEmpty()
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%,.0f (%,.0f to %,.0f)",
                        (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2,
                        sorted.get(0),
                        sorted.get(sorted.size() - 1));
    }

    /** The figures of one trial; none if it failed, because messages were lost, say. */
    @SuppressWarnings("SystemOut") // beside the result
    private static Map<String, Double> trial(String client, String scenario, String port)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path")));
        String more = System.getProperty("trial", "");
        command.addAll(more.isEmpty() ? List.of() : List.of(more.split(" ")));
        command.addAll(List.of(Trial.class.getName(), client, scenario, port));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            if (!process.waitFor(LONGEST, TimeUnit.SECONDS) || process.exitValue() != 0) {
                System.err.println(client + " failed in " + scenario + ": no figures of it in this round");
                return Map.of();
            }
            String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return printed.lines()
                    .collect(Collectors.toMap(
                            line -> line.substring(0, line.indexOf('=')),
                            line -> Double.valueOf(line.substring(line.indexOf('=') + 1)),
                            (one, other) -> one,
                            LinkedHashMap::new));
        } finally {
            process.destroyForcibly();
        }
    }
}

package io.mqttx.server;

import java.io.PrintStream;
import java.util.List;
import org.apache.commons.cli.Option;

/** The {@code mqttx} command, whose subcommands do the work. */
public final class Main {
    static final Option HELP =
            Option.builder("h").longOpt("help").desc("Say this, and end").get();
    static final Option VERSION = Option.builder("V")
            .longOpt("version")
            .desc("Say the version, and end")
            .get();

    /** The exit code for a mistake on the command line. */
    static final int MISTAKE = 2;

    private static final List<Option> OPTIONS = List.of(HELP, VERSION);
    private static final String BROKER = "broker";
    private static final String NETTY_EVENTS = "io.netty.jfr.enabled";
    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) throws InterruptedException {
        prepare();
        System.exit(run(System.out, System.err, List.of(args)));
    }

    /** What has to be said before the first class of a library is loaded. */
    static void prepare() {
        Logs.configure();
        unlessSaid(NETTY_EVENTS, "false"); // they start the flight recorder: a fifth of the time of a start
        unlessSaid(LEAK_DETECTION, "disabled"); // a tool for tests, which takes a stack trace now and then
    }

    private static void unlessSaid(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /** Runs the command; returns its exit code. What is wrong with its words is said in one sentence. */
    static int run(PrintStream out, PrintStream err, List<String> words) throws InterruptedException {
        if (!words.isEmpty() && words.get(0).equals(BROKER)) {
            return new BrokerCommand(out, err).run(words.subList(1, words.size()));
        }
        try {
            String first = words.isEmpty() ? "" : words.get(0);
            if (!first.isEmpty() && !first.startsWith("-")) {
                throw new IllegalArgumentException("'" + first + "' is no command");
            }
            out.print(Words.read(OPTIONS, words).has(VERSION) ? version() : help());
            out.flush();
            return 0;
        } catch (IllegalArgumentException e) {
            return mistake(err, "mqttx", e);
        }
    }

    /** Says what is wrong with the words behind {@code command}; returns the exit code. */
    static int mistake(PrintStream err, String command, IllegalArgumentException what) {
        err.println(command + ": " + what.getMessage() + ". See " + command + " --help.");
        return MISTAKE;
    }

    /** The version that the jar's manifest states; classes that run from a folder have none. */
    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return "mqttx " + (version == null ? "development" : version) + System.lineSeparator();
    }

    private static Help help() {
        return new Help()
                .paragraph("Usage: mqttx [-hV] [COMMAND]")
                .paragraph("An MQTT broker and client.")
                .options(OPTIONS)
                .heading("Commands:")
                .row("  " + BROKER, BrokerCommand.DESCRIPTION);
    }
}

package io.mqttx.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The {@code mqttx} command, whose subcommands do the work. */
@Command(
        name = "mqttx",
        description = "An MQTT broker and client.",
        mixinStandardHelpOptions = true,
        subcommands = BrokerCommand.class,
        versionProvider = Main.Version.class)
public final class Main implements Runnable {
    private static final String NETTY_EVENTS = "io.netty.jfr.enabled";
    private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

    private Main() {}

    /**
     * Runs the command and ends the process with its exit code.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        prepare();
        System.exit(commandLine().execute(args));
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

    /** The whole command. What is wrong with its words is said in one sentence. */
    static CommandLine commandLine() {
        return Quantities.teach(new CommandLine(new Main())).setParameterExceptionHandler((error, words) -> {
            CommandLine command = error.getCommandLine();
            String name = command.getCommandSpec().qualifiedName();
            command.getErr().println(name + ": " + error.getMessage() + ". See " + name + " --help.");
            return command.getCommandSpec().exitCodeOnInvalidInput();
        });
    }

    /** Without a subcommand: says which there are. */
    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    /** The version that the jar's manifest states; classes that run from a folder have none. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"mqttx " + (version == null ? "development" : version)};
        }
    }
}

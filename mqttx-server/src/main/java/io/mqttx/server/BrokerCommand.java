package io.mqttx.server;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Transport;
import io.mqttx.transport.netty.IoMethod;
import io.mqttx.transport.netty.NettyTransport;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.apache.commons.cli.Option;

/** {@code mqttx broker}: a broker in the foreground, until Ctrl-C or SIGTERM. */
final class BrokerCommand {
    static final String DESCRIPTION = "Runs a broker in the foreground, until Ctrl-C or SIGTERM.";

    private static final String NAME = "mqttx broker";
    private static final int CANNOT_START = 1;
    private static final int MOST_THREADS = 1024;

    private static final Option IO_THREADS =
            Words.option("io-threads", "N", "Threads that serve clients, 1 to 1024. Default: one fewer than cores");
    private static final Option IO = Words.option(
            "io",
            "METHOD",
            "How the system is asked about sockets: auto, io-uring, epoll, kqueue or nio. Default: auto");
    private static final List<Option> OWN = List.of(IO_THREADS, IO, Main.HELP, Main.VERSION);

    private final PrintStream out;
    private final PrintStream err;

    BrokerCommand(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs until the process is to end; returns the exit code. */
    int run(List<String> line) throws InterruptedException {
        Broker.Builder builder = Broker.builder().handler(client -> BrokerHandler.allowAll());
        List<Listener> listeners;
        ListenerOptions where;
        try {
            Words words = Words.read(options(), line);
            if (words.has(Main.HELP) || words.has(Main.VERSION)) {
                out.print(words.has(Main.HELP) ? help() : Main.version());
                out.flush();
                return 0;
            }
            where = new ListenerOptions(words);
            LimitOptions limits = new LimitOptions(words);
            listeners = where.listeners().stream().map(limits::limited).toList();
            BrokerOptions.Builder options = BrokerOptions.builder();
            limits.apply(options);
            new FeatureOptions(words).apply(options);
            builder.options(options.build()).transport(transport(words)).storage(new StorageOptions(words).open());
        } catch (IllegalArgumentException e) { // what does not fit is a mistake on the command line
            return Main.mistake(err, NAME, e);
        } catch (UncheckedIOException e) {
            return cannotStart(e);
        }
        listeners.forEach(builder::listen);
        Broker broker;
        try {
            broker = builder.start();
        } catch (UncheckedIOException e) {
            return cannotStart(e);
        }
        runUntilStopped(broker, listeners, where.host());
        return 0;
    }

    private int cannotStart(UncheckedIOException why) {
        err.println(NAME + ": " + reason(why));
        return CANNOT_START;
    }

    private void runUntilStopped(Broker broker, List<Listener> listeners, String host) throws InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            broker.close();
            out.println("Stopped.");
            out.flush();
            stopped.countDown();
        }));
        for (int i = 0; i < listeners.size(); i++) {
            Listener listener = listeners.get(i);
            out.println(
                    "Listening for MQTT at " + address(listener, broker.ports().get(i)) + " (" + listener.kind() + ", "
                            + broker.transportDescription() + ").");
        }
        out.println("State is kept " + broker.storageDescription() + ".");
        out.flush();
        if (!isLoopback(host)) {
            err.println("Warning: whoever reaches this port may connect, publish and subscribe.");
        }
        stopped.await();
    }

    private static List<Option> options() {
        return Stream.of(ListenerOptions.ALL, OWN, StorageOptions.ALL, LimitOptions.ALL, FeatureOptions.ALL)
                .flatMap(List::stream)
                .toList();
    }

    private static Help help() {
        return new Help()
                .paragraph("Usage: mqttx broker [OPTIONS]")
                .paragraph(DESCRIPTION)
                .heading("Options:")
                .options(ListenerOptions.ALL)
                .options(OWN)
                .heading("State:")
                .options(StorageOptions.ALL)
                .heading("Limits:")
                .options(LimitOptions.ALL)
                .heading("What is offered:")
                .options(FeatureOptions.ALL)
                .paragraph("")
                .paragraph("TIME is a number with ms, s, m or h, RATE a number per time: 10s, 15m, 100/s, 600/10s.");
    }

    /** The sentence for people: that of the exception, unless it only repeats its cause. */
    private static String reason(UncheckedIOException e) {
        String own = e.getMessage();
        String cause = e.getCause().getMessage();
        return own == null || own.equals(e.getCause().toString()) ? cause : own;
    }

    private static Transport transport(Words words) {
        IoMethod io = words.value(IO, text -> Quantities.constant(IoMethod.class, text))
                .orElse(IoMethod.AUTO);
        int threads = words.value(IO_THREADS, BrokerCommand::threads).orElseGet(NettyTransport::usualThreads);
        return new NettyTransport(threads, io);
    }

    private static int threads(String text) {
        int threads = Quantities.integer(text);
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("1 to " + MOST_THREADS + ", not " + threads);
        }
        return threads;
    }

    /** With the port that was picked, where the machine was to pick one. */
    private static String address(Listener listener, int port) {
        String path = listener.webSocketPath().orElse("");
        return listener.place() instanceof Listener.Tcp tcp
                ? new Listener.Tcp(tcp.host(), port) + path
                : listener.place() + path;
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}

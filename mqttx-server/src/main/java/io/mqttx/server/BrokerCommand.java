package io.mqttx.server;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.BrokerOptions;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Transport;
import io.mqttx.transport.netty.IoMethod;
import io.mqttx.transport.netty.NettyTransport;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mqttx broker}: a broker in the foreground, until Ctrl-C or SIGTERM. */
@Command(
        name = "broker",
        sortOptions = false,
        abbreviateSynopsis = true,
        usageHelpAutoWidth = true,
        optionListHeading = "%nOptions:%n",
        footer = {"", "TIME is a number with ms, s, m or h, RATE a number per time: 10s, 15m, 100/s, 600/10s."},
        description = "Runs a broker in the foreground, until Ctrl-C or SIGTERM.",
        mixinStandardHelpOptions = true)
final class BrokerCommand implements Callable<Integer> {
    private static final int CANNOT_START = 1;
    private static final int MOST_THREADS = 1024;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ListenerOptions where;

    @ArgGroup(validate = false, heading = "%nState:%n")
    private StorageOptions state = new StorageOptions();

    @ArgGroup(validate = false, heading = "%nLimits:%n")
    private LimitOptions limits = new LimitOptions();

    @Option(
            names = "--io-threads",
            paramLabel = "N",
            description = "Threads that serve clients, 1 to 1024. Default: one fewer than cores")
    private Optional<Integer> ioThreads = Optional.empty();

    @Option(
            names = "--io",
            paramLabel = "METHOD",
            defaultValue = "auto",
            description = "How the system is asked about sockets: auto, io-uring, epoll, kqueue or nio."
                    + " Default: ${DEFAULT-VALUE}")
    private IoMethod io;

    BrokerCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        List<Listener> listeners = checked(this::listeners);
        BrokerOptions options = checked(limits::brokerOptions);
        Transport transport = checked(this::transport);
        Broker broker;
        try {
            Broker.Builder builder = Broker.builder()
                    .transport(transport)
                    .options(options)
                    .storage(checked(state::open))
                    .handler(client -> BrokerHandler.allowAll());
            listeners.forEach(builder::listen);
            broker = builder.start();
        } catch (UncheckedIOException e) {
            err.println("mqttx broker: " + reason(e));
            return CANNOT_START;
        }
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
        if (!isLoopback(where.host())) {
            err.println("Warning: whoever reaches this port may connect, publish and subscribe.");
        }
        stopped.await();
        return 0;
    }

    /** The sentence for people: that of the exception, unless it only repeats its cause. */
    private static String reason(UncheckedIOException e) {
        String own = e.getMessage();
        String cause = e.getCause().getMessage();
        return own == null || own.equals(e.getCause().toString()) ? cause : own;
    }

    private List<Listener> listeners() {
        return where.listeners().stream().map(limits::limited).toList();
    }

    private Transport transport() {
        int threads = ioThreads.orElseGet(NettyTransport::usualThreads);
        if (threads < 1 || threads > MOST_THREADS) {
            throw new IllegalArgumentException("--io-threads is 1 to " + MOST_THREADS + ", not " + threads);
        }
        return new NettyTransport(threads, io);
    }

    /** What does not fit is a mistake on the command line. */
    private <T> T checked(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
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

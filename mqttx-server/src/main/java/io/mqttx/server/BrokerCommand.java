package io.mqttx.server;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Listener;
import io.mqttx.broker.storage.MemoryStorage;
import io.mqttx.transport.netty.NettyTransport;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code mqttx broker}: a broker in the foreground, until Ctrl-C or SIGTERM. */
@Command(
        name = "broker",
        description = "Runs a broker in the foreground, until Ctrl-C or SIGTERM.",
        mixinStandardHelpOptions = true)
final class BrokerCommand implements Callable<Integer> {
    private static final int CANNOT_START = 1;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            paramLabel = "ADDRESS",
            description = "Where to listen; 0.0.0.0 for every address of this machine. Default: ${DEFAULT-VALUE}")
    private String host;

    @Option(
            names = "--port",
            defaultValue = "1883",
            paramLabel = "PORT",
            description = "The TCP port, 0 for a free one. Default: ${DEFAULT-VALUE}")
    private int port;

    @Option(names = "--memory", description = "Keep sessions and retained messages in memory. Always so, for now")
    @SuppressWarnings("UnusedVariable") // memory is all there is yet, whether asked for or not
    private boolean memory;

    BrokerCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (port < 0 || port > 0xFFFF) {
            throw new ParameterException(spec.commandLine(), "--port is 0 to 65535, not " + port);
        }
        Broker broker;
        try {
            broker = Broker.builder()
                    .transport(new NettyTransport())
                    .storage(new MemoryStorage())
                    .handler(client -> BrokerHandler.allowAll())
                    .listen(Listener.tcp(host, port))
                    .start();
        } catch (UncheckedIOException e) {
            err.println("mqttx broker: " + e.getCause().getMessage());
            return CANNOT_START;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            broker.close();
            out.println("Stopped.");
            out.flush();
            stopped.countDown();
        }));
        out.println("Listening for MQTT at " + host + ":" + broker.ports().get(0) + " (TCP, "
                + broker.transportDescription() + ").");
        out.println("State is kept " + broker.storageDescription() + ".");
        out.flush();
        if (!isLoopback(host)) {
            err.println("Warning: whoever reaches this port may connect, publish and subscribe.");
        }
        stopped.await();
        return 0;
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}

package io.mqttx.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Listener;
import io.mqttx.transport.netty.IoMethod;
import io.mqttx.transport.netty.NettyTransport;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way of asking the system about sockets that this machine knows serves clients alike. */
class IoMethodsIT {
    private static final boolean LINUX =
            System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux");

    /** Those of this system. io_uring is forbidden in many containers, which is no fault of ours: it may be missing. */
    private static List<IoMethod> methodsOfThisSystem() {
        return LINUX
                ? List.of(IoMethod.AUTO, IoMethod.EPOLL, IoMethod.IO_URING, IoMethod.NIO)
                : List.of(IoMethod.AUTO, IoMethod.NIO);
    }

    @ParameterizedTest
    @MethodSource("methodsOfThisSystem")
    void clientsOnEveryLoopGetEveryMessage(IoMethod method, @TempDir Path folder) throws Exception {
        byte[] payload = new byte[300_000];
        new Random(1).nextBytes(payload);
        Path unix = folder.resolve("s");
        try (Broker broker = start(method, unix)) {
            int port = broker.ports().get(0);
            for (int i = 0; i < 12; i++) { // their names take them to all three loops
                try (PeerClient client = new HiveMqV5(port, "client" + i)) {
                    client.connect(true);
                    client.subscribe("t/" + i, 2);
                    for (int qos = 0; qos <= 2; qos++) {
                        client.publish("t/" + i, payload, qos, false);
                    }
                    List<PeerClient.Received> received = client.await(3);
                    for (PeerClient.Received message : received) {
                        assertArrayEquals(payload, message.payload());
                    }
                    client.disconnect();
                }
            }
            assertEquals("20020000", connectedOver(unix));
        }
    }

    @Test
    void whatIsNotAvailableIsSaidInASentence() {
        IoMethod foreign = LINUX ? IoMethod.KQUEUE : IoMethod.EPOLL;
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> new NettyTransport(1, foreign));
        assertTrue(error.getMessage().contains("is not available here"), error.getMessage());
    }

    private static Broker start(IoMethod method, Path unix) {
        NettyTransport transport;
        try {
            transport = new NettyTransport(3, method);
        } catch (IllegalArgumentException e) {
            assumeTrue(method != IoMethod.IO_URING, e.getMessage());
            throw e;
        }
        return Broker.builder()
                .transport(transport)
                .handler(client -> BrokerHandler.allowAll())
                .listen(Listener.tcp("127.0.0.1", 0))
                .listen(Listener.unix(unix))
                .start();
    }

    private static String connectedOver(Path unix) throws Exception {
        try (SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.connect(UnixDomainSocketAddress.of(unix));
            socket.write(ByteBuffer.wrap(HexFormat.of().parseHex("100C00044D5154540402003C0000")));
            ByteBuffer answer = ByteBuffer.allocate(4);
            while (answer.hasRemaining() && socket.read(answer) >= 0) {
                // until the CONNACK is whole
            }
            return HexFormat.of().formatHex(answer.array());
        }
    }
}

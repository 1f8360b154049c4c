package io.mqttx.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A server for one connection at a time on a loopback socket. It answers like an honest server that grants everything,
 * unless the test says how to answer a type of packet; and it remembers what came.
 */
final class ScriptedServer implements AutoCloseable {
    static final long PATIENCE_SECONDS = 20;

    private final ServerSocket listener;
    private final Map<PacketType, Function<Packet, List<Packet>>> script = new ConcurrentHashMap<>();
    private final LinkedBlockingQueue<Packet> received = new LinkedBlockingQueue<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Object accepting = new Object(); // held while the listener waits for a client
    private volatile Socket socket = new Socket();
    private volatile ProtocolVersion version = ProtocolVersion.V5;

    ScriptedServer() {
        try {
            listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::serve, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    ServerAddress address() {
        return new ServerAddress(listener.getInetAddress().getHostAddress(), listener.getLocalPort());
    }

    ClientOptions.Builder options() {
        return ClientOptions.builder()
                .host(address().host())
                .port(address().port())
                .clientId("test")
                .reconnect(ReconnectOptions.never());
    }

    /** Answers packets of this type like that from now on. */
    ScriptedServer on(PacketType type, Function<Packet, List<Packet>> answer) {
        script.put(type, answer);
        return this;
    }

    ScriptedServer on(PacketType type, Packet... answers) {
        return on(type, packet -> List.of(answers));
    }

    void send(Packet... packets) {
        try {
            for (Packet packet : packets) {
                write(MqttCodec.toBytes(packet, version));
            }
        } catch (IOException e) {
            ended.countDown(); // the client has gone; its test knows whether it may
        }
    }

    /** Sends these bytes, each on its own. */
    void sendBytes(int... bytes) {
        try {
            for (int b : bytes) {
                write(new byte[] {(byte) b});
            }
        } catch (IOException e) {
            ended.countDown(); // the client has gone; its test knows whether it may
        }
    }

    /** Sends bytes written as hexadecimal digits, with any white space between them, all at once. */
    void sendHex(String digits) {
        try {
            write(HexFormat.of().parseHex(digits.replaceAll("\\s", "")));
        } catch (IOException e) {
            ended.countDown(); // the client has gone; its test knows whether it may
        }
    }

    /** Breaks the connection: what was not read yet is lost. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private synchronized void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** The next packet of this type; others that came before it are skipped. */
    <P extends Packet> P next(Class<P> type) throws InterruptedException {
        Packet packet = null;
        while (!type.isInstance(packet)) {
            packet = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertTrue(packet != null, "the client sends " + type.getSimpleName());
        }
        return type.cast(packet);
    }

    /** What came and was not asked for. */
    List<Packet> rest() {
        return List.copyOf(received);
    }

    void awaitEnd() throws InterruptedException {
        assertTrue(ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS), "the client closes the connection");
    }

    void hangUp() throws IOException {
        socket.close();
    }

    /** Afterwards nobody is accepted: a listener whose thread is waiting still takes one as long as it is not awake. */
    @Override
    public void close() throws IOException {
        listener.close();
        synchronized (accepting) {
            socket.close();
        }
    }

    private void serve() {
        while (!listener.isClosed()) {
            serveOne();
        }
    }

    private void serveOne() {
        try {
            synchronized (accepting) {
                socket = listener.accept();
            }
            socket.setTcpNoDelay(true);
            PacketDecoder decoder =
                    PacketDecoder.forServer(DecoderOptions.defaults().withMaxPacketSize(1 << 26));
            byte[] bytes = new byte[1 << 16];
            int length = socket.getInputStream().read(bytes);
            while (length >= 0) {
                ByteBuffer in = ByteBuffer.wrap(bytes, 0, length);
                while (decoder.next(in)) {
                    version = decoder.version().orElseThrow();
                    Packet packet = decoder.packet();
                    received.add(packet);
                    send(script.getOrDefault(packet.type(), this::honestly)
                            .apply(packet)
                            .toArray(Packet[]::new));
                }
                length = socket.getInputStream().read(bytes);
            }
            socket.close();
        } catch (IOException e) {
            // The test or the client has closed.
        } catch (ProtocolException e) {
            closeQuietly(); // TLS, for example
        } finally {
            ended.countDown();
        }
    }

    private void closeQuietly() {
        try {
            socket.close();
        } catch (IOException e) {
            ended.countDown(); // it is closed all the same
        }
    }

    List<Packet> honestly(Packet packet) {
        return switch (packet.type()) {
            case CONNECT -> List.of(new ConnAck(false, ReasonCode.SUCCESS));
            case PUBLISH -> {
                Publish publish = (Publish) packet;
                yield switch (publish.qos()) {
                    case AT_MOST_ONCE -> List.of();
                    case AT_LEAST_ONCE -> List.of(new PubAck(publish.packetId()));
                    case EXACTLY_ONCE -> List.of(new PubRec(publish.packetId()));
                };
            }
            case PUBREC -> List.of(new PubRel(((PubRec) packet).packetId()));
            case PUBREL -> List.of(new PubComp(((PubRel) packet).packetId()));
            case SUBSCRIBE -> List.of(granted((Subscribe) packet));
            case UNSUBSCRIBE -> List.of(gone((Unsubscribe) packet));
            case PINGREQ -> List.of(PingResp.INSTANCE);
            default -> List.of();
        };
    }

    static SubAck granted(Subscribe subscribe) {
        return new SubAck(
                subscribe.packetId(),
                subscribe.subscriptions().stream()
                        .map(Subscription::maximumQoS)
                        .map(ReasonCode::granted)
                        .toList());
    }

    private UnsubAck gone(Unsubscribe unsubscribe) {
        List<ReasonCode> reasons = version.hasProperties()
                ? unsubscribe.filters().stream()
                        .map(filter -> ReasonCode.SUCCESS)
                        .toList()
                : List.of();
        return new UnsubAck(unsubscribe.packetId(), reasons, Properties.EMPTY);
    }

    static ConnAck accepted(Properties properties) {
        return new ConnAck(false, ReasonCode.SUCCESS, properties);
    }

    static ConnAck receiving(int messages) {
        return accepted(Properties.of(Property.RECEIVE_MAXIMUM, messages));
    }

    static Publish message(String topic, String payload, QoS qos, int packetId) {
        return new Publish(
                qos,
                false,
                io.mqttx.topic.TopicName.of(topic),
                packetId,
                ByteBuffer.wrap(payload.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }
}

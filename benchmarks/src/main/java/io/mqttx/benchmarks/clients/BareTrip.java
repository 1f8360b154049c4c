package io.mqttx.benchmarks.clients;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * No client, but the least that makes round trips: one thread that waits for the server and calls back. What is published
 * is written by the caller, or with {@code handed} given to that thread; so it shows what the system makes of the two
 * ways. For round trips alone.
 */
final class BareTrip implements Contestant {
    private static final ProtocolVersion VERSION = ProtocolVersion.V5;
    private static final int BUFFER = 64 << 10; // bytes

    private final boolean handed;
    private final SocketChannel channel;
    private final Selector selector;
    private final Queue<ByteBuffer> toWrite = new ConcurrentLinkedQueue<>();
    private final CountDownLatch subscribed = new CountDownLatch(1);
    private volatile Consumer<ByteBuffer> callback = payload -> {};
    private int packetId; // of the publishing thread

    private BareTrip(int port, boolean handed) throws IOException {
        this.handed = handed;
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        write(new Connect(VERSION, "bare", true));
        Thread reader = new Thread(this::run, "bare-trip");
        reader.setDaemon(true);
        reader.start();
    }

    static CompletableFuture<Contestant> connectInline(String clientId, int port) throws IOException {
        return CompletableFuture.completedFuture(new BareTrip(port, false));
    }

    static CompletableFuture<Contestant> connectHanded(String clientId, int port) throws IOException {
        return CompletableFuture.completedFuture(new BareTrip(port, true));
    }

    @Override
    public void publishOne(String topic, byte[] payload, int qos) throws IOException {
        packetId = packetId % 0xFFFF + 1;
        Publish message =
                new Publish(QoS.of(qos), false, TopicName.of(topic), qos == 0 ? 0 : packetId, ByteBuffer.wrap(payload));
        if (handed) {
            toWrite.add(ByteBuffer.wrap(MqttCodec.toBytes(message, VERSION)));
            selector.wakeup();
        } else {
            write(message);
        }
    }

    @Override
    public void subscribe(String filter, int qos, Consumer<ByteBuffer> onPayload) throws Exception {
        callback = onPayload;
        write(new Subscribe(1, List.of(new Subscription(TopicFilter.of(filter), QoS.of(qos)))));
        subscribed.await();
    }

    private void write(Packet packet) throws IOException {
        write(ByteBuffer.wrap(MqttCodec.toBytes(packet, VERSION)));
    }

    private void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void run() {
        PacketDecoder decoder = PacketDecoder.forVersion(VERSION, DecoderOptions.defaults());
        ByteBuffer in = ByteBuffer.allocate(BUFFER);
        try {
            while (channel.isOpen()) {
                selector.select(key -> {});
                for (ByteBuffer next = toWrite.poll(); next != null; next = toWrite.poll()) {
                    write(next);
                }
                in.clear();
                if (channel.read(in) < 0) {
                    throw new EOFException();
                }
                in.flip();
                while (decoder.next(in)) {
                    received(decoder.packet());
                }
            }
        } catch (IOException e) {
            if (channel.isOpen()) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private void received(Packet packet) throws IOException {
        switch (packet.type()) {
            case PUBLISH -> {
                Publish publish = (Publish) packet;
                callback.accept(publish.payload());
                if (publish.qos() != QoS.AT_MOST_ONCE) {
                    write(new PubAck(publish.packetId()));
                }
            }
            case SUBACK -> subscribed.countDown();
            default -> {
                // answers that nobody waits for
            }
        }
    }

    @Override
    public void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void unsubscribe(String filter) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        selector.close();
    }
}

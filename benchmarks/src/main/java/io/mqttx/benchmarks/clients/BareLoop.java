package io.mqttx.benchmarks.clients;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * No client, but the least that publishes: one thread that writes as many packets as may be unanswered, waits, counts the
 * answers and writes as many again. It keeps nothing of a message and hands nothing over to another thread, so it shows
 * what the system and the server leave for clients. For publishing alone, and topics and payloads of 100 bytes or so.
 */
final class BareLoop implements Contestant {
    private static final int BUFFER = 256 << 10; // bytes; as many messages as may be unanswered fit in
    private static final int HIGHEST_ID = 0xFFFF;
    private static final int PUBREC = 0x50;
    private static final int ACKNOWLEDGEMENT = 4; // bytes
    private static final byte[] CONNECT_V5 = {0x10, 14, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 1, 'b'};
    private static final byte[] SUBSCRIBE_COUNT = {(byte) 0x82, 11, 0, 1, 0, 0, 5, 'c', 'o', 'u', 'n', 't', 0};
    private static final int CONNACK_LENGTH = 8;
    private static final int SUBACK_LENGTH = 6;
    private static final int COUNT_HEADER = 10; // fixed header, topic, no properties

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
    private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
    private int packetId;

    private BareLoop(int port) throws IOException {
        channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        selector = Selector.open();
        channel.register(selector, SelectionKey.OP_READ);
        out.put(CONNECT_V5);
        write();
        await(CONNACK_LENGTH);
        in.clear();
    }

    static CompletableFuture<Contestant> connect(String clientId, int port) throws IOException {
        return CompletableFuture.completedFuture(new BareLoop(port));
    }

    @Override
    public void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) throws IOException {
        if (qos == 0) {
            throw new UnsupportedOperationException("nothing answers at QoS 0");
        }
        byte[][] names = new byte[topics.length][];
        for (int i = 0; i < names.length; i++) {
            names[i] = topics[i].getBytes(StandardCharsets.UTF_8);
        }
        int unanswered = 0;
        boolean further = true;
        for (int i = 0; further || unanswered > 0; ) {
            while (further && unanswered < IN_FLIGHT) {
                further = more.getAsBoolean();
                if (further) {
                    put(names[i++ % names.length], payload, qos);
                    unanswered++;
                }
            }
            write();
            if (unanswered > 0) {
                unanswered -= answers();
            }
        }
        put(names[0], payload, 1);
        write();
        await(ACKNOWLEDGEMENT);
        in.clear();
    }

    private void put(byte[] topic, byte[] payload, int qos) {
        packetId = packetId % HIGHEST_ID + 1;
        out.put((byte) (0x30 | qos << 1));
        putLength(2 + topic.length + 2 + 1 + payload.length);
        out.putShort((short) topic.length).put(topic).putShort((short) packetId).put((byte) 0);
        out.put(payload);
    }

    private void putLength(int length) {
        int rest = length;
        for (; rest > 0x7F; rest >>>= 7) {
            out.put((byte) (rest | 0x80));
        }
        out.put((byte) rest);
    }

    /** Waits for answers; returns how many messages these were the last ones for. */
    private int answers() throws IOException {
        await(ACKNOWLEDGEMENT);
        int done = 0;
        in.flip();
        while (in.remaining() >= ACKNOWLEDGEMENT) {
            if ((in.getShort() >> 8 & 0xFF) == PUBREC) {
                out.putShort((short) 0x6202).putShort(in.getShort()); // PUBREL
            } else {
                in.getShort();
                done++;
            }
        }
        in.compact();
        return done;
    }

    private void write() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }

    /** Waits until so many bytes have come that were not taken. */
    private void await(int bytes) throws IOException {
        while (in.position() < bytes) {
            selector.select(key -> {});
            if (channel.read(in) < 0) {
                throw new EOFException();
            }
        }
    }

    /** What the server has counted; there is nothing else to subscribe to here. */
    @Override
    public void subscribe(String filter, int qos, Consumer<ByteBuffer> onPayload) throws IOException {
        out.put(SUBSCRIBE_COUNT);
        write();
        await(SUBACK_LENGTH + COUNT_HEADER + 4 * Long.BYTES);
        in.flip().position(SUBACK_LENGTH + COUNT_HEADER);
        onPayload.accept(in.slice());
        in.clear();
    }

    @Override
    public void publishOne(String topic, byte[] payload, int qos) {
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

package io.mqttx.server.crash;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A connection of a client that is one thread. Whatever ends it is an {@link IOException}. */
final class Wire implements Closeable {
    private static final int PATIENCE = 10_000; // ms for CONNACK

    private final Socket socket;
    private final ProtocolVersion version;
    private final PacketDecoder decoder;
    private final ByteBuffer unread = ByteBuffer.allocate(1 << 16).limit(0);

    private Wire(Socket socket, ProtocolVersion version) {
        this.socket = socket;
        this.version = version;
        this.decoder = PacketDecoder.forVersion(
                version, DecoderOptions.defaults().withMaxPacketSize(DecoderOptions.LARGEST_PACKET));
    }

    /** Connects, and says CONNECT. */
    static Wire open(int port, Connect connect) throws IOException {
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE);
            Wire wire = new Wire(socket, connect.version());
            wire.send(connect);
            return wire;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** The answer to CONNECT. */
    ConnAck greeting() throws IOException {
        Packet packet = next(PATIENCE).orElseThrow(() -> new IOException("no CONNACK within " + PATIENCE + " ms"));
        if (packet instanceof ConnAck ack) {
            return ack;
        }
        throw new IOException("not CONNACK but " + packet);
    }

    void send(Packet packet) throws IOException {
        socket.getOutputStream().write(MqttCodec.toBytes(packet, version));
    }

    /** The next packet, if it is there or comes within that time. */
    Optional<Packet> next(int millis) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (!decoder.next(unread)) {
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            boolean came = left > 0 || socket.getInputStream().available() > 0;
            if (!came || !fill((int) Math.max(1, left))) {
                return Optional.empty();
            }
        }
        return Optional.of(decoder.packet());
    }

    private boolean fill(int millis) throws IOException {
        unread.limit(0).position(0);
        try {
            socket.setSoTimeout(millis);
            int count = socket.getInputStream().read(unread.array());
            if (count < 0) {
                throw new EOFException("closed by the broker");
            }
            unread.limit(count);
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}

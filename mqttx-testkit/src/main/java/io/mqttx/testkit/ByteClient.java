package io.mqttx.testkit;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/**
 * A client over a real socket that sends what the test says, bytes or packets, and waits for what must come back. It
 * answers nothing by itself and has no thread: whoever calls it waits, until a deadline and no longer.
 *
 * <pre>{@code
 * try (ByteClient client = ByteClient.connect(port, ProtocolVersion.V5)) {
 *     client.send(new Connect(ProtocolVersion.V5, "c", true));
 *     client.expect(ConnAck.class);
 *     client.sendHex("C0 01 00"); // a PINGREQ that is too long
 *     client.expect(Disconnect.class);
 *     client.expectClosed();
 * }
 * }</pre>
 *
 * <p>What fails is an {@link AssertionError} that shows the bytes received last. One thread at a time.
 */
public final class ByteClient implements AutoCloseable {
    private static final HexFormat HEX = HexFormat.ofDelimiter(" ").withUpperCase();
    private static final int SHOWN = 256; // bytes in a message

    private final Socket socket;
    private final ProtocolVersion version;
    private final PacketDecoder decoder;
    private final ByteBuffer unread = ByteBuffer.allocate(1 << 16).limit(0);
    private byte[] last = {};
    private Duration patience = Duration.ofSeconds(10);

    private ByteClient(Socket socket, ProtocolVersion version) {
        this.socket = socket;
        this.version = version;
        this.decoder = PacketDecoder.forVersion(
                version, DecoderOptions.defaults().withMaxPacketSize(DecoderOptions.LARGEST_PACKET));
    }

    /** Connects to a port of this machine over TCP. */
    public static ByteClient connect(int port, ProtocolVersion version) {
        try {
            return over(new Socket(InetAddress.getLoopbackAddress(), port), version);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to port " + port, e);
        }
    }

    /** Connects to a port of this machine over TLS; whom to trust is up to {@code tls}. */
    public static ByteClient connect(int port, ProtocolVersion version, SSLContext tls) {
        try {
            return over(tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port), version);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot connect to port " + port, e);
        }
    }

    /** Takes a socket that is connected, of whatever kind. */
    public static ByteClient over(Socket connected, ProtocolVersion version) throws IOException {
        connected.setTcpNoDelay(true);
        return new ByteClient(connected, Objects.requireNonNull(version, "version"));
    }

    /** How long each call waits at most for what it expects, over 0. By default 10 seconds. */
    public ByteClient withPatience(Duration atMost) {
        patience = atMost;
        return this;
    }

    /** What it speaks. */
    public ProtocolVersion version() {
        return version;
    }

    /** Sends packets. */
    public ByteClient send(Packet... packets) {
        for (Packet packet : packets) {
            sendBytes(MqttCodec.toBytes(packet, version));
        }
        return this;
    }

    /** Sends bytes written as hexadecimal digits, with any white space between them. */
    public ByteClient sendHex(String digits) {
        return sendBytes(HexFormat.of().parseHex(digits.replaceAll("\\s", "")));
    }

    /** Sends bytes, packets or not. */
    public ByteClient sendBytes(byte... bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return this;
        } catch (IOException e) {
            throw failure("cannot send " + HEX.formatHex(bytes), e);
        }
    }

    /** The next packet, whatever it is. */
    public Packet next() {
        return within("a packet", patience);
    }

    /** The next packet, which has to be of this type. */
    public <P extends Packet> P expect(Class<P> type) {
        Packet packet = within(type.getSimpleName(), patience);
        if (!type.isInstance(packet)) {
            throw failure("expected " + type.getSimpleName() + ", but came " + packet, null);
        }
        return type.cast(packet);
    }

    /** The next packets, which have to be these. */
    public ByteClient expect(Packet... packets) {
        for (Packet expected : packets) {
            Packet packet = within(expected.toString(), patience);
            if (!packet.equals(expected)) {
                throw failure("expected " + expected + ", but came " + packet, null);
            }
        }
        return this;
    }

    /** Sends packets, and gives the next one that comes, which has to be of this type. */
    public <P extends Packet> P exchange(Class<P> type, Packet... packets) {
        return send(packets).expect(type);
    }

    /** All packets that the server had sent before it answered a PINGREQ; to be called once CONNACK is there. */
    public List<Packet> untilPingResp() {
        send(PingReq.INSTANCE);
        List<Packet> before = new ArrayList<>();
        for (Packet packet = next(); !(packet instanceof PingResp); packet = next()) {
            before.add(packet);
        }
        return before;
    }

    /** The server closes the connection, and says nothing more before. */
    public void expectClosed() {
        Packet packet = read("the close", patience);
        if (packet != null) {
            throw failure("expected the close, but came " + packet, null);
        }
    }

    /** Loses the connection: the other side sees a reset, and whatever it still sends is lost. */
    public void reset() {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        close();
    }

    /** Closes without a word. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Packet within(String what, Duration time) {
        Packet packet = read(what, time);
        if (packet == null) {
            throw failure("expected " + what + ", but the connection was closed", null);
        }
        return packet;
    }

    /** The next packet, or null if the connection is closed before it is whole. */
    private Packet read(String what, Duration time) {
        long deadline = System.nanoTime() + time.toNanos();
        try {
            while (!decoder.next(unread)) {
                int millis = (int) Math.min(Integer.MAX_VALUE, (deadline - System.nanoTime()) / 1_000_000);
                if (millis <= 0) {
                    throw failure("expected " + what + " within " + time.toMillis() + " ms, but nothing came", null);
                }
                if (!fill(millis)) {
                    return null;
                }
            }
            return decoder.packet();
        } catch (ProtocolException e) {
            throw failure("expected " + what + ", but came no packet: " + e.getMessage(), e);
        }
    }

    /** Reads what comes within that time; false if the connection is closed, in whatever way. */
    private boolean fill(int millis) {
        try {
            socket.setSoTimeout(millis);
            int count = socket.getInputStream().read(unread.array());
            unread.position(0).limit(Math.max(0, count));
            if (count > 0) {
                last = new byte[Math.min(count, SHOWN)];
                unread.get(0, last);
            }
            return count >= 0;
        } catch (SocketTimeoutException e) {
            unread.limit(0).position(0);
            return true; // the caller looks at its deadline
        } catch (IOException e) {
            return false; // a reset is a close as well
        }
    }

    private AssertionError failure(String what, Throwable cause) {
        return new AssertionError(
                what + "; " + (last.length == 0 ? "nothing received yet" : "received last: " + HEX.formatHex(last)),
                cause);
    }
}

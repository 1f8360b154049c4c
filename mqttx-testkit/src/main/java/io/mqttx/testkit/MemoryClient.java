package io.mqttx.testkit;

import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A client that does what the test says and nothing else: it answers nothing by itself. */
public final class MemoryClient {
    private final ProtocolVersion version;
    private final ManualLoops loops;
    private final PacketDecoder decoder;
    private final List<Packet> received = new ArrayList<>();
    private final ByteArrayOutputStream unread = new ByteArrayOutputStream();
    private MemoryLink link; // set once, before anybody sees the client
    private boolean reading = true;
    private boolean closed;

    MemoryClient(ProtocolVersion version, ManualLoops loops) {
        this.version = version;
        this.loops = loops;
        this.decoder = PacketDecoder.forVersion(
                version, DecoderOptions.defaults().withMaxPacketSize(DecoderOptions.LARGEST_PACKET));
    }

    void over(MemoryLink way) {
        link = way;
    }

    /** What it speaks. */
    public ProtocolVersion version() {
        return version;
    }

    /** Sends packets, which arrive together when the loops run. */
    public void send(Packet... packets) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Packet packet : packets) {
            bytes.writeBytes(MqttCodec.toBytes(packet, version));
        }
        sendBytes(bytes.toByteArray());
    }

    /** Sends bytes, packets or not. */
    public void sendBytes(byte... bytes) {
        if (!closed) {
            link.arrived(bytes.clone());
        }
    }

    /** Sends packets, runs the loops, and gives what came until then. */
    public List<Packet> exchange(Packet... packets) {
        send(packets);
        loops.run();
        return take();
    }

    /** What has come since the last call, after the loops have run. */
    public List<Packet> take() {
        loops.run();
        List<Packet> taken = List.copyOf(received);
        received.clear();
        return taken;
    }

    /** The packets of one type among what has come since the last call, after the loops have run. */
    public <P extends Packet> List<P> take(Class<P> type) {
        return take().stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Whether the connection is gone. */
    public boolean isClosed() {
        return closed;
    }

    /** Closes in good order, without a DISCONNECT: what was sent before arrives. */
    public void close() {
        link.end();
    }

    /** Loses the connection with everything that is on its way. */
    public void cut() {
        link.drop();
    }

    /** Reads no more: what the broker sends stays unsent. */
    public void stopReading() {
        reading = false;
    }

    /** Reads what is there, and goes on reading nothing by itself if that was so. */
    public void readOnce() {
        read();
        link.drained();
    }

    /** Reads what is there and whatever comes. */
    public void startReading() {
        reading = true;
        readOnce();
    }

    void incoming(byte[] bytes) {
        unread.writeBytes(bytes);
        if (reading) {
            read();
        }
    }

    /** Bytes that have come and were not read. */
    public long unread() {
        return unread.size();
    }

    void closed() {
        closed = true;
        if (reading) {
            read();
        }
    }

    private void read() {
        ByteBuffer bytes = ByteBuffer.wrap(unread.toByteArray());
        unread.reset();
        while (decoder.next(bytes)) {
            received.add(decoder.packet());
        }
    }
}

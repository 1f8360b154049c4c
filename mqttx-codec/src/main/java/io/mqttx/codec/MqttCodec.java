package io.mqttx.codec;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Whole packets to bytes and back, for who has all the bytes at hand.
 *
 * <p>On a connection, where bytes come in pieces, use {@link PacketDecoder} and {@link PacketEncoder}. Safe for all
 * threads.
 */
public final class MqttCodec {
    private static final DecoderOptions OPTIONS =
            DecoderOptions.defaults().withMaxPacketSize(DecoderOptions.LARGEST_PACKET); // it is all there already

    private MqttCodec() {}

    /**
     * The bytes of {@code packet}, in a new buffer ready to be read.
     *
     * @throws ProtocolException if this version cannot say it; see {@link PacketEncoder#encode}
     */
    public static ByteBuffer encode(Packet packet, ProtocolVersion version) {
        PacketEncoder encoder = new PacketEncoder(version);
        ByteBuffer out = ByteBuffer.allocate(encoder.sizeOf(packet));
        encoder.encode(packet, out);
        return out.flip();
    }

    /**
     * The bytes of {@code packet}, in a new array.
     *
     * @throws ProtocolException if this version cannot say it; see {@link PacketEncoder#encode}
     */
    public static byte[] toBytes(Packet packet, ProtocolVersion version) {
        return encode(packet, version).array();
    }

    /**
     * The packets in {@code in}, which is read to its end. CONNECT is read in the version that it names.
     *
     * @return at least one packet
     * @throws ProtocolException if the bytes break the standard, or end inside a packet
     */
    public static List<Packet> decode(ByteBuffer in, ProtocolVersion version) {
        PacketDecoder decoder = PacketDecoder.forVersion(version, OPTIONS);
        List<Packet> packets = new ArrayList<>();
        while (decoder.next(in)) {
            packets.add(decoder.packet());
        }
        if (decoder.isInsidePacket() || packets.isEmpty()) {
            throw ProtocolException.malformed("the bytes end inside a packet (§2.1.4)");
        }
        return packets;
    }
}

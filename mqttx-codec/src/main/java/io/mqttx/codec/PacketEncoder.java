package io.mqttx.codec;

import io.mqttx.packet.Auth;
import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.wire.VarInt;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Writes packets as the bytes of one version.
 *
 * <p>MQTT 5 packets are the model. Before version 5 properties and the reason codes of acknowledgements do not exist
 * and are left out, CONNACK and SUBACK get the return code that comes nearest; what cannot be left out without changing
 * the meaning is refused. Writes nothing but the packet into the buffer and allocates nothing. Safe for all threads.
 */
public final class PacketEncoder {
    private final ProtocolVersion version;

    /** Speaks {@code version}. CONNECT is written in the version that it names itself. */
    public PacketEncoder(ProtocolVersion version) {
        this.version = Objects.requireNonNull(version, "version");
    }

    /** The version spoken. */
    public ProtocolVersion version() {
        return version;
    }

    /**
     * How many bytes {@link #encode} will write, exactly; at least 2.
     *
     * @throws ProtocolException as {@link #encode} does
     */
    public int sizeOf(Packet packet) {
        int remaining = remainingLength(packet.type(), packet);
        return 1 + VarInt.size(remaining) + remaining;
    }

    /**
     * Writes {@code packet} at the position of {@code out}, and moves that.
     *
     * @param out of big-endian order, as buffers are unless told otherwise
     * @throws BufferOverflowException if it does not fit; nothing was written then
     * @throws ProtocolException if this version cannot say it: AUTH, a reason for disconnecting, subscription options
     *     or a PUBLISH without topic name before version 5; a refusal that has no return code there
     *     [MQTT-3.2.2-6]; a client identifier of more than 23 characters in 3.1; or a packet over 256 MiB
     */
    public void encode(Packet packet, ByteBuffer out) {
        PacketType type = packet.type();
        int remaining = remainingLength(type, packet);
        if (out.remaining() < 1 + VarInt.size(remaining) + remaining) {
            throw new BufferOverflowException();
        }
        int flags = type == PacketType.PUBLISH ? PublishCodec.flags((Publish) packet) : type.reservedFlags();
        out.put((byte) (type.code() << 4 | flags));
        VarInt.put(out, remaining);
        write(type, packet, out);
    }

    private int remainingLength(PacketType type, Packet packet) {
        long length = switch (type) {
            case CONNECT -> ConnectCodec.length((Connect) packet);
            case CONNACK -> ConnAckCodec.length((ConnAck) packet, version);
            case PUBLISH -> PublishCodec.length((Publish) packet, version);
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> AckCodec.length(packet, version);
            case SUBSCRIBE -> SubscribeCodec.length((Subscribe) packet, version);
            case SUBACK -> SubAckCodec.length((SubAck) packet, version);
            case UNSUBSCRIBE -> UnsubscribeCodec.length((Unsubscribe) packet, version);
            case UNSUBACK -> UnsubAckCodec.length((UnsubAck) packet, version);
            case PINGREQ, PINGRESP -> 0;
            case DISCONNECT -> DisconnectCodec.length((Disconnect) packet, version);
            case AUTH -> AuthCodec.length((Auth) packet, version);
        };
        refuseOverlong(length);
        return (int) length;
    }

    /** @throws ProtocolException if no packet can be that long */
    static void refuseOverlong(long length) {
        if (length > VarInt.MAX) {
            throw new ProtocolException(
                    ReasonCode.PACKET_TOO_LARGE, "packet of " + length + " bytes, at most 268435455 (§2.1.4)");
        }
    }

    private void write(PacketType type, Packet packet, ByteBuffer out) {
        switch (type) {
            case CONNECT -> ConnectCodec.write((Connect) packet, out);
            case CONNACK -> ConnAckCodec.write((ConnAck) packet, version, out);
            case PUBLISH -> PublishCodec.write((Publish) packet, version, out);
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> AckCodec.write(packet, version, out);
            case SUBSCRIBE -> SubscribeCodec.write((Subscribe) packet, version, out);
            case SUBACK -> SubAckCodec.write((SubAck) packet, version, out);
            case UNSUBSCRIBE -> UnsubscribeCodec.write((Unsubscribe) packet, version, out);
            case UNSUBACK -> UnsubAckCodec.write((UnsubAck) packet, version, out);
            case PINGREQ, PINGRESP -> {} // the fixed header is all
            case DISCONNECT -> DisconnectCodec.write((Disconnect) packet, version, out);
            case AUTH -> AuthCodec.write((Auth) packet, out);
        }
    }
}

package io.mqttx.codec;

import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;

/**
 * PUBACK, PUBREC, PUBREL and PUBCOMP on the wire (§3.4 to §3.7), which differ in their type and reason codes only:
 * the identifier, a reason left out if it is success without properties, properties left out if there are none.
 */
final class AckCodec {
    private AckCodec() {}

    static Packet read(Reader in, PacketType type, ProtocolVersion version) {
        int packetId = in.packetId();
        ReasonCode reason = ReasonCode.SUCCESS;
        Properties properties = Properties.EMPTY;
        if (version.hasProperties() && in.hasMore()) {
            reason = ReasonCode.of(type, in.u8("reason code"));
            if (in.hasMore()) {
                properties = in.properties(version);
            }
        }
        if (type == PacketType.PUBACK) {
            return new PubAck(packetId, reason, properties);
        }
        if (type == PacketType.PUBREC) {
            return new PubRec(packetId, reason, properties);
        }
        return type == PacketType.PUBREL
                ? new PubRel(packetId, reason, properties)
                : new PubComp(packetId, reason, properties);
    }

    /**
     * The acknowledgement of success with this identifier.
     *
     * @param header the two bytes of its fixed header
     * @return null if these do not begin an acknowledgement that ends with its identifier
     */
    static Packet plain(int header, int packetId) {
        return switch (header) {
            case 0x4002 -> new PubAck(packetId);
            case 0x5002 -> new PubRec(packetId);
            case 0x6202 -> new PubRel(packetId);
            case 0x7002 -> new PubComp(packetId);
            default -> null;
        };
    }

    static int length(Packet ack, ProtocolVersion version) {
        if (!version.hasProperties()) {
            return 2;
        }
        Properties properties = ack.properties();
        if (properties.isEmpty()) {
            return reasonOf(ack) == ReasonCode.SUCCESS ? 2 : 3;
        }
        return 3 + Writer.propertiesLength(properties, version);
    }

    static void write(Packet ack, ProtocolVersion version, ByteBuffer out) {
        out.putShort((short) packetIdOf(ack));
        if (!version.hasProperties()) {
            return;
        }
        ReasonCode reason = reasonOf(ack);
        Properties properties = ack.properties();
        if (reason != ReasonCode.SUCCESS || !properties.isEmpty()) {
            out.put((byte) reason.code());
        }
        if (!properties.isEmpty()) {
            Writer.properties(out, properties, version);
        }
    }

    private static int packetIdOf(Packet ack) {
        if (ack instanceof PubAck known) {
            return known.packetId();
        }
        if (ack instanceof PubRec known) {
            return known.packetId();
        }
        return ack instanceof PubRel known ? known.packetId() : ((PubComp) ack).packetId();
    }

    private static ReasonCode reasonOf(Packet ack) {
        if (ack instanceof PubAck known) {
            return known.reason();
        }
        if (ack instanceof PubRec known) {
            return known.reason();
        }
        return ack instanceof PubRel known ? known.reason() : ((PubComp) ack).reason();
    }
}

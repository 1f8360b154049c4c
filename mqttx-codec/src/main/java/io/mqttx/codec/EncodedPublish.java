package io.mqttx.codec;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.wire.VarInt;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * One message for many receivers of one version: encoded once, copied for each. For the first it is written where it is
 * to go, as many messages have no second.
 *
 * <p>All QoS 0 receivers share every byte; at QoS 1 and 2 the packet identifier is patched into the copy; DUP and
 * RETAIN are patched into the first byte. Receivers with subscription identifiers (§3.3.2.3.8) get them written in
 * between. Immutable to its users and safe for all threads.
 */
public final class EncodedPublish {
    private static final int[] NO_IDENTIFIERS = {};
    private static final int ALIAS_LENGTH = 3; // identifier and value

    private final Publish message;
    private final ProtocolVersion version;
    private final int bodyLength; // topic, properties and payload: what all receivers have
    private boolean hadReceiver; // a race costs a copy, or spares one
    // Made when first needed; should two threads do so at once, both make the same bytes.
    private volatile byte[] withoutPacketId;
    private volatile byte[] withPacketId;

    private EncodedPublish(Publish message, ProtocolVersion version) {
        this.message = message;
        this.version = version;
        long length = PublishCodec.lengthWithoutId(message, version);
        PacketEncoder.refuseOverlong(length + 2); // with a packet identifier
        this.bodyLength = (int) length;
    }

    /**
     * Prepares {@code message} for receivers that speak {@code version}. Its own QoS, packet identifier, DUP and RETAIN
     * do not matter: each receiver has its own.
     *
     * @throws ProtocolException if this version cannot say it
     */
    public static EncodedPublish of(Publish message, ProtocolVersion version) {
        return new EncodedPublish(message, version);
    }

    /** The message. */
    public Publish message() {
        return message;
    }

    /** The version of the receivers. */
    public ProtocolVersion version() {
        return version;
    }

    /** How many bytes a receiver with this QoS gets, without subscription identifiers. */
    public int sizeOf(QoS qos) {
        return sizeOf(qos, NO_IDENTIFIERS);
    }

    /** How many bytes a receiver with this QoS and these subscription identifiers gets; before version 5 none does. */
    public int sizeOf(QoS qos, int[] subscriptionIdentifiers) {
        return sizeOf(qos, subscriptionIdentifiers, 0, false);
    }

    /**
     * How many bytes a receiver with a topic alias (§3.3.2.3.4) gets, in version 5.
     *
     * @param alias      1 to 65535, or 0 for none
     * @param topicKnown whether the alias stands for the topic, which is then left out
     */
    public int sizeOf(QoS qos, int[] subscriptionIdentifiers, int alias, boolean topicKnown) {
        int remaining = remainingLength(qos, subscriptionIdentifiers, alias, topicKnown);
        return 1 + VarInt.size(remaining) + remaining;
    }

    /**
     * Writes the packet for one receiver.
     *
     * @param packetId 1 to 65535, or 0 at QoS 0
     * @throws BufferOverflowException if it does not fit; nothing was written then
     * @throws ProtocolException if QoS, DUP and packet identifier do not go together
     */
    public void writeTo(ByteBuffer out, boolean dup, QoS qos, boolean retain, int packetId) {
        check(dup, qos, packetId);
        if (!hadReceiver) {
            hadReceiver = true;
            writeInPieces(out, dup, qos, retain, packetId, NO_IDENTIFIERS, 0, false);
            return;
        }
        byte[] shared = qos == QoS.AT_MOST_ONCE ? withoutPacketId() : withPacketId();
        int start = out.position();
        out.put(shared);
        out.put(start, (byte) firstByte(dup, qos, retain));
        if (qos != QoS.AT_MOST_ONCE) {
            out.putShort(start + packetIdPlace(shared.length), (short) packetId);
        }
    }

    /**
     * Writes the packet for one receiver with subscription identifiers.
     *
     * @param packetId                1 to 65535, or 0 at QoS 0
     * @param subscriptionIdentifiers 1 to 268,435,455 each; left out before version 5
     * @throws BufferOverflowException if it does not fit; nothing was written then
     * @throws ProtocolException if QoS, DUP and packet identifier do not go together, or a subscription identifier is
     *     out of range
     */
    public void writeTo(
            ByteBuffer out, boolean dup, QoS qos, boolean retain, int packetId, int[] subscriptionIdentifiers) {
        if (subscriptionIdentifiers.length == 0 || !version.hasProperties()) {
            writeTo(out, dup, qos, retain, packetId);
            return;
        }
        writeInPieces(out, dup, qos, retain, packetId, subscriptionIdentifiers, 0, false);
    }

    /**
     * Writes the packet for one receiver with a topic alias (§3.3.2.3.4), in version 5.
     *
     * @param packetId                1 to 65535, or 0 at QoS 0
     * @param subscriptionIdentifiers 1 to 268,435,455 each, often none
     * @param alias                   1 to 65535, or 0 for none
     * @param topicKnown              whether the alias stands for the topic, which is then left out
     * @throws BufferOverflowException if it does not fit; nothing was written then
     * @throws ProtocolException as without an alias, or if the version has none
     */
    public void writeTo(
            ByteBuffer out,
            boolean dup,
            QoS qos,
            boolean retain,
            int packetId,
            int[] subscriptionIdentifiers,
            int alias,
            boolean topicKnown) {
        if (alias == 0) {
            writeTo(out, dup, qos, retain, packetId, subscriptionIdentifiers);
            return;
        }
        if (!version.hasProperties() || alias < 0 || alias > 0xFFFF) {
            throw ProtocolException.protocolError("topic alias " + alias + " in " + version + " (§3.3.2.3.4)");
        }
        writeInPieces(out, dup, qos, retain, packetId, subscriptionIdentifiers, alias, topicKnown);
    }

    private void writeInPieces(
            ByteBuffer out,
            boolean dup,
            QoS qos,
            boolean retain,
            int packetId,
            int[] subscriptionIdentifiers,
            int alias,
            boolean topicKnown) {
        check(dup, qos, packetId);
        int remaining = remainingLength(qos, subscriptionIdentifiers, alias, topicKnown);
        if (out.remaining() < 1 + VarInt.size(remaining) + remaining) {
            throw new BufferOverflowException();
        }
        out.put((byte) firstByte(dup, qos, retain));
        VarInt.put(out, remaining);
        if (topicKnown) {
            out.putShort((short) 0);
        } else {
            out.putShort((short) message.topic().encodedLength());
            message.topic().encodeTo(out);
        }
        if (qos != QoS.AT_MOST_ONCE) {
            out.putShort((short) packetId);
        }
        if (version.hasProperties()) {
            writeProperties(out, subscriptionIdentifiers, alias);
        }
        message.encodePayloadTo(out);
    }

    private void writeProperties(ByteBuffer out, int[] subscriptionIdentifiers, int alias) {
        int own = message.properties().encodedLength();
        VarInt.put(out, own + moreLength(subscriptionIdentifiers, alias));
        message.properties().encodeTo(out);
        if (alias > 0) {
            out.put((byte) Property.TOPIC_ALIAS.id()).putShort((short) alias);
        }
        for (int identifier : subscriptionIdentifiers) {
            out.put((byte) Property.SUBSCRIPTION_IDENTIFIER.id());
            VarInt.put(out, identifier);
        }
    }

    private static void check(boolean dup, QoS qos, int packetId) {
        if (qos == QoS.AT_MOST_ONCE ? dup || packetId != 0 : packetId < 1 || packetId > 0xFFFF) {
            throw ProtocolException.malformed("packet identifier " + packetId + (dup ? " and DUP" : "") + " at " + qos
                    + " [MQTT-2.2.1-2] [MQTT-2.2.1-3]");
        }
    }

    private byte[] withoutPacketId() {
        byte[] bytes = withoutPacketId;
        if (bytes == null) {
            bytes = encode(message.with(QoS.AT_MOST_ONCE, 0));
            withoutPacketId = bytes;
        }
        return bytes;
    }

    private byte[] withPacketId() {
        byte[] bytes = withPacketId;
        if (bytes == null) {
            bytes = encode(message.with(QoS.AT_LEAST_ONCE, 1));
            withPacketId = bytes;
        }
        return bytes;
    }

    private byte[] encode(Publish publish) {
        return MqttCodec.toBytes(publish, version);
    }

    private int packetIdPlace(int size) {
        int headerLength = size - bodyLength - 2;
        return headerLength + 2 + message.topic().encodedLength();
    }

    private int remainingLength(QoS qos, int[] identifiers, int alias, boolean topicKnown) {
        int length = bodyLength + (qos == QoS.AT_MOST_ONCE ? 0 : 2);
        if (alias == 0 && identifiers.length == 0 || !version.hasProperties()) {
            return length;
        }
        int own = message.properties().encodedLength();
        int more = moreLength(identifiers, alias);
        long all = (long) length + more + VarInt.size(own + more) - VarInt.size(own);
        all -= topicKnown ? message.topic().encodedLength() : 0;
        PacketEncoder.refuseOverlong(all);
        return (int) all;
    }

    private static int moreLength(int[] identifiers, int alias) {
        int length = alias == 0 ? 0 : ALIAS_LENGTH;
        for (int identifier : identifiers) {
            if (identifier < 1 || identifier > VarInt.MAX) {
                throw ProtocolException.protocolError("subscription identifier " + identifier + " (§3.3.2.3.8)");
            }
            length += 1 + VarInt.size(identifier);
        }
        return length;
    }

    private static int firstByte(boolean dup, QoS qos, boolean retain) {
        return PacketType.PUBLISH.code() << 4 | PublishCodec.flags(dup, qos, retain);
    }
}

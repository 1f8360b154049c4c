package io.mqttx.codec;

import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;

/** PUBLISH on the wire (§3.3): both directions, for every version. */
final class PublishCodec {
    private static final int DUP = 8;
    private static final int RETAIN = 1;

    private PublishCodec() {}

    static Publish read(Reader in, int flags, ProtocolVersion version, TopicNames topics, boolean slice) {
        QoS qos = QoS.of(flags >> 1 & 3);
        TopicName topic = in.topicName(topics);
        int packetId = qos == QoS.AT_MOST_ONCE ? 0 : in.packetId();
        Properties properties = in.properties(version);
        ByteBuffer payload = in.rest(slice);
        return new Publish((flags & DUP) != 0, qos, (flags & RETAIN) != 0, topic, packetId, properties, payload);
    }

    static long length(Publish publish, ProtocolVersion version) {
        return lengthWithoutId(publish, version) + (publish.qos() == QoS.AT_MOST_ONCE ? 0 : 2);
    }

    /** The length without packet identifier. */
    static long lengthWithoutId(Publish publish, ProtocolVersion version) {
        if (publish.topic().isNone() && !version.hasProperties()) {
            throw ProtocolException.protocolError("PUBLISH without topic name before version 5 [MQTT-4.7.3-1]");
        }
        return 2L
                + publish.topic().encodedLength()
                + Writer.propertiesLength(publish.properties(), version)
                + publish.payloadLength();
    }

    static int flags(Publish publish) {
        return flags(publish.dup(), publish.qos(), publish.retain());
    }

    static int flags(boolean dup, QoS qos, boolean retain) {
        return (dup ? DUP : 0) | qos.code() << 1 | (retain ? RETAIN : 0);
    }

    static void write(Publish publish, ProtocolVersion version, ByteBuffer out) {
        out.putShort((short) publish.topic().encodedLength());
        publish.topic().encodeTo(out);
        if (publish.qos() != QoS.AT_MOST_ONCE) {
            out.putShort((short) publish.packetId());
        }
        Writer.properties(out, publish.properties(), version);
        publish.encodePayloadTo(out);
    }
}

package io.mqttx.codec;

import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.topic.TopicFilter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** UNSUBSCRIBE on the wire (§3.10): both directions, for every version. */
final class UnsubscribeCodec {
    private UnsubscribeCodec() {}

    static Unsubscribe read(Reader in, ProtocolVersion version) {
        int packetId = in.packetId();
        Properties properties = in.properties(version);
        List<TopicFilter> filters = new ArrayList<>(1);
        while (in.hasMore()) {
            filters.add(in.topicFilter());
        }
        return new Unsubscribe(packetId, filters, properties);
    }

    static long length(Unsubscribe unsubscribe, ProtocolVersion version) {
        long length = 2L + Writer.propertiesLength(unsubscribe.properties(), version);
        for (TopicFilter filter : unsubscribe.filters()) {
            length += 2L + filter.encodedLength();
        }
        return length;
    }

    static void write(Unsubscribe unsubscribe, ProtocolVersion version, ByteBuffer out) {
        out.putShort((short) unsubscribe.packetId());
        Writer.properties(out, unsubscribe.properties(), version);
        for (TopicFilter filter : unsubscribe.filters()) {
            out.putShort((short) filter.encodedLength());
            filter.encodeTo(out);
        }
    }
}

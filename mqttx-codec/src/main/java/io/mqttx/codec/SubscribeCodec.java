package io.mqttx.codec;

import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** SUBSCRIBE on the wire (§3.8): both directions, for every version. */
final class SubscribeCodec {
    private static final int NO_LOCAL = 4;
    private static final int RETAIN_AS_PUBLISHED = 8;
    private static final int SINCE_V5 = 0x3C; // no local, retain as published, retain handling

    private SubscribeCodec() {}

    static Subscribe read(Reader in, ProtocolVersion version) {
        int packetId = in.packetId();
        Properties properties = in.properties(version);
        if (!in.hasMore()) {
            return new Subscribe(packetId, List.of(), properties); // which refuses that
        }
        Subscription first = readSubscription(in, version);
        if (!in.hasMore()) {
            return new Subscribe(packetId, List.of(first), properties); // as most are
        }
        Subscription second = readSubscription(in, version);
        if (!in.hasMore()) {
            return new Subscribe(packetId, List.of(first, second), properties);
        }
        List<Subscription> subscriptions = new ArrayList<>(4);
        subscriptions.add(first);
        subscriptions.add(second);
        while (in.hasMore()) {
            subscriptions.add(readSubscription(in, version));
        }
        return new Subscribe(packetId, subscriptions, properties);
    }

    static long length(Subscribe subscribe, ProtocolVersion version) {
        long length = 2L + Writer.propertiesLength(subscribe.properties(), version);
        for (Subscription subscription : subscribe.subscriptions()) {
            if (!version.hasProperties() && (options(subscription) & SINCE_V5) != 0) {
                throw ProtocolException.malformed(
                        "no local, retain as published and retain handling came with version 5 (3.1.1) [MQTT-3-8.3-4]");
            }
            length += 2L + subscription.filter().encodedLength() + 1L;
        }
        return length;
    }

    static void write(Subscribe subscribe, ProtocolVersion version, ByteBuffer out) {
        out.putShort((short) subscribe.packetId());
        Writer.properties(out, subscribe.properties(), version);
        for (Subscription subscription : subscribe.subscriptions()) {
            out.putShort((short) subscription.filter().encodedLength());
            subscription.filter().encodeTo(out);
            out.put((byte) options(subscription));
        }
    }

    private static Subscription readSubscription(Reader in, ProtocolVersion version) {
        TopicFilter filter = in.topicFilter();
        int options = in.u8("subscription options");
        boolean reserved = (options & (version.hasProperties() ? 0xC0 : 0xFC)) != 0;
        if (reserved) {
            throw ProtocolException.malformed("reserved bits of the subscription options are set [MQTT-3.8.3-5]");
        }
        if ((options & 3) == 3) {
            throw ProtocolException.protocolError("maximum QoS of a subscription is 3 (§3.8.3.1)");
        }
        return new Subscription(
                filter,
                QoS.of(options & 3),
                (options & NO_LOCAL) != 0,
                (options & RETAIN_AS_PUBLISHED) != 0,
                RetainHandling.of(options >> 4 & 3));
    }

    private static int options(Subscription subscription) {
        return subscription.maximumQoS().code()
                | (subscription.noLocal() ? NO_LOCAL : 0)
                | (subscription.retainAsPublished() ? RETAIN_AS_PUBLISHED : 0)
                | subscription.retainHandling().code() << 4;
    }
}

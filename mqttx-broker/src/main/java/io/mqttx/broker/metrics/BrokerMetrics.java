package io.mqttx.broker.metrics;

import io.mqttx.broker.api.BrokerEvents;
import io.mqttx.broker.api.Connection;
import io.mqttx.broker.api.DisconnectReason;
import io.mqttx.broker.api.Message;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens, and tells another watcher of it. Safe for all threads. */
public final class BrokerMetrics implements BrokerEvents {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");

    private final BrokerEvents next;
    private final LongAdder bytesReceived = new LongAdder();
    private final LongAdder bytesSent = new LongAdder();
    private final LongAdder opened = new LongAdder();
    private final LongAdder closed = new LongAdder();
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder published = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final Map<DropCause, LongAdder> dropped = adders(DropCause.class);
    private final Map<Limit, LongAdder> limited = adders(Limit.class);
    private final LongAdder packetsReceived = new LongAdder();
    private final LongAdder packetsSent = new LongAdder();
    private final LongAdder payloadReceived = new LongAdder();
    private final LongAdder payloadSent = new LongAdder();
    private final LongAdder expired = new LongAdder();
    private final AtomicLong present = new AtomicLong(); // clients that are in, and the most there ever were
    private final AtomicLong mostPresent = new AtomicLong();

    /** Counts, then tells {@code next}. */
    public BrokerMetrics(BrokerEvents next) {
        this.next = next;
    }

    /** All counters by name, as they are about now; those of bytes in bytes. */
    public Map<String, Long> snapshot() {
        Map<String, Long> counts = new TreeMap<>();
        counts.put("bytes/received", bytesReceived.sum());
        counts.put("bytes/sent", bytesSent.sum());
        counts.put("connections/opened", opened.sum());
        counts.put("connections/closed", closed.sum());
        counts.put("messages/received", packetsReceived.sum());
        counts.put("messages/sent", packetsSent.sum());
        counts.put("clients/connected", present.get());
        counts.put("clients/maximum", mostPresent.get());
        counts.put("clients/accepted", accepted.sum());
        counts.put("clients/expired", expired.sum());
        counts.put("clients/refused", refused.sum());
        counts.put("publish/messages/received", published.sum());
        counts.put("publish/messages/sent", delivered.sum());
        counts.put("publish/bytes/received", payloadReceived.sum());
        counts.put("publish/bytes/sent", payloadSent.sum());
        long all = 0;
        for (Map.Entry<DropCause, LongAdder> entry : dropped.entrySet()) {
            long count = entry.getValue().sum();
            counts.put("publish/messages/dropped/" + entry.getKey().name().toLowerCase(Locale.ROOT), count);
            all += count;
        }
        counts.put("publish/messages/dropped", all);
        limited.forEach((limit, count) -> counts.put("limited/" + limit.name().toLowerCase(Locale.ROOT), count.sum()));
        return counts;
    }

    @Override
    public void received(int bytes) {
        bytesReceived.add(bytes);
        try {
            next.received(bytes);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void sent(int bytes) {
        packetsSent.increment();
        bytesSent.add(bytes);
        try {
            next.sent(bytes);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void opened() {
        opened.increment();
        try {
            next.opened();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void closed() {
        closed.increment();
        try {
            next.closed();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void connected(Connection connection) {
        accepted.increment();
        mostPresent.accumulateAndGet(present.incrementAndGet(), Math::max);
        try {
            next.connected(connection);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void connectFailed(String remoteAddress, ReasonCode reason, String detail) {
        refused.increment();
        try {
            next.connectFailed(remoteAddress, reason, detail);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void disconnected(String clientId, DisconnectReason reason) {
        present.decrementAndGet();
        try {
            next.disconnected(clientId, reason);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void received(PacketType type) {
        packetsReceived.increment();
        try {
            next.received(type);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void sessionExpired(String clientId) {
        expired.increment();
        try {
            next.sessionExpired(clientId);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void published(Message message) {
        if (message.origin() == Message.Origin.PUBLISH) {
            published.increment();
            payloadReceived.add(message.packet().payloadLength());
        }
        try {
            next.published(message);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void delivered(String clientId, Publish message) {
        delivered.increment();
        payloadSent.add(message.payloadLength());
        try {
            next.delivered(clientId, message);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void dropped(String clientId, DropCause cause) {
        dropped.get(cause).increment();
        try {
            next.dropped(clientId, cause);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void dropped(String clientId, Publish message, DropCause cause) {
        dropped.get(cause).increment();
        try {
            next.dropped(clientId, message, cause);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void limited(Limit limit, String who) {
        limited.get(limit).increment();
        try {
            next.limited(limit, who);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void subscribed(String clientId, Subscription subscription) {
        try {
            next.subscribed(clientId, subscription);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    @Override
    public void unsubscribed(String clientId, TopicFilter filter) {
        try {
            next.unsubscribed(clientId, filter);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** Whoever watches decides nothing, and so breaks nothing. */
    private static void failed(RuntimeException error) {
        LOG.log(Level.ERROR, "a watcher of events failed", error);
    }

    private static <K extends Enum<K>> Map<K, LongAdder> adders(Class<K> kinds) {
        Map<K, LongAdder> adders = new EnumMap<>(kinds);
        for (K kind : kinds.getEnumConstants()) {
            adders.put(kind, new LongAdder());
        }
        return adders;
    }
}

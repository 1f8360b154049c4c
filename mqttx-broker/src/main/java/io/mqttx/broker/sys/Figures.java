package io.mqttx.broker.sys;

import io.mqttx.broker.connection.Home;
import io.mqttx.broker.connection.Homes;
import io.mqttx.broker.metrics.BrokerMetrics;
import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.session.Stored;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** A broker in numbers, those that only grow and those of the moment. Safe for all threads. */
public final class Figures {
    private final BrokerMetrics metrics;
    private final SubscriptionTree subscriptions;
    private final RetainedMessages retained;
    private final Stored stored;
    private final Homes homes;
    private final AtomicLong mostHeap = new AtomicLong();

    /** Those of these. */
    public Figures(
            BrokerMetrics metrics,
            SubscriptionTree subscriptions,
            RetainedMessages retained,
            Stored stored,
            Homes homes) {
        this.metrics = metrics;
        this.subscriptions = subscriptions;
        this.retained = retained;
        this.stored = stored;
        this.homes = homes;
    }

    /** All of them by the names of their topics below {@code $SYS/broker/}, as they are about now. */
    public Map<String, Long> now() {
        Map<String, Long> figures = new TreeMap<>(metrics.snapshot());
        long sessions = 0;
        for (Home home : homes.all()) {
            sessions += home.sessions().size();
        }
        figures.put("clients/total", sessions);
        figures.put("clients/disconnected", Math.max(0, sessions - figures.get("clients/connected")));
        figures.put("subscriptions/count", (long) subscriptions.size());
        figures.put("shared_subscriptions/count", (long) subscriptions.sharedSize());
        long kept = retained.size();
        figures.put("retained messages/count", kept);
        figures.put("messages/stored", kept + stored.messages());
        figures.put("store/messages/count", kept + stored.messages());
        figures.put("store/messages/bytes", retained.bytes() + stored.bytes());
        long heap = Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        figures.put("heap/current", heap);
        figures.put("heap/maximum", mostHeap.accumulateAndGet(heap, Math::max));
        return figures;
    }
}

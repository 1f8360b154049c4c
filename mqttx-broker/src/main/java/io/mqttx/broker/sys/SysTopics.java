package io.mqttx.broker.sys;

import io.mqttx.broker.api.Message;
import io.mqttx.broker.metrics.BrokerMetrics;
import io.mqttx.broker.publish.PublishPipeline;
import io.mqttx.broker.retained.RetainedMessages;
import io.mqttx.broker.routing.SubscriptionTree;
import io.mqttx.broker.spi.Loop;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Publishes the counters to {@code $SYS/broker/…}, retained, those that have changed. On one loop. */
public final class SysTopics {
    private static final String PREFIX = "$SYS/broker/";

    private final BrokerMetrics metrics;
    private final SubscriptionTree subscriptions;
    private final RetainedMessages retained;
    private final PublishPipeline pipeline;
    private final Loop loop;
    private final String version;
    private final long started;
    private final Map<String, String> told = new HashMap<>();
    private Loop.Timer timer = Loop.Timer.NONE;

    /** Tells of these on {@code loop}. */
    public SysTopics(
            BrokerMetrics metrics,
            SubscriptionTree subscriptions,
            RetainedMessages retained,
            PublishPipeline pipeline,
            Loop loop,
            String version) {
        this.metrics = metrics;
        this.subscriptions = subscriptions;
        this.retained = retained;
        this.pipeline = pipeline;
        this.loop = loop;
        this.version = version;
        this.started = loop.now();
    }

    /** Publishes now and then every {@code interval}; on the loop. */
    public void begin(Duration interval) {
        publish();
        timer = loop.schedule(() -> begin(interval), interval.toNanos());
    }

    /** Publishes no more; on the loop. */
    public void stop() {
        timer.cancel();
    }

    private void publish() {
        Map<String, String> values = new TreeMap<>();
        values.put("version", version);
        values.put("uptime", Duration.ofNanos(loop.now() - started).toSeconds() + " seconds");
        values.put("subscriptions/count", Integer.toString(subscriptions.size()));
        values.put("retained messages/count", Integer.toString(retained.size()));
        metrics.snapshot().forEach((name, count) -> values.put(name, Long.toString(count)));
        values.forEach((name, value) -> {
            if (!value.equals(told.put(name, value))) {
                tell(name, value);
            }
        });
    }

    private void tell(String name, String value) {
        ByteBuffer payload = ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8));
        Publish publish = new Publish(QoS.AT_MOST_ONCE, true, TopicName.of(PREFIX + name), 0, payload);
        pipeline.route(new Message("", Message.Origin.BROKER, publish));
    }
}

package io.mqttx.broker.sys;

import io.mqttx.broker.api.Message;
import io.mqttx.broker.publish.PublishPipeline;
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

/** Publishes the figures to {@code $SYS/broker/…}, retained, those that have changed. On one loop. */
public final class SysTopics {
    private static final String PREFIX = "$SYS/broker/";

    private final Figures figures;
    private final LoadAverages load = new LoadAverages();
    private final PublishPipeline pipeline;
    private final Loop loop;
    private final String version;
    private final long started;
    private final Map<String, String> told = new HashMap<>();
    private long last; // when the figures were published
    private Loop.Timer timer = Loop.Timer.NONE;

    /** Tells of these on {@code loop}. */
    public SysTopics(Figures figures, PublishPipeline pipeline, Loop loop, String version) {
        this.figures = figures;
        this.pipeline = pipeline;
        this.loop = loop;
        this.version = version;
        this.started = loop.now();
        this.last = started;
    }

    /** Publishes now and then every {@code interval}; on the loop. */
    public void begin(Duration interval) {
        publish();
        last = loop.now();
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
        Map<String, Long> now = figures.now();
        now.forEach((name, count) -> values.put(name, Long.toString(count)));
        if (loop.now() > last) {
            load.add(now, (loop.now() - last) / 1e9);
            load.forEach(values::put);
        }
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

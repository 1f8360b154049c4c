package io.mqttx.benchmarks.broker;

import io.mqttx.broker.Broker;
import io.mqttx.broker.api.BrokerHandler;
import io.mqttx.broker.api.Listener;
import io.mqttx.codec.MqttCodec;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One PUBLISH through a whole broker to 1,000 sessions, from bytes to bytes, without a network: decoder, pipeline, router,
 * sessions, flows and encoding. At QoS 1 each receiver acknowledges. The time is that of one delivery.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(1)
public class DeliveryBenchmark {
    private static final int SESSIONS = 1000;
    private static final String TOPIC = "news";
    private static final int PUBLISH = 3;
    private static final int IDENTIFIER = 2 + 2 + TOPIC.length(); // where it stands in a PUBLISH below 128 bytes

    @Param({"AT_MOST_ONCE", "AT_LEAST_ONCE"})
    QoS qos;

    @Param({"V3_1_1", "V5"})
    ProtocolVersion version;

    private final Nowhere network = new Nowhere();
    private Broker broker;
    private Nowhere.End publisher;
    private byte[] message;
    private long delivered;

    /** Connects everybody. */
    @Setup
    public void setUp() {
        broker = Broker.builder()
                .transport(network)
                .listen(Listener.tcp("nowhere", 0))
                .handler(client -> BrokerHandler.allowAll())
                .start();
        Subscribe subscribe = new Subscribe(1, List.of(new Subscription(TopicFilter.of(TOPIC), qos)));
        for (int i = 0; i < SESSIONS; i++) {
            Nowhere.End end = network.connect(bytes(new Connect(version, "subscriber" + i, true)), this::received);
            end.arrive(bytes(subscribe));
        }
        publisher = network.connect(bytes(new Connect(version, "publisher", true)), (end, written) -> {});
        message = bytes(new Publish(
                false,
                qos,
                false,
                TopicName.of(TOPIC),
                qos == QoS.AT_MOST_ONCE ? 0 : 1,
                Properties.EMPTY,
                ByteBuffer.wrap(new byte[16])));
        network.run();
    }

    @TearDown
    public void tearDown() {
        broker.close();
    }

    @Benchmark
    @OperationsPerInvocation(SESSIONS)
    public long publish() {
        long before = delivered;
        publisher.arrive(message);
        network.run();
        if (delivered != before + SESSIONS) {
            throw new IllegalStateException(delivered - before + " deliveries, not " + SESSIONS);
        }
        return delivered;
    }

    /** A client that acknowledges at once. */
    private void received(Nowhere.End end, ByteBuffer written) {
        for (int at = written.position(); at < written.limit(); at += 2 + written.get(at + 1)) {
            if ((written.get(at) & 0xF0) >> 4 == PUBLISH) {
                delivered++;
                if (qos == QoS.AT_LEAST_ONCE) {
                    byte high = written.get(at + IDENTIFIER);
                    end.arrive(new byte[] {0x40, 2, high, written.get(at + IDENTIFIER + 1)});
                }
            }
        }
    }

    private byte[] bytes(Packet packet) {
        return MqttCodec.toBytes(packet, version);
    }
}

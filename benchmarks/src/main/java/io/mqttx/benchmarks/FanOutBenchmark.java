package io.mqttx.benchmarks;

import io.mqttx.codec.EncodedPublish;
import io.mqttx.codec.MqttCodec;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.topic.TopicName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttPublishVariableHeader;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.nio.ByteBuffer;
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
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/** One decoded message to 100 receivers, each with its own buffer; the time is that of one receiver. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {EventLoopThreads.CUSTOM, EventLoopThreads.CLASS})
public class FanOutBenchmark {
    private static final int RECEIVERS = 100;

    @Param({"16", "350"})
    int payload;

    @Param({"0", "1"})
    int qos;

    @Param({"V3_1_1", "V5"})
    ProtocolVersion version;

    @Param({"direct", "heap"})
    String memory;

    private final ByteBuffer[] outs = new ByteBuffer[RECEIVERS];
    private Publish message;
    private QoS level;
    private NettyMqtt netty;
    private MqttPublishVariableHeader[] nettyHeaders;
    private ByteBuf nettyPayload;

    /** Decodes the message, as it would have come. */
    @Setup
    public void setUp() {
        boolean direct = memory.equals("direct");
        level = QoS.of(qos);
        for (int i = 0; i < RECEIVERS; i++) {
            outs[i] = direct ? ByteBuffer.allocateDirect(1024) : ByteBuffer.allocate(1024);
        }
        TopicName topic = TopicName.of("factory/line17/machine42/temperature");
        Publish sent = new Publish(topic, ByteBuffer.wrap(new byte[payload]));
        Packet read = MqttCodec.decode(MqttCodec.encode(sent, version), version).get(0);
        message = (Publish) read;

        PooledByteBufAllocator pool = new PooledByteBufAllocator(direct);
        netty = new NettyMqtt(version, pool, ignored -> {});
        nettyPayload = pool.buffer(payload).writeZero(payload);
        nettyHeaders = new MqttPublishVariableHeader[RECEIVERS];
        for (int i = 0; i < RECEIVERS; i++) {
            nettyHeaders[i] = new MqttPublishVariableHeader(topic.text(), 1 + i);
        }
    }

    /** The first encoding included. */
    @Benchmark
    @OperationsPerInvocation(RECEIVERS)
    public void mqttx(Blackhole blackhole) {
        EncodedPublish encoded = EncodedPublish.of(message, version);
        for (int i = 0; i < RECEIVERS; i++) {
            encoded.writeTo(outs[i].clear(), false, level, false, qos == 0 ? 0 : 1 + i);
        }
        blackhole.consume(outs);
    }

    @Benchmark
    @OperationsPerInvocation(RECEIVERS)
    public void netty(Blackhole blackhole) {
        for (int i = 0; i < RECEIVERS; i++) {
            MqttFixedHeader header =
                    new MqttFixedHeader(MqttMessageType.PUBLISH, false, MqttQoS.valueOf(qos), false, 0);
            ByteBuf bytes = netty.encode(new MqttPublishMessage(header, nettyHeaders[i], nettyPayload));
            blackhole.consume(bytes);
            bytes.release();
        }
    }
}

package io.mqttx.benchmarks;

import com.hivemq.client.internal.mqtt.codec.encoder.MqttEncoderContext;
import com.hivemq.client.internal.mqtt.codec.encoder.MqttMessageEncoder;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketEncoder;
import io.mqttx.packet.Packet;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.handler.codec.mqtt.MqttMessage;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Packets to bytes. Ours go into a buffer that is there already, as the transport lends it; the peers have a pool and
 * allocate and release one buffer a packet, as their pipelines do. {@code mqttxFromPool} does likewise.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {EventLoopThreads.CUSTOM, EventLoopThreads.CLASS})
public class EncodeBenchmark {
    private static final int PACKETS = 64;

    @Param
    Traffic traffic;

    @Param({"heap", "direct"})
    String memory;

    private final Packet[] packets = new Packet[PACKETS];
    private final MqttMessage[] nettyMessages = new MqttMessage[PACKETS];
    private final com.hivemq.client.internal.mqtt.message.MqttMessage[] hivemqMessages =
            new com.hivemq.client.internal.mqtt.message.MqttMessage[PACKETS];
    private int next;

    private PacketEncoder encoder;
    private ByteBuffer out;
    private PooledByteBufAllocator pool;
    private NettyMqtt netty;

    @SuppressWarnings("rawtypes")
    private MqttMessageEncoder hivemq;

    private MqttEncoderContext hivemqContext;

    /** Makes what will be written. */
    @Setup
    public void setUp() {
        boolean direct = memory.equals("direct");
        encoder = new PacketEncoder(traffic.version());
        out = direct ? ByteBuffer.allocateDirect(4096) : ByteBuffer.allocate(4096);
        pool = new PooledByteBufAllocator(direct);
        netty = new NettyMqtt(traffic.version(), pool, message -> {});
        hivemq = HiveMq.encoder(traffic.packet(0), traffic.version()).orElse(null);
        hivemqContext = HiveMq.encoderContext(pool);
        for (int i = 0; i < PACKETS; i++) {
            packets[i] = traffic.packet(i);
            byte[] bytes = MqttCodec.toBytes(packets[i], traffic.version());
            nettyMessages[i] = NettyMqtt.message(packets[i], traffic.version());
            check(netty.encode(nettyMessages[i]), bytes);
            if (hivemq != null) {
                hivemqMessages[i] = HiveMq.message(packets[i], traffic.version(), bytes);
                check(HiveMq.encode(hivemqMessages[i], hivemq, hivemqContext), bytes);
            }
        }
    }

    @Benchmark
    public ByteBuffer mqttx() {
        encoder.encode(packets[next++ & PACKETS - 1], out.clear());
        return out;
    }

    @Benchmark
    public boolean mqttxFromPool() {
        Packet packet = packets[next++ & PACKETS - 1];
        int size = encoder.sizeOf(packet);
        ByteBuf buffer = pool.buffer(size, size);
        encoder.encode(packet, buffer.internalNioBuffer(0, size));
        return buffer.writerIndex(size).release();
    }

    @Benchmark
    public void netty(Blackhole blackhole) {
        ByteBuf bytes = netty.encode(nettyMessages[next++ & PACKETS - 1]);
        blackhole.consume(bytes);
        bytes.release();
    }

    /** Client side only: it cannot write what servers send. */
    @Benchmark
    public void hivemq(Blackhole blackhole) {
        if (hivemq == null) {
            throw new IllegalStateException("a client does not write " + traffic);
        }
        ByteBuf bytes = HiveMq.encode(hivemqMessages[next++ & PACKETS - 1], hivemq, hivemqContext);
        blackhole.consume(bytes);
        bytes.release();
    }

    /** A peer that writes less than we do would be fast for nothing. */
    private static void check(ByteBuf written, byte[] expected) {
        int difference = Math.abs(written.readableBytes() - expected.length);
        if (difference > 2) { // a peer may write a reason code or property length that we leave out
            throw new IllegalStateException(written.readableBytes() + " bytes, ours " + expected.length);
        }
        written.release();
    }
}

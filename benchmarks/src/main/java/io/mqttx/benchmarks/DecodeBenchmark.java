package io.mqttx.benchmarks;

import com.hivemq.client.internal.mqtt.codec.decoder.MqttDecoderContext;
import com.hivemq.client.internal.mqtt.codec.decoder.MqttMessageDecoder;
import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.MqttCodec;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
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

/**
 * Bytes to packets. A read brings one packet, as from a device that publishes now and then, or 16, as from a busy
 * socket, which spares the peers most of what a read costs them. The time is that of one packet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 7, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {EventLoopThreads.CUSTOM, EventLoopThreads.CLASS})
public class DecodeBenchmark {
    private static final int PACKETS = 16; // of each measured call, in one read or in 16

    @Param
    Traffic traffic;

    @Param({"heap", "direct"})
    String memory;

    /** {@code few}: the same 16 packets, whose topics any cache has; {@code many}: 4,096 different ones. */
    @Param({"few", "many"})
    String topics;

    /** Packets a read. */
    @Param({"1", "16"})
    int packets;

    private ByteBuffer[] reads;
    private ByteBuf[] nettyReads;
    private int next;

    private PacketDecoder decoder;
    private PacketDecoder slicing;
    private NettyMqtt netty;
    private DecoderPipe hivemq;
    private MqttMessageDecoder hivemqBare;
    private MqttDecoderContext hivemqContext;
    private Blackhole blackhole;

    /** Encodes what will be read. */
    @Setup
    public void setUp(Blackhole hole) {
        blackhole = hole;
        int count = (topics.equals("few") ? 16 : 4096) / packets;
        reads = new ByteBuffer[count];
        nettyReads = new ByteBuf[count];
        for (int i = 0; i < count; i++) {
            ByteBuffer read = ByteBuffer.allocate(1024 * packets);
            for (int j = 0; j < packets; j++) {
                read.put(MqttCodec.encode(traffic.packet(i * packets + j), traffic.version()));
            }
            read.flip();
            ByteBuf forNetty =
                    memory.equals("heap") ? Unpooled.buffer(read.remaining()) : Unpooled.directBuffer(read.remaining());
            nettyReads[i] = forNetty.writeBytes(read.duplicate());
            reads[i] = memory.equals("heap")
                    ? read
                    : ByteBuffer.allocateDirect(read.remaining()).put(read).flip();
        }
        Packet sample = traffic.packet(0);
        decoder = decoder(sample, DecoderOptions.defaults());
        slicing = decoder(sample, DecoderOptions.defaults().withPayloads(DecoderOptions.Payloads.SLICE));
        netty = new NettyMqtt(traffic.version(), PooledByteBufAllocator.DEFAULT, hole::consume);
        hivemq = new DecoderPipe(
                HiveMq.pipelineDecoder(traffic.version()), PooledByteBufAllocator.DEFAULT, hole::consume);
        hivemqBare = HiveMq.decoder(sample, traffic.version()).orElse(null);
        hivemqContext = HiveMq.decoderContext();
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public void mqttx() {
        read(decoder);
    }

    /** Payloads not copied out of a heap buffer: what Netty does with the payloads of its buffers. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public void mqttxSlices() {
        read(slicing);
    }

    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public void netty() {
        for (int i = 0; i < PACKETS; i += packets) {
            netty.decode(
                    nettyReads[next++ & nettyReads.length - 1].readerIndex(0).retain());
        }
    }

    /** Client side only: it cannot read what clients send. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public void hivemq() {
        requireClientSide();
        for (int i = 0; i < PACKETS; i += packets) {
            hivemq.decode(
                    nettyReads[next++ & nettyReads.length - 1].readerIndex(0).retain());
        }
    }

    /** The decoder of one packet type alone: no dispatch, nothing kept between two calls, no pipeline. */
    @Benchmark
    @OperationsPerInvocation(PACKETS)
    public void hivemqBare() {
        requireClientSide();
        for (int i = 0; i < PACKETS; i += packets) {
            ByteBuf in = nettyReads[next++ & nettyReads.length - 1].readerIndex(0);
            while (in.isReadable()) {
                blackhole.consume(HiveMq.decode(in, hivemqBare, hivemqContext));
            }
        }
    }

    private void read(PacketDecoder from) {
        for (int i = 0; i < PACKETS; i += packets) {
            ByteBuffer in = reads[next++ & reads.length - 1].rewind();
            while (from.next(in)) {
                blackhole.consume(from.packet());
            }
        }
    }

    private void requireClientSide() {
        if (hivemqBare == null) {
            throw new IllegalStateException("a client does not read " + traffic);
        }
    }

    private PacketDecoder decoder(Packet sample, DecoderOptions options) {
        return sample.type() == PacketType.CONNECT
                ? PacketDecoder.forServer(options)
                : PacketDecoder.forVersion(traffic.version(), options);
    }
}

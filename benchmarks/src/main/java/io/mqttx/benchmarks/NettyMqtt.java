package io.mqttx.benchmarks;

import io.mqttx.codec.MqttCodec;
import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Consumer;

/**
 * netty-codec-mqtt with as little around it as it runs with: the decoder is called by its own context and fires what
 * it read at the handler behind it; the encoder is called directly and given a pool to allocate from.
 */
final class NettyMqtt {
    private static final MethodHandle ENCODE = encodeMethod();

    private final DecoderPipe pipe;

    /** Speaks {@code version} from the start, and hands {@code messages} what is decoded; they are released then. */
    NettyMqtt(ProtocolVersion version, ByteBufAllocator allocator, Consumer<Object> messages) {
        pipe = new DecoderPipe(new MqttDecoder(1 << 20), allocator, messages);
        byte[] connect = MqttCodec.toBytes(new Connect(version, "me", true), version);
        decode(Unpooled.wrappedBuffer(connect)); // it learns the version from a CONNECT
    }

    /** Reads all of {@code in}, and releases it once. */
    void decode(ByteBuf in) {
        pipe.decode(in);
    }

    ByteBuf encode(MqttMessage message) {
        try {
            return (ByteBuf) ENCODE.invokeExact(pipe.context(), message);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same packet as a message of Netty's. */
    static MqttMessage message(Packet packet, ProtocolVersion version) {
        MqttMessage[] found = new MqttMessage[1];
        NettyMqtt codec = new NettyMqtt(
                version,
                ByteBufAllocator.DEFAULT,
                message -> found[0] = ReferenceCountUtil.retain((MqttMessage) message));
        codec.decode(Unpooled.wrappedBuffer(MqttCodec.toBytes(packet, version)));
        if (found[0].decoderResult().isFailure()) {
            throw new IllegalStateException(found[0].decoderResult().cause());
        }
        return found[0];
    }

    private static MethodHandle encodeMethod() {
        try {
            MethodType type = MethodType.methodType(ByteBuf.class, ChannelHandlerContext.class, MqttMessage.class);
            return MethodHandles.privateLookupIn(MqttEncoder.class, MethodHandles.lookup())
                    .findStatic(MqttEncoder.class, "doEncode", type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("another version of netty-codec-mqtt?", e);
        }
    }
}

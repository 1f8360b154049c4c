package io.mqttx.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;

/** A decoder of Netty's kind with as little around it as it runs with: called by its own context, and fires on. */
final class DecoderPipe {
    private final ChannelInboundHandlerAdapter decoder;
    private final ChannelHandlerContext context;

    /** Hands {@code messages} what is decoded; they are released then. */
    DecoderPipe(ChannelInboundHandlerAdapter decoder, ByteBufAllocator allocator, Consumer<Object> messages) {
        ChannelInboundHandlerAdapter last = new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                messages.accept(message);
                ReferenceCountUtil.release(message);
            }
        };
        this.decoder = decoder;
        EmbeddedChannel channel = new EmbeddedChannel(decoder, last);
        channel.config().setAllocator(allocator);
        context = channel.pipeline().context(decoder);
    }

    ChannelHandlerContext context() {
        return context;
    }

    /** Reads all of {@code in}, and releases it once. */
    void decode(ByteBuf in) {
        try {
            decoder.channelRead(context, in);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}

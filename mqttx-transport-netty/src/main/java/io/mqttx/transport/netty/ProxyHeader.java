package io.mqttx.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.util.AttributeKey;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The header that a proxy puts in front of everything else, TLS included: PROXY protocol, versions 1 and 2. Nothing
 * behind this sees the channel become active before the header has told whose it is; then this is gone.
 *
 * <p>A header takes no more than {@value #MOST_EXTRAS} bytes beyond its addresses, and {@value #PATIENCE_SECONDS}
 * seconds. Without a header, or with a bad one, the connection is closed.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a channel tells of every failure by closing
final class ProxyHeader extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = System.getLogger("io.mqttx.broker");
    private static final AttributeKey<SocketAddress> CLIENT = AttributeKey.valueOf(ProxyHeader.class, "client");
    private static final int MOST_EXTRAS = 1024; // bytes of type-length-value fields of version 2, which are not read
    private static final long PATIENCE_SECONDS = 5;

    private Optional<Future<?>> deadline = Optional.empty();

    private ProxyHeader() {}

    /** Adds what reads the header, in front of everything. */
    static void addTo(Channel channel) {
        channel.pipeline().addLast(new Decoder(), new ProxyHeader());
    }

    /** Where the client of this channel is: what the header said, or the other end of the socket. */
    static SocketAddress clientOf(Channel channel) {
        return channel.hasAttr(CLIENT) ? channel.attr(CLIENT).get() : channel.remoteAddress();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        deadline = Optional.of(
                context.executor().schedule(() -> refuse(context, "none in time"), PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof HAProxyMessage header)) {
            ReferenceCountUtil.release(message); // behind a header that was refused
            return;
        }
        try {
            if (header.sourceAddress() != null
                    && header.sourcePort() > 0) { // not for a health check of the proxy's own
                context.channel()
                        .attr(CLIENT)
                        .set(new InetSocketAddress(
                                NetUtil.createInetAddressFromIpAddressString(header.sourceAddress()),
                                header.sourcePort()));
            }
        } finally {
            header.release();
        }
        deadline.ifPresent(timer -> timer.cancel(false));
        context.fireChannelActive();
        context.pipeline().remove(this);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        deadline.ifPresent(timer -> timer.cancel(false)); // nobody behind this knew the channel
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        refuse(context, "no such header");
    }

    private void refuse(ChannelHandlerContext context, String why) {
        if (context.channel().isOpen()) {
            LOG.log(
                    Level.INFO,
                    () -> "closed a connection from "
                            + NettyLink.text(context.channel().remoteAddress()) + " without PROXY protocol header: "
                            + why);
            context.close();
        }
    }

    /** Refuses with the first byte what would otherwise be looked at until it is long enough. */
    private static final class Decoder extends HAProxyMessageDecoder {
        private boolean begun;

        Decoder() {
            super(MOST_EXTRAS);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (!begun && message instanceof ByteBuf bytes && bytes.isReadable()) {
                begun = true;
                byte first = bytes.getByte(bytes.readerIndex());
                if (first != 'P' && first != '\r') {
                    bytes.release();
                    context.fireExceptionCaught(new IllegalArgumentException("no PROXY protocol header"));
                    return;
                }
            }
            super.channelRead(context, message);
        }
    }
}

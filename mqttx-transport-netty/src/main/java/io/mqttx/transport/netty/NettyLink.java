package io.mqttx.transport.netty;

import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;

/** One socket. Packets are written straight into a buffer, which goes to Netty when it is full or the turn ends. */
@SuppressWarnings("FutureReturnValueIgnored") // a channel tells of every failure by closing
final class NettyLink implements Link {
    private static final int FIRST_BUFFER = 2 << 10; // bytes; for an answer or two
    private static final int BUFFER = 64 << 10; // once there was more to say than fits into the first

    private static final long PATIENCE_NANOS = 5_000_000_000L; // for a last word to be read
    private static final long LINGER_NANOS = 1_000_000_000L; // for the peer to close after that

    private final Channel channel;
    private String remoteAddress = ""; // known before anybody knows this link
    private NettyLoop loop;
    private final Inbound inbound;
    private boolean moving; // between two loops
    private boolean closing;

    private Optional<ByteBuf> open = Optional.empty(); // written, and not yet Netty's
    private ByteBuffer lent = ByteBuffer.allocate(0); // the view of it that the owner writes to
    private int lentFrom; // its position when it was lent
    private int nextBuffer = FIRST_BUFFER;
    private boolean dirty; // to be flushed at the end of the turn

    NettyLink(Channel channel, NettyLoop loop, Function<Link, Receiver> accept) {
        this.channel = channel;
        this.loop = loop;
        this.inbound = new Inbound(accept);
    }

    /** What stands in the channel's pipeline: the only part that Netty sees. */
    ChannelHandler handler() {
        return inbound;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public CompletionStage<Void> moveTo(Loop next) {
        pause();
        flush();
        CompletableFuture<Void> moved = new CompletableFuture<>();
        NettyLoop target = (NettyLoop) next;
        moving = true;
        channel.deregister()
                .addListener(deregistered -> target.eventLoop()
                        .register(channel)
                        .addListener(registered -> target.execute(() -> {
                            loop = target;
                            moving = false;
                            moved.complete(null);
                            if (!channel.isOpen()) {
                                inbound.gone(); // closed on the way, which nobody was told
                            }
                        })));
        return moved;
    }

    @Override
    public ByteBuffer reserve(int size) {
        if (open.isPresent() && open.get().writableBytes() < size) {
            hand();
        }
        if (open.isEmpty()) {
            open = Optional.of(channel.alloc().directBuffer(Math.max(size, nextBuffer)));
        }
        ByteBuf buffer = open.get();
        lent = buffer.internalNioBuffer(buffer.writerIndex(), buffer.writableBytes());
        lentFrom = lent.position();
        return lent;
    }

    @Override
    public void commit() {
        ByteBuf buffer = open.orElseThrow();
        buffer.writerIndex(buffer.writerIndex() + lent.position() - lentFrom);
        loop.packetWritten();
        if (!dirty) {
            dirty = true;
            loop.flushLater(this);
        }
    }

    @Override
    public long unsent() {
        ChannelOutboundBuffer handed = channel.unsafe().outboundBuffer();
        long unsent = handed == null ? 0 : handed.totalPendingWriteBytes();
        return open.isPresent() ? unsent + open.get().readableBytes() : unsent;
    }

    @Override
    public void pause() {
        channel.config().setAutoRead(false);
    }

    @Override
    public void resume() {
        channel.config().setAutoRead(true);
    }

    @Override
    public void close() {
        if (!closing) {
            closing = true;
            flush();
            boolean webSocket = channel.pipeline().get(WebSocketFrames.class) != null;
            Object last = webSocket
                    ? new CloseWebSocketFrame(WebSocketCloseStatus.NORMAL_CLOSURE)
                    : channel.alloc().buffer(0, 0);
            ChannelFuture written = channel.writeAndFlush(last);
            written.addListener(sent -> linger());
            if (!written.isDone()) {
                loop.schedule(channel::close, PATIENCE_NANOS); // a peer that reads nothing does not hold us
            }
        }
    }

    @Override
    public void abort() {
        closing = true;
        channel.close();
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public List<X509Certificate> peerCertificates() {
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls == null) {
            return List.of();
        }
        try {
            return Arrays.stream(tls.engine().getSession().getPeerCertificates())
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException e) {
            return List.of(); // none was shown
        }
    }

    /** Sends what was written: at the end of the loop's turn. */
    void flush() {
        dirty = false;
        hand();
        channel.flush();
        nextBuffer = FIRST_BUFFER;
    }

    /**
     * Waits a moment for the peer to close: to close with bytes unread would reset the connection, and the last word
     * might be lost with it.
     */
    private void linger() {
        if (channel.isActive() && channel instanceof DuplexChannel duplex) {
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            if (tls == null) {
                duplex.shutdownOutput();
            } else {
                tls.closeOutbound().addListener(said -> duplex.shutdownOutput());
            }
            resume();
            loop.schedule(channel::close, LINGER_NANOS);
        } else {
            channel.close();
        }
    }

    /** Gives the buffer at hand to Netty, which sends it with the next flush. */
    private void hand() {
        if (open.isPresent()) {
            channel.write(open.get(), channel.voidPromise());
            open = Optional.empty();
            nextBuffer = BUFFER;
        }
    }

    /** An address as people write it. */
    static String text(SocketAddress address) {
        if (address instanceof InetSocketAddress internet && internet.getAddress() != null) {
            String host = internet.getAddress().getHostAddress();
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + internet.getPort();
        }
        return "unix socket"; // whose client has no address
    }

    /** From Netty's calls to the receiver's. */
    private final class Inbound extends ChannelInboundHandlerAdapter {
        private final Function<Link, Receiver> accept;
        private Optional<Receiver> receiver = Optional.empty();
        private String trouble = "";

        Inbound(Function<Link, Receiver> accept) {
            this.accept = accept;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            if (receiver.isEmpty()) { // a channel is active again after each move
                remoteAddress = text(ProxyHeader.clientOf(context.channel()));
                receiver = Optional.of(accept.apply(NettyLink.this));
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            try {
                byte[] buffer = loop.readBuffer();
                while (bytes.isReadable() && receiver.isPresent() && !closing) {
                    int length = Math.min(bytes.readableBytes(), buffer.length);
                    bytes.readBytes(buffer, 0, length);
                    receiver.get().received(ByteBuffer.wrap(buffer, 0, length));
                }
            } finally {
                ReferenceCountUtil.release(bytes);
            }
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (context.channel().isWritable()) {
                receiver.ifPresent(Receiver::drained);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (!moving) {
                gone();
            }
        }

        void gone() {
            open.ifPresent(ByteBuf::release);
            open = Optional.empty();
            receiver.ifPresent(known -> known.closed(trouble));
            receiver = Optional.empty();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // A reset is daily bread; what else goes wrong here would be our own mistake, and ends this link alone.
            boolean usual = cause instanceof IOException || cause instanceof DecoderException;
            trouble = usual ? "connection lost: " + cause.getMessage() : cause.toString();
            context.close();
        }
    }
}

package io.mqttx.transport.netty;

import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** TCP by Netty, one loop for each core unless told otherwise. */
public final class NettyTransport implements Transport {
    private static final int BACKLOG = 1024; // connections that the kernel holds for us; it may cut that
    private static final int LOW_WATER = 64 << 10; // bytes unsent below which more is asked for
    private static final int HIGH_WATER = 256 << 10;
    private static final long CLOSE_SECONDS = 5;

    private final boolean epoll = Epoll.isAvailable();
    private final EventLoopGroup group;
    private final List<Loop> loops;
    private final List<Channel> listening = new ArrayList<>(); // guarded by itself
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    /** One loop for each core. */
    public NettyTransport() {
        this(Runtime.getRuntime().availableProcessors());
    }

    /**
     * As many loops as you say.
     *
     * @param threads at least 1
     */
    public NettyTransport(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is at least 1, not " + threads);
        }
        IoHandlerFactory io = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("mqttx-loop"), io);
        List<Loop> made = new ArrayList<>();
        for (EventExecutor executor : group) {
            made.add(new NettyLoop((EventLoop) executor));
        }
        loops = List.copyOf(made);
    }

    @Override
    public List<Loop> loops() {
        return loops;
    }

    @Override
    public int listen(Listener listener, Function<Link, Link.Receiver> accept) {
        InetSocketAddress address = new InetSocketAddress(listener.host(), listener.port());
        if (address.isUnresolved()) {
            throw new UncheckedIOException(new IOException("cannot listen at " + at(listener) + ": unknown host"));
        }
        Class<? extends ServerSocketChannel> type =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .channel(type)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(LOW_WATER, HIGH_WATER))
                .childHandler(new Welcome(accept));
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            String reason = bound.cause().getMessage();
            throw new UncheckedIOException(
                    new IOException("cannot listen at " + at(listener) + ": " + reason, bound.cause()));
        }
        synchronized (listening) {
            listening.add(bound.channel());
        }
        return ((InetSocketAddress) bound.channel().localAddress()).getPort();
    }

    @Override
    public void stopListening() {
        synchronized (listening) {
            listening.forEach(channel -> channel.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS));
            listening.clear();
        }
    }

    @Override
    public void close() {
        stopListening();
        channels.newCloseFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        channels.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public String description() {
        return (epoll ? "epoll" : "NIO") + ", " + loops.size() + (loops.size() == 1 ? " loop" : " loops");
    }

    private static String at(Listener listener) {
        return listener.host() + ":" + listener.port();
    }

    private NettyLoop loopOf(Channel channel) {
        for (Loop loop : loops) {
            if (loop.isCurrent()) {
                return (NettyLoop) loop;
            }
        }
        throw new IllegalStateException(channel + " is on no loop of this transport");
    }

    /** Gives each new channel its link. */
    private final class Welcome extends ChannelInitializer<Channel> {
        private final Function<Link, Link.Receiver> accept;

        Welcome(Function<Link, Link.Receiver> accept) {
            this.accept = accept;
        }

        @Override
        protected void initChannel(Channel channel) {
            channels.add(channel);
            NettyLink link = new NettyLink(channel, loopOf(channel), accept);
            channel.pipeline().addLast(link.handler());
        }
    }
}

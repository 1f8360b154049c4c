package io.mqttx.transport.netty;

import io.mqttx.broker.api.Listener;
import io.mqttx.broker.spi.Link;
import io.mqttx.broker.spi.Loop;
import io.mqttx.broker.spi.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** TCP, TLS, WebSocket and Unix domain sockets by Netty, on {@link #usualThreads} loops unless told otherwise. */
public final class NettyTransport implements Transport {
    private static final int BACKLOG = 1024; // connections that the kernel holds for us; it may cut that
    private static final int LOW_WATER = 64 << 10; // bytes unsent below which more is asked for
    private static final int HIGH_WATER = 256 << 10;
    private static final int READS = 16; // at a time of one connection, as is usual
    private static final int MAX_FRAME = 1 << 20; // bytes of a WebSocket frame; a packet may span several
    private static final long CLOSE_SECONDS = 5;

    private final Sockets sockets;
    private final EventLoopGroup group;
    private final List<Loop> loops;
    private final List<Channel> listening = new ArrayList<>(); // guarded by itself
    private final List<Path> socketFiles = new ArrayList<>(); // to be removed in the end; guarded by listening
    private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);

    /** One loop fewer than there are cores, but at least one, asking the system the best way. */
    public NettyTransport() {
        this(usualThreads());
    }

    /**
     * As many loops as you say.
     *
     * @param threads at least 1
     */
    public NettyTransport(int threads) {
        this(threads, IoMethod.AUTO);
    }

    /**
     * As many loops as you say, asking the system as you say.
     *
     * @param threads at least 1
     * @throws IllegalArgumentException if the method is not available here, with a sentence that says why
     */
    public NettyTransport(int threads, IoMethod method) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads is at least 1, not " + threads);
        }
        sockets = Sockets.of(method);
        group = new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory("mqttx-loop"), sockets.io());
        List<Loop> made = new ArrayList<>();
        for (EventExecutor executor : group) {
            made.add(new NettyLoop((SingleThreadEventLoop) executor));
        }
        loops = List.copyOf(made);
    }

    /** How many loops serve best: a core is left to the kernel's network, the collector and the application. */
    public static int usualThreads() {
        return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    }

    @Override
    public List<Loop> loops() {
        return loops;
    }

    @Override
    public int listen(Listener listener, Function<Link, Link.Receiver> accept) {
        Optional<TlsContext> tls = listener.tls().map(TlsContext::new);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(group)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(LOW_WATER, HIGH_WATER))
                .childOption(
                        ChannelOption.RECVBUF_ALLOCATOR, // one for all: it has no state
                        new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(READS))
                .childHandler(new Welcome(accept, tls, listener));
        SocketAddress address = prepare(bootstrap, listener.place());
        ChannelFuture bound = bootstrap.bind(address).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw cannotListen(listener.place(), bound.cause().getMessage(), bound.cause());
        }
        synchronized (listening) {
            listening.add(bound.channel());
            if (listener.place() instanceof Listener.Unix unix) {
                socketFiles.add(unix.path());
            }
        }
        return bound.channel().localAddress() instanceof InetSocketAddress internet ? internet.getPort() : 0;
    }

    @Override
    public void stopListening() {
        synchronized (listening) {
            for (Channel channel : listening) {
                channel.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
            }
            listening.clear();
            socketFiles.forEach(path -> path.toFile().delete());
            socketFiles.clear();
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
        return sockets.name() + ", " + loops.size() + (loops.size() == 1 ? " loop" : " loops");
    }

    /** Gives the bootstrap what this kind of place needs, and tells the address. */
    private SocketAddress prepare(ServerBootstrap bootstrap, Listener.Place place) {
        if (place instanceof Listener.Unix unix) {
            removeOldSocket(unix.path());
            bootstrap.channel(sockets.unix());
            return sockets.unixAddress().apply(unix.path());
        }
        Listener.Tcp tcp = (Listener.Tcp) place;
        InetSocketAddress address = new InetSocketAddress(tcp.host(), tcp.port());
        if (address.isUnresolved()) {
            throw cannotListen(place, "unknown host", null);
        }
        bootstrap
                .channel(sockets.tcp())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true);
        return address;
    }

    /** What an earlier process left behind: a socket that nobody listens at. */
    private static void removeOldSocket(Path path) {
        if (!Files.exists(path)) {
            return;
        }
        try {
            boolean isSocket =
                    Files.readAttributes(path, BasicFileAttributes.class).isOther();
            if (!isSocket) {
                throw new IOException("cannot listen at " + path + ": there is a file that is no socket");
            }
            try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                probe.connect(UnixDomainSocketAddress.of(path));
            } catch (ConnectException e) {
                Files.delete(path);
                return;
            }
            throw new IOException("cannot listen at " + path + ": another process does");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static UncheckedIOException cannotListen(Listener.Place place, String reason, Throwable cause) {
        return new UncheckedIOException(new IOException("cannot listen at " + place + ": " + reason, cause));
    }

    private NettyLoop loopOf(Channel channel) {
        for (Loop loop : loops) {
            if (loop.isCurrent()) {
                return (NettyLoop) loop;
            }
        }
        throw new IllegalStateException(channel + " is on no loop of this transport");
    }

    /** Gives each new channel its link, and the layers in front of it. */
    private final class Welcome extends ChannelInitializer<Channel> {
        private final Function<Link, Link.Receiver> accept;
        private final Optional<TlsContext> tls;
        private final Listener listener;

        Welcome(Function<Link, Link.Receiver> accept, Optional<TlsContext> tls, Listener listener) {
            this.accept = accept;
            this.tls = tls;
            this.listener = listener;
        }

        @Override
        protected void initChannel(Channel channel) {
            channels.add(channel);
            if (listener.proxyProtocol()) {
                ProxyHeader.addTo(channel);
            }
            tls.ifPresent(
                    context -> channel.pipeline().addLast(context.current().newHandler(channel.alloc())));
            listener.webSocketPath().ifPresent(path -> WebSocketFrames.addTo(channel.pipeline(), path, MAX_FRAME));
            channel.pipeline().addLast(new NettyLink(channel, loopOf(channel), accept).handler());
        }
    }
}

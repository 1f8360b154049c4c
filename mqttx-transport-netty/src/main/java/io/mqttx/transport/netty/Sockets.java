package io.mqttx.transport.netty;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.kqueue.KQueue;
import io.netty.channel.kqueue.KQueueIoHandler;
import io.netty.channel.kqueue.KQueueServerDomainSocketChannel;
import io.netty.channel.kqueue.KQueueServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * What Netty needs for one way of asking the system about sockets.
 *
 * @param name        for people
 * @param io          asks the system
 * @param tcp         listens at TCP ports
 * @param unix        listens at Unix domain sockets
 * @param unixAddress the address of such a socket
 */
record Sockets(
        String name,
        IoHandlerFactory io,
        Class<? extends ServerChannel> tcp,
        Class<? extends ServerChannel> unix,
        Function<Path, SocketAddress> unixAddress) {

    /**
     * For this method.
     *
     * @throws IllegalArgumentException if it is not available here, with a sentence that says why
     */
    static Sockets of(IoMethod method) {
        return switch (method) {
            case AUTO -> of(best());
            case IO_URING -> {
                require(IoUring.isAvailable(), "io_uring", IoUring.unavailabilityCause());
                yield new Sockets(
                        "io_uring",
                        IoUringIoHandler.newFactory(),
                        IoUringServerSocketChannel.class,
                        IoUringServerDomainSocketChannel.class,
                        Sockets::nativeAddress);
            }
            case EPOLL -> {
                require(Epoll.isAvailable(), "epoll", Epoll.unavailabilityCause());
                yield new Sockets(
                        "epoll",
                        EpollIoHandler.newFactory(),
                        EpollServerSocketChannel.class,
                        EpollServerDomainSocketChannel.class,
                        Sockets::nativeAddress);
            }
            case KQUEUE -> {
                require(KQueue.isAvailable(), "kqueue", KQueue.unavailabilityCause());
                yield new Sockets(
                        "kqueue",
                        KQueueIoHandler.newFactory(),
                        KQueueServerSocketChannel.class,
                        KQueueServerDomainSocketChannel.class,
                        Sockets::nativeAddress);
            }
            case NIO ->
                new Sockets(
                        "NIO",
                        NioIoHandler.newFactory(),
                        NioServerSocketChannel.class,
                        NioServerDomainSocketChannel.class,
                        UnixDomainSocketAddress::of);
        };
    }

    private static IoMethod best() {
        if (Epoll.isAvailable()) {
            return IoMethod.EPOLL;
        }
        return KQueue.isAvailable() ? IoMethod.KQUEUE : IoMethod.NIO;
    }

    private static SocketAddress nativeAddress(Path path) {
        return new DomainSocketAddress(path.toFile());
    }

    private static void require(boolean available, String name, Throwable why) {
        if (!available) {
            Throwable reason = why;
            while (reason != null && reason.getCause() != null) {
                reason = reason.getCause();
            }
            String told = reason == null || reason.getMessage() == null ? "" : ": " + reason.getMessage();
            throw new IllegalArgumentException(name + " is not available here" + told, why);
        }
    }
}

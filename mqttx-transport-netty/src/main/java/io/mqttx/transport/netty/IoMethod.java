package io.mqttx.transport.netty;

/** How the system is asked about its sockets. */
public enum IoMethod {
    /** The best that has proven itself and is available: epoll on Linux, kqueue on macOS and BSD, else NIO. */
    AUTO,
    /** io_uring of Linux, kernel 5.9 or newer, where the system allows it. */
    IO_URING,
    /** epoll of Linux. */
    EPOLL,
    /** kqueue of macOS and BSD. */
    KQUEUE,
    /** What the JDK offers on every system. */
    NIO
}

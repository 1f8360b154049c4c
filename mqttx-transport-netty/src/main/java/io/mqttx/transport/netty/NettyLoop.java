package io.mqttx.transport.netty;

import io.mqttx.broker.spi.Loop;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** An event loop, with what the links on it share: a buffer to read with, and the flush at the end of a turn. */
final class NettyLoop implements Loop {
    private static final int READ_BUFFER = 64 << 10; // bytes
    private static final int WORTH_A_FLUSH = 16; // packets: to write them takes about as long as to send them

    private final SingleThreadEventLoop loop;
    // Both of the loop's thread alone:
    private final byte[] readBuffer = new byte[READ_BUFFER];
    private List<NettyLink> dirty = new ArrayList<>();
    private List<NettyLink> flushing = new ArrayList<>();
    private int written; // packets since the last flush
    private int waitingFor; // more than so many of them, since a flush was put off
    private final Runnable flush = this::flush;

    NettyLoop(SingleThreadEventLoop loop) {
        this.loop = loop;
    }

    EventLoop eventLoop() {
        return loop;
    }

    /** Where bytes are copied on their way in: heap, as the decoder reads it fastest. */
    byte[] readBuffer() {
        return readBuffer;
    }

    /** Flushes {@code link} behind everything that this turn of the loop still does: one flush however much it writes. */
    void flushLater(NettyLink link) {
        if (dirty.isEmpty()) {
            loop.execute(flush);
        }
        dirty.add(link);
    }

    /** A link on this loop has written a packet, which is not flushed yet. */
    void packetWritten() {
        written++;
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public boolean isCurrent() {
        return loop.inEventLoop();
    }

    @Override
    public Timer schedule(Runnable task, long nanos) {
        Future<?> scheduled = loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    @Override
    public long now() {
        return System.nanoTime();
    }

    /**
     * While there is more to do, links with little to send wait for more: a system call costs as much as many packets.
     * The wait is never much longer than the flush itself.
     */
    private void flush() {
        boolean grows = written > waitingFor;
        if (grows && written < WORTH_A_FLUSH * dirty.size() && loop.pendingTasks() > 0) {
            waitingFor = written;
            loop.execute(flush);
            return;
        }
        written = 0;
        waitingFor = 0;
        List<NettyLink> now = dirty;
        dirty = flushing;
        flushing = now;
        now.forEach(NettyLink::flush);
        now.clear();
    }
}

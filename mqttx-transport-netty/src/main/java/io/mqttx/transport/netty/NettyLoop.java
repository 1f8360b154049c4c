package io.mqttx.transport.netty;

import io.mqttx.broker.spi.Loop;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** An event loop, with what the links on it share: a buffer to read with, and the flush at the end of a turn. */
final class NettyLoop implements Loop {
    private static final int READ_BUFFER = 64 << 10; // bytes

    private final EventLoop loop;
    // Both of the loop's thread alone:
    private final byte[] readBuffer = new byte[READ_BUFFER];
    private List<NettyLink> dirty = new ArrayList<>();
    private List<NettyLink> flushing = new ArrayList<>();

    NettyLoop(EventLoop loop) {
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
            loop.execute(this::flush);
        }
        dirty.add(link);
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

    private void flush() {
        List<NettyLink> now = dirty;
        dirty = flushing;
        flushing = now;
        now.forEach(NettyLink::flush);
        now.clear();
    }
}

package io.mqttx.benchmarks;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that benchmarks run in: of the kind that Netty's event loops are, since its pools are fast in no other.
 */
public final class EventLoopThreads extends ThreadPoolExecutor {
    /** For {@code @Fork(jvmArgsAppend = …)}: JMH is to use these threads. */
    static final String CUSTOM = "-Djmh.executor=CUSTOM";

    /** And this is their class. */
    static final String CLASS = "-Djmh.executor.class=io.mqttx.benchmarks.EventLoopThreads";

    /** As JMH calls it. */
    public EventLoopThreads(int threads, String name) {
        super(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory(name));
    }
}

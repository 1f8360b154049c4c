package io.mqttx.benchmarks.broker;

import io.mqttx.broker.spi.Loop;

/** The thread of a benchmark as a loop: always the current one, and nothing waits on it. */
final class Here implements Loop {
    @Override
    public void execute(Runnable task) {
        task.run();
    }

    @Override
    public boolean isCurrent() {
        return true;
    }

    @Override
    public Timer schedule(Runnable task, long nanos) {
        return Timer.NONE;
    }

    @Override
    public long now() {
        return 0;
    }
}

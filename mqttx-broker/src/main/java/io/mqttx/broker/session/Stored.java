package io.mqttx.broker.session;

import java.util.concurrent.atomic.LongAdder;

/** What waits in all queues of a broker together. Safe for all threads. */
public final class Stored {
    private final LongAdder messages = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /** Nothing yet. */
    public Stored() {}

    /** Messages that wait, each counted for every session in which it does. */
    public long messages() {
        return messages.sum();
    }

    /** Bytes of those. */
    public long bytes() {
        return bytes.sum();
    }

    void add(long moreMessages, long moreBytes) {
        messages.add(moreMessages);
        bytes.add(moreBytes);
    }
}

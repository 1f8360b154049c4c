package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Loop;

/** Who a message may go to. Compared by identity. */
public interface Subscriber {

    /** The client identifier. From any thread. */
    String clientId();

    /** The loop on which messages are delivered. From any thread. */
    Loop loop();

    /** Whether somebody is there at the moment. From any thread; the answer may be old when it comes. */
    boolean isOnline();

    /** Takes a message that {@code grant} entitles to; on {@link #loop}. */
    void deliver(SharedMessage message, Grant grant);
}

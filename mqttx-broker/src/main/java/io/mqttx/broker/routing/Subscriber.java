package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Loop;

/** Who a message may go to. Compared by identity. */
public interface Subscriber {

    /** The client identifier. From any thread. */
    String clientId();

    /** The loop on which messages are delivered. From any thread. */
    Loop loop();

    /** How much it can take at the moment, asked for when it joins a shared subscription; on {@link #loop}. */
    Room room();

    /** Takes a message that {@code grant} entitles to; on {@link #loop}. */
    void deliver(SharedMessage message, Grant grant);
}

package io.mqttx.broker.routing;

import io.mqttx.broker.spi.Loop;

/** Who a message may go to. Compared by identity. */
public interface Subscriber {

    /** The client identifier. From any thread. */
    String clientId();

    /** The loop on which messages are delivered. From any thread. */
    Loop loop();

    /** Whether its client is there and has nothing to wait for, so that it may soon be done with a message; on {@link #loop}. */
    boolean mayAnswerSoon();

    /** How much it can take at the moment, asked for when it joins a shared subscription; on {@link #loop}. */
    Room room();

    /**
     * Whether it would have to keep the message and has no room. From any thread; may be old when it comes.
     *
     * @param before how many others are known to be on their way
     */
    boolean isFullFor(SharedMessage message, int before);

    /** A message was not sent its way because it is full. From any thread. */
    void missed(SharedMessage message);

    /** The number under which its messages are kept, or 0 if they are not. From any thread. */
    long key();

    /**
     * Takes a message that {@code grant} entitles to; on {@link #loop}.
     *
     * @param sequence the number under which it is kept, or 0 if it is not
     */
    void deliver(SharedMessage message, Grant grant, long sequence);
}

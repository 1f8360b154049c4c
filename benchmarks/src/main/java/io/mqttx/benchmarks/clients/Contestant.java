package io.mqttx.benchmarks.clients;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A connected client, used as its users would: topics are strings, payloads are bytes. */
interface Contestant {

    /** Unanswered messages at QoS 1 and 2. */
    int IN_FLIGHT = 100;

    /** Messages at QoS 0 that were given to a client and not yet to its socket, where the client does not bound them. */
    int UNSENT = 1000;

    /** Where a client comes from. */
    interface Maker {
        /** Connects in version 5 to this port of the loopback, without a session. */
        CompletableFuture<Contestant> connect(String clientId, int port) throws Exception;
    }

    /**
     * Publishes as fast as it can, while there are {@code more}, at most {@link #IN_FLIGHT} unanswered, and one more
     * at QoS 1; returns when all were answered. Since servers answer in order, those of QoS 0 were read then too.
     *
     * @param topics used in turn
     */
    void publish(String[] topics, byte[] payload, int qos, BooleanSupplier more) throws Exception;

    /** Publishes one message, and waits for nothing. */
    void publishOne(String topic, byte[] payload, int qos) throws Exception;

    /** Subscribes, and waits for SUBACK. */
    void subscribe(String filter, int qos, Consumer<ByteBuffer> onPayload) throws Exception;

    /** Unsubscribes, and waits for UNSUBACK. */
    void unsubscribe(String filter) throws Exception;

    /** Disconnects. */
    void close() throws Exception;
}

package io.mqttx.server;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A client of somebody else's, with what every client can do. */
interface PeerClient extends AutoCloseable {
    /** A message as the client got it. */
    @SuppressWarnings("ArrayRecordComponent") // compared part by part
    record Received(String topic, byte[] payload, int qos, boolean retained) {
        String text() {
            return topic + " " + new String(payload, StandardCharsets.UTF_8);
        }
    }

    /** Connects; tells whether the session was present. */
    boolean connect(boolean cleanStart) throws Exception;

    void subscribe(String filter, int qos) throws Exception;

    void unsubscribe(String filter) throws Exception;

    /** Returns when the message is acknowledged as its QoS wants. */
    void publish(String topic, byte[] payload, int qos, boolean retain) throws Exception;

    /** Waits until this many messages have come in all, and returns them. */
    List<Received> await(int count) throws InterruptedException;

    void disconnect() throws Exception;

    /** Lets go of everything, politely or not. */
    @Override
    void close();
}

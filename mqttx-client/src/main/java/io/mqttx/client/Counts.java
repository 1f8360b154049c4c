package io.mqttx.client;

/**
 * What {@link ClientCounters} is made of. Guarded by the lock of the client, which all that is counted here holds
 * anyway: plain numbers, free on the path of a message.
 */
final class Counts {
    private long connections;
    private long messagesSent;
    private long messagesReceived;
    private long bytesSent;
    private long bytesReceived;
    private long dropped;
    private long refused;

    void connected() {
        connections++;
    }

    void messageSent() {
        messagesSent++;
    }

    void messageReceived() {
        messagesReceived++;
    }

    void sent(int bytes) {
        bytesSent += bytes;
    }

    void received(int bytes) {
        bytesReceived += bytes;
    }

    void messageDropped() {
        dropped++;
    }

    void messageRefused() {
        refused++;
    }

    ClientCounters with(int inFlight, int waiting, long untold) {
        return new ClientCounters(
                connections,
                messagesSent,
                messagesReceived,
                bytesSent,
                bytesReceived,
                dropped,
                refused,
                inFlight,
                waiting,
                untold);
    }
}

package io.mqttx.client;

/**
 * What a client has done since it was made, and how it stands: from {@link MqttClient#counters()}. Numbers that belong
 * together were read at the same moment.
 *
 * @param connections      how often a server has accepted the connection
 * @param messagesSent     PUBLISH packets given to the connection, those sent again too
 * @param messagesReceived messages that came, each QoS 2 message once
 * @param bytesSent        MQTT bytes given to the network: what TLS, WebSocket and proxies add is not in it
 * @param bytesReceived    MQTT bytes that came from the network
 * @param dropped          messages given up, see {@link ClientEvents#publishDropped}; not what failed at the call
 * @param refused          QoS 1 and 2 messages that the server refused
 * @param inFlight         QoS 1 and 2 messages to the server that it has not answered, now
 * @param waiting          messages that wait for a connection or for room in the server's window, now
 * @param untold           bytes of messages that came and were not told to the application yet, now
 */
public record ClientCounters(
        long connections,
        long messagesSent,
        long messagesReceived,
        long bytesSent,
        long bytesReceived,
        long dropped,
        long refused,
        int inFlight,
        int waiting,
        long untold) {}

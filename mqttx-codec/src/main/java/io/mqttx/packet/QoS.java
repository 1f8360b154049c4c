package io.mqttx.packet;

/** How surely a message arrives (§4.3). */
public enum QoS {
    /** QoS 0: sent once and forgotten. */
    AT_MOST_ONCE(0),
    /** QoS 1: sent until acknowledged, so it may come twice. */
    AT_LEAST_ONCE(1),
    /** QoS 2: handed over in two steps, so it comes once. */
    EXACTLY_ONCE(2);

    private static final QoS[] ALL = values();

    private final int code;

    QoS(int code) {
        this.code = code;
    }

    /**
     * The QoS with this code.
     *
     * @param code 0, 1 or 2
     * @throws ProtocolException for any other; 3 is what both bits set would say [MQTT-3.3.1-4]
     */
    public static QoS of(int code) {
        if (code < 0 || code >= ALL.length) {
            throw ProtocolException.malformed("QoS is 0, 1 or 2, not " + code + " [MQTT-3.3.1-4]");
        }
        return ALL[code];
    }

    /** 0, 1 or 2. */
    public int code() {
        return code;
    }

    /** The lower of the two: what a message published with one arrives with under a subscription with the other. */
    public QoS atMost(QoS limit) {
        return limit.code < code ? limit : this;
    }
}

package io.mqttx.packet;

/** Which retained messages a subscription is sent when it is made (§3.8.3.1). */
public enum RetainHandling {
    /** 0: all that match. */
    SEND(0),
    /** 1: all that match, if the subscription did not exist before. */
    SEND_IF_NEW(1),
    /** 2: none. */
    DO_NOT_SEND(2);

    private static final RetainHandling[] ALL = values();

    private final int code;

    RetainHandling(int code) {
        this.code = code;
    }

    /**
     * The retain handling with this code.
     *
     * @param code 0, 1 or 2
     * @throws ProtocolException for any other
     */
    public static RetainHandling of(int code) {
        if (code < 0 || code >= ALL.length) {
            throw ProtocolException.protocolError("retain handling is 0, 1 or 2, not " + code + " (§3.8.3.1)");
        }
        return ALL[code];
    }

    /** 0, 1 or 2. */
    public int code() {
        return code;
    }
}

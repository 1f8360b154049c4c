package io.mqttx.packet;

/** The types of packets, with their code in the fixed header (§2.1.2). */
public enum PacketType {
    CONNECT(1),
    CONNACK(2),
    PUBLISH(3),
    PUBACK(4),
    PUBREC(5),
    PUBREL(6),
    PUBCOMP(7),
    SUBSCRIBE(8),
    SUBACK(9),
    UNSUBSCRIBE(10),
    UNSUBACK(11),
    PINGREQ(12),
    PINGRESP(13),
    DISCONNECT(14),
    /** Since version 5. */
    AUTH(15);

    private static final PacketType[] ALL = values();

    private final int code;
    private final int reservedFlags;

    PacketType(int code) {
        this.code = code;
        this.reservedFlags = code == 6 || code == 8 || code == 10 ? 2 : 0; // PUBREL, SUBSCRIBE, UNSUBSCRIBE
    }

    /**
     * The type with this code.
     *
     * @param code 1 to 15
     * @throws ProtocolException for 0, which is reserved
     */
    public static PacketType of(int code) {
        if (code < 1 || code > ALL.length) {
            throw ProtocolException.malformed("packet type " + code + " is reserved (§2.1.2)");
        }
        return ALL[code - 1];
    }

    /** The code in the upper half of the first byte, 1 to 15. */
    public int code() {
        return code;
    }

    /** The lower half of the first byte, for every type but PUBLISH, which has flags there [MQTT-2.1.3-1]. */
    public int reservedFlags() {
        return reservedFlags;
    }
}

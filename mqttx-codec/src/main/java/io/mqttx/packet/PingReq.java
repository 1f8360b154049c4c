package io.mqttx.packet;

/** Is the peer still there (§3.12)? Clients ask, servers answer. */
public record PingReq() implements Packet {
    /** One is as good as another. */
    public static final PingReq INSTANCE = new PingReq();

    @Override
    public PacketType type() {
        return PacketType.PINGREQ;
    }

    @Override
    public Properties properties() {
        return Properties.EMPTY;
    }
}

package io.mqttx.packet;

/** The answer to PINGREQ (§3.13). */
public record PingResp() implements Packet {
    /** One is as good as another. */
    public static final PingResp INSTANCE = new PingResp();

    @Override
    public PacketType type() {
        return PacketType.PINGRESP;
    }

    @Override
    public Properties properties() {
        return Properties.EMPTY;
    }
}

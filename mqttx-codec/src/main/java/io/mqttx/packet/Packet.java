package io.mqttx.packet;

/** One MQTT control packet (§2.1). */
public sealed interface Packet
        permits Connect,
                ConnAck,
                Publish,
                PubAck,
                PubRec,
                PubRel,
                PubComp,
                Subscribe,
                SubAck,
                Unsubscribe,
                UnsubAck,
                PingReq,
                PingResp,
                Disconnect,
                Auth {

    /** Its type, for a {@code switch}. */
    PacketType type();

    /** Its properties (§2.2.2): {@link Properties#EMPTY} before version 5, and on packets that have none. */
    Properties properties();
}

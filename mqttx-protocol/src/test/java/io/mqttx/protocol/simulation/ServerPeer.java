package io.mqttx.protocol.simulation;

import io.mqttx.packet.ConnAck;
import io.mqttx.packet.Disconnect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.protocol.ServerConnection;
import java.util.Random;

/** A server with the connection of its one client. */
final class ServerPeer extends Peer {
    private ServerConnection<Publish> connection = new ServerConnection<>(0, 1);
    private boolean sessionKept;
    private int takes;

    ServerPeer(ProtocolVersion version, Random random, int messages, int highestId, double delay) {
        super("server", version, random, messages, highestId, delay);
    }

    void listen(int receiveMaximum) {
        takes = receiveMaximum;
        connection = new ServerConnection<>(0, 1_000_000_000L);
    }

    @Override
    public void handle(Packet packet) {
        check(packet.type() == PacketType.CONNECT, "nothing but CONNECT is for the owner here");
        Properties properties =
                version.hasProperties() ? Properties.of(Property.RECEIVE_MAXIMUM, takes) : Properties.EMPTY;
        connection.accept(new ConnAck(sessionKept, ReasonCode.SUCCESS, properties), flows, window, 0xFFFF, 0, this);
        sessionKept = true;
    }

    @Override
    boolean canPublish() {
        return connection.canPublish();
    }

    @Override
    void publish(Publish message) {
        connection.publish(message, message.qos(), this);
    }

    @Override
    void receive(Packet packet) {
        if (packet.type() != PacketType.DISCONNECT) {
            connection.received(packet, 0, this);
        } else {
            close(((Disconnect) packet).reason(), "DISCONNECT");
        }
    }

    @Override
    void disconnected() {
        connection.closed();
        flows.disconnected();
    }
}

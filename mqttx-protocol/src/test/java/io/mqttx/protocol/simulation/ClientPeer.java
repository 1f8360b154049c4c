package io.mqttx.protocol.simulation;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Credentials;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.Will;
import io.mqttx.protocol.ClientConnection;
import java.util.Random;

/** A client with its connection. */
final class ClientPeer extends Peer {
    private ClientConnection connection = new ClientConnection(1, 1);
    private boolean sessionKept;

    ClientPeer(ProtocolVersion version, Random random, int messages, int highestId, double delay) {
        super("client", version, random, messages, highestId, delay);
    }

    void connect(int takes) {
        Properties properties = version.hasProperties()
                ? Properties.of(Property.RECEIVE_MAXIMUM, takes).with(Property.SESSION_EXPIRY_INTERVAL, 100L)
                : Properties.EMPTY;
        connection = new ClientConnection(window, 1_000_000_000L);
        connection.connect(
                new Connect(version, "c", false, 60, Credentials.NONE, Will.NONE, properties),
                flows,
                sessionKept,
                0,
                this);
        sessionKept = true; // from now on the server may have it, whether or not its CONNACK arrives
    }

    @Override
    public void handle(Packet packet) {
        check(packet.type() == PacketType.CONNACK, "nothing but CONNACK is for the owner here");
        check(connection.terms().sessionPresent() || flows.isIdle(), "the session goes on");
        flows = connection.flows();
    }

    @Override
    boolean canPublish() {
        return connection.canPublish();
    }

    @Override
    void publish(Publish message) {
        connection.publish(message, this);
    }

    @Override
    void receive(Packet packet) {
        if (packet.type() != PacketType.DISCONNECT) {
            connection.received(packet, 0, this);
        } else {
            close(((io.mqttx.packet.Disconnect) packet).reason(), "DISCONNECT");
        }
    }

    @Override
    void disconnected() {
        connection.closed();
        flows.disconnected();
    }
}

package io.mqttx.protocol.simulation;

import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.protocol.flow.Explanations;
import io.mqttx.protocol.flow.InboundTerms;
import io.mqttx.protocol.flow.Violation;
import java.util.Random;

/** A peer that drives the bare flows: connected without a handshake. */
final class FlowPeer extends Peer {
    private boolean connected;

    FlowPeer(String name, ProtocolVersion version, Random random, int messages, int highestId, double delay) {
        super(name, version, random, messages, highestId, delay);
    }

    void connect(int takes) {
        connected = true;
        flows.resume(window, new InboundTerms(version, takes, Explanations.UNLIMITED), this);
    }

    @Override
    boolean canPublish() {
        return flows.outbound().canSend();
    }

    @Override
    void publish(Publish message) {
        flows.outbound().publish(message, message.qos(), this);
    }

    @Override
    void receive(Packet packet) {
        if (!connected) {
            return;
        }
        try {
            switch (packet.type()) {
                case PUBLISH -> flows.inbound().received((Publish) packet, this);
                case PUBREL -> flows.inbound().received((PubRel) packet, this);
                case PUBACK -> flows.outbound().received((PubAck) packet, this);
                case PUBREC -> flows.outbound().received((PubRec) packet, this);
                case PUBCOMP -> flows.outbound().received((PubComp) packet, this);
                default -> throw new AssertionError(packet);
            }
        } catch (Violation violation) {
            close(violation.reason(), violation.getMessage());
        }
    }

    @Override
    void disconnected() {
        connected = false;
        flows.disconnected();
    }
}

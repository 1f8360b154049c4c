package io.mqttx.protocol;

import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.SubAck;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.UnsubAck;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.protocol.flow.PacketIds;
import io.mqttx.protocol.flow.Violation;
import java.util.HashMap;
import java.util.Map;

/**
 * The SUBSCRIBE and UNSUBSCRIBE of one connection that wait for their answer. They are not session state: with the
 * connection they are gone, and whoever asked has to ask again (§4.1).
 */
final class Requests {
    private final PacketIds ids; // the session's
    private final Map<Integer, Packet> waiting = new HashMap<>(); // by packet identifier

    Requests(PacketIds ids) {
        this.ids = ids;
    }

    void sent(Subscribe subscribe) {
        waiting.put(subscribe.packetId(), subscribe);
    }

    void sent(Unsubscribe unsubscribe) {
        waiting.put(unsubscribe.packetId(), unsubscribe);
    }

    /** Whether this answers a request; an answer to none is ignored, like PUBACK for an unknown identifier. */
    boolean isAnswered(SubAck ack) {
        Packet request = request(ack.packetId(), PacketType.SUBSCRIBE);
        if (request instanceof Subscribe subscribe
                && subscribe.subscriptions().size() != ack.reasons().size()) {
            throw Violation.protocolError("SUBACK without a reason code for each filter [MQTT-3.8.4-6]");
        }
        return forget(ack.packetId());
    }

    /** The same for UNSUBSCRIBE, whose answer has no reasons before version 5. */
    boolean isAnswered(UnsubAck ack, boolean withReasons) {
        Packet request = request(ack.packetId(), PacketType.UNSUBSCRIBE);
        if (withReasons
                && request instanceof Unsubscribe unsubscribe
                && unsubscribe.filters().size() != ack.reasons().size()) {
            throw Violation.protocolError("UNSUBACK without a reason code for each filter [MQTT-3.11.3-2]");
        }
        return forget(ack.packetId());
    }

    /** The connection is gone: their identifiers are free. */
    void clear() {
        waiting.keySet().forEach(ids::release);
        waiting.clear();
    }

    /** The request with this identifier, or null inside this file: there is none. */
    private Packet request(int packetId, PacketType type) {
        Packet request = waiting.get(packetId);
        if (request != null && request.type() != type) {
            throw Violation.protocolError("the answer to " + request.type() + " is of another type (§3.9, §3.11)");
        }
        return request;
    }

    private boolean forget(int packetId) {
        if (waiting.remove(packetId) == null) {
            return false;
        }
        ids.release(packetId); // [MQTT-2.3.1-3 of 3.1.1], P5-08
        return true;
    }
}

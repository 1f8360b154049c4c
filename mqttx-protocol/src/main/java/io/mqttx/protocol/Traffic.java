package io.mqttx.protocol;

import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.protocol.action.ActionSink;
import io.mqttx.protocol.flow.InboundAliases;
import io.mqttx.protocol.flow.OutboundAliases;
import io.mqttx.protocol.flow.SessionFlows;

/**
 * Messages and their answers on a connection that stands: what both sides do alike.
 *
 * @param <M> the owner's handle of an outgoing message
 */
final class Traffic<M> {
    private final SessionFlows<M> flows; // the session's
    private final InboundAliases inboundAliases; // this and the next: of this connection alone [MQTT-3.3.2-7]
    private final OutboundAliases outboundAliases;

    Traffic(SessionFlows<M> flows, Limits weTake, Limits peerTakes) {
        this.flows = flows;
        this.inboundAliases = InboundAliases.upTo(weTake.topicAliasMaximum());
        this.outboundAliases = OutboundAliases.upTo(peerTakes.topicAliasMaximum());
    }

    SessionFlows<M> flows() {
        return flows;
    }

    OutboundAliases outboundAliases() {
        return outboundAliases;
    }

    void received(Publish publish, ActionSink<M> sink) {
        flows.inbound().received(inboundAliases.resolve(publish), sink);
    }

    void received(PubAck ack, ActionSink<M> sink) {
        flows.outbound().received(ack, sink);
    }

    void received(PubRec rec, ActionSink<M> sink) {
        flows.outbound().received(rec, sink);
    }

    void received(PubRel rel, ActionSink<M> sink) {
        flows.inbound().received(rel, sink);
    }

    void received(PubComp comp, ActionSink<M> sink) {
        flows.outbound().received(comp, sink);
    }

    int publish(M message, QoS qos, ActionSink<M> sink) {
        if (qos == QoS.AT_MOST_ONCE) {
            sink.sendMessage(message, qos, 0, false); // [MQTT-4.3.1-1]
            return 0;
        }
        return flows.outbound().publish(message, qos, sink);
    }
}

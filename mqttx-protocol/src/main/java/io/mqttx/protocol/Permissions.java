package io.mqttx.protocol;

import io.mqttx.codec.PacketEncoder;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Subscription;

/** What the server of a connection takes, asked before anything is sent to it. */
final class Permissions {
    private final Terms terms;
    private final PacketEncoder encoder; // measures; writes nothing

    Permissions(Terms terms) {
        this.terms = terms;
        this.encoder = new PacketEncoder(terms.version());
    }

    void check(Publish publish) {
        if (publish.qos().compareTo(terms.maximumQoS()) > 0) {
            throw new ProtocolException(
                    ReasonCode.QOS_NOT_SUPPORTED, "the server takes " + terms.maximumQoS() + " [MQTT-3.2.2-11]");
        }
        if (publish.retain() && !terms.retainAvailable()) {
            throw new ProtocolException(
                    ReasonCode.RETAIN_NOT_SUPPORTED, "the server retains no messages [MQTT-3.2.2-14]");
        }
        if (publish.properties().has(Property.SUBSCRIPTION_IDENTIFIER)) {
            throw ProtocolException.protocolError("subscription identifier in a client's PUBLISH [MQTT-3.3.4-6]");
        }
        checkSize(publish);
    }

    void check(Subscribe subscribe) {
        if (subscribe.properties().has(Property.SUBSCRIPTION_IDENTIFIER) && !terms.subscriptionIdentifiersAvailable()) {
            throw new ProtocolException(
                    ReasonCode.SUBSCRIPTION_IDENTIFIERS_NOT_SUPPORTED,
                    "the server takes no subscription identifiers (§3.2.2.3.12)");
        }
        for (Subscription wanted : subscribe.subscriptions()) {
            if (wanted.filter().hasWildcard() && !terms.wildcardSubscriptionsAvailable()) {
                throw new ProtocolException(
                        ReasonCode.WILDCARD_SUBSCRIPTIONS_NOT_SUPPORTED,
                        "the server takes no wildcards: " + wanted.filter() + " (§3.2.2.3.11)");
            }
            if (wanted.filter().isShared() && !terms.sharedSubscriptionsAvailable()) {
                throw new ProtocolException(
                        ReasonCode.SHARED_SUBSCRIPTIONS_NOT_SUPPORTED,
                        "the server shares no subscriptions: " + wanted.filter() + " (§3.2.2.3.13)");
            }
        }
        checkSize(subscribe);
    }

    /** Whether the packet is small enough [MQTT-3.2.2-15]. A topic alias can make a PUBLISH three bytes longer. */
    boolean fits(Packet packet) {
        return sizeOf(packet) <= terms.serverTakes().maximumPacketSize();
    }

    void checkSize(Packet packet) {
        if (!fits(packet)) {
            throw new ProtocolException(
                    ReasonCode.PACKET_TOO_LARGE,
                    "packet of " + sizeOf(packet) + " bytes, the server takes "
                            + terms.serverTakes().maximumPacketSize() + " [MQTT-3.2.2-15]");
        }
    }

    private int sizeOf(Packet packet) {
        return encoder.sizeOf(packet) + (packet instanceof Publish ? aliasBytes() : 0);
    }

    private int aliasBytes() {
        return terms.serverTakes().topicAliasMaximum() > 0 ? 5 : 0; // and two more where the lengths grow by a byte
    }
}

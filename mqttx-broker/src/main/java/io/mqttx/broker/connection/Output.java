package io.mqttx.broker.connection;

import io.mqttx.broker.routing.SharedMessage;
import io.mqttx.broker.session.Delivery;
import io.mqttx.broker.spi.Link;
import io.mqttx.codec.EncodedPublish;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.codec.PacketEncoder;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.QoS;
import io.mqttx.protocol.Limits;
import io.mqttx.protocol.flow.OutboundAliases;
import io.mqttx.topic.TopicName;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * Writes to one client, in the version that it speaks, and nothing that is larger than it takes [MQTT-3.1.2-24]. On the
 * link's loop.
 */
final class Output {
    private static final int ALIAS_BYTES = 3; // what an alias takes: a topic that is shorter needs none

    private final Link link;
    private final PacketDecoder decoder; // knows the version
    private final IntConsumer sent; // told how many bytes
    private Optional<PacketEncoder> encoder = Optional.empty(); // known with the version
    private int largestMessage;
    private long largest = Limits.LARGEST_PACKET; // bytes of a packet, from CONNECT on what the client says

    Output(Link link, PacketDecoder decoder, IntConsumer sent) {
        this.link = link;
        this.decoder = decoder;
        this.sent = sent;
    }

    /** The client takes packets of this many bytes. */
    void limit(long bytes) {
        largest = bytes;
    }

    /** Bytes of the largest message written so far. */
    int largestMessage() {
        return largestMessage;
    }

    ProtocolVersion version() {
        return encoder().version();
    }

    /** Writes a packet, unless it is too large; tells whether it did. */
    boolean send(Packet packet) {
        PacketEncoder writer = encoder();
        int size;
        try {
            size = writer.sizeOf(packet);
        } catch (ProtocolException e) { // no fault of the client
            throw new IllegalStateException("the broker made a " + packet.type() + " that nobody can send", e);
        }
        if (size > largest) {
            return false;
        }
        writer.encode(packet, link.reserve(size));
        link.commit();
        sent.accept(size);
        return true;
    }

    /** Writes a message, with an alias if the client takes some, unless it is too large; tells whether it did. */
    boolean send(Delivery delivery, OutboundAliases aliases, QoS qos, int packetId, boolean dup) {
        SharedMessage message = delivery.message();
        EncodedPublish encoded;
        int size;
        try {
            encoded = message.encoded(version(), link.loop());
            size = encoded.sizeOf(qos, delivery.identifiers());
        } catch (ProtocolException e) {
            return false; // larger than any packet: the one thing that can be wrong with a message by now
        }
        TopicName topic = message.publish().topic();
        if (aliases.areTaken() && topic.encodedLength() > ALIAS_BYTES) {
            return sendWithAlias(encoded, delivery, aliases, qos, packetId, dup);
        }
        if (size > largest) {
            return false;
        }
        encoded.writeTo(link.reserve(size), dup, qos, delivery.retain(), packetId, delivery.identifiers());
        messageWritten(size);
        return true;
    }

    private boolean sendWithAlias(
            EncodedPublish encoded, Delivery delivery, OutboundAliases aliases, QoS qos, int packetId, boolean dup) {
        TopicName topic = encoded.message().topic();
        int[] identifiers = delivery.identifiers();
        int alias = aliases.find(topic);
        boolean known = alias > 0;
        if (!known && encoded.sizeOf(qos, identifiers, 1, false) <= largest) {
            alias = aliases.assign(topic); // now, since what is assigned has to be sent
        }
        int size = encoded.sizeOf(qos, identifiers, alias, known);
        if (size > largest) {
            return false;
        }
        encoded.writeTo(link.reserve(size), dup, qos, delivery.retain(), packetId, identifiers, alias, known);
        messageWritten(size);
        return true;
    }

    private void messageWritten(int size) {
        link.commit();
        if (size > largestMessage) {
            largestMessage = size;
        }
        sent.accept(size);
    }

    private PacketEncoder encoder() {
        if (encoder.isEmpty()) {
            encoder = Optional.of(new PacketEncoder(decoder.version().orElse(ProtocolVersion.V3_1_1)));
        }
        return encoder.get();
    }
}

package io.mqttx.client;

import io.mqttx.codec.MqttCodec;
import io.mqttx.packet.Packet;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.Subscribe;
import io.mqttx.packet.Unsubscribe;
import io.mqttx.protocol.action.FlowChange;
import io.mqttx.protocol.flow.FlowReplay;
import io.mqttx.protocol.flow.FlowSnapshot;
import io.mqttx.topic.TopicFilter;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The changes of a session as bytes: what stands in the file of a session. Pure.
 *
 * <pre>
 *   file    the 8 bytes "MQTTX-S2", then records
 *   record  length of the body (4 bytes), CRC-32C of length and body (4), body
 *   body    kind (1 byte), packet identifier (2), and with PUBLISHED the message as PUBLISH of MQTT 5,
 *           with SUBSCRIBED and UNSUBSCRIBED that packet of MQTT 5 with one filter
 * </pre>
 *
 * <p>Reading ends at the first record that is not whole or whose checksum is wrong: what a process that died had not
 * written to its end. Files that begin with "MQTTX-S1" are the same without subscriptions; they are read, and written anew.
 */
final class SessionLog {
    private static final byte[] MAGIC = {'M', 'Q', 'T', 'T', 'X', '-', 'S', '2'};
    private static final byte BEFORE = '1'; // the last byte of MAGIC in older files
    private static final int FRAME = 8;
    private static final int SHORTEST_BODY = 3;

    private static final byte PUBLISHED = 1;
    private static final byte RELEASED = 2;
    private static final byte COMPLETED = 3;
    private static final byte RECEIVED = 4;
    private static final byte CONCLUDED = 5;
    private static final byte RESET = 6;
    private static final byte LAST_PACKET_ID = 7;
    private static final byte SUBSCRIBED = 8;
    private static final byte UNSUBSCRIBED = 9;

    /**
     * What was read.
     *
     * @param length how many bytes were whole; what is behind them is damaged
     */
    record Contents(FlowSnapshot<Publish> flows, List<StoredSubscription> subscriptions, int length) {}

    private SessionLog() {}

    /** The bytes of a file that begins with this state. */
    static byte[] beginningWith(FlowSnapshot<Publish> flows, Collection<StoredSubscription> subscriptions) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        for (FlowSnapshot.Outgoing<Publish> outgoing : flows.outgoing()) {
            if (outgoing instanceof FlowSnapshot.Unanswered<Publish> unanswered) {
                int id = unanswered.packetId();
                out.writeBytes(record(new FlowChange.Published<>(id, unanswered.qos(), unanswered.message())));
            } else {
                out.writeBytes(record(RELEASED, outgoing.packetId()));
            }
        }
        flows.received().forEach(id -> out.writeBytes(record(RECEIVED, id)));
        out.writeBytes(record(LAST_PACKET_ID, flows.lastPacketId()));
        subscriptions.forEach(subscription -> out.writeBytes(record(subscription)));
        return out.toByteArray();
    }

    static byte[] record(FlowChange<Publish> change) {
        int id = change.packetId();
        if (change instanceof FlowChange.Published<Publish> published) {
            Publish message = published.message().with(published.qos(), id);
            return record(PUBLISHED, id, MqttCodec.toBytes(message, ProtocolVersion.V5));
        } else if (change instanceof FlowChange.Released<Publish>) {
            return record(RELEASED, id);
        } else if (change instanceof FlowChange.Completed<Publish>) {
            return record(COMPLETED, id);
        } else if (change instanceof FlowChange.Received<Publish>) {
            return record(RECEIVED, id);
        } else {
            return record(CONCLUDED, id);
        }
    }

    static byte[] record(StoredSubscription granted) {
        Subscribe packet = new Subscribe(1, List.of(granted.subscription()), granted.properties());
        return record(SUBSCRIBED, 0, MqttCodec.toBytes(packet, ProtocolVersion.V5));
    }

    static byte[] record(TopicFilter givenUp) {
        Unsubscribe packet = new Unsubscribe(1, List.of(givenUp), Properties.EMPTY);
        return record(UNSUBSCRIBED, 0, MqttCodec.toBytes(packet, ProtocolVersion.V5));
    }

    /** What was in flight before it counts no more. */
    static byte[] reset() {
        return record(RESET, 0);
    }

    /** Whether these are the first bytes of a file of ours, or of one that was not written to its first record. */
    static boolean isOurs(byte[] file) {
        for (int i = 0; i < Math.min(file.length, MAGIC.length); i++) {
            boolean older = i == MAGIC.length - 1 && file[i] == BEFORE;
            if (file[i] != MAGIC[i] && !older) {
                return false;
            }
        }
        return true;
    }

    /** The state that a file tells, as far as it is whole. */
    static Contents read(byte[] file) {
        FlowReplay<Publish> replay = new FlowReplay<>();
        if (file.length < MAGIC.length || !isOurs(file)) {
            return new Contents(replay.snapshot(), List.of(), 0);
        }
        Map<TopicFilter, StoredSubscription> subscriptions = new LinkedHashMap<>();
        ByteBuffer in = ByteBuffer.wrap(file).position(MAGIC.length);
        while (isWhole(in)) {
            int length = in.getInt(in.position());
            ByteBuffer body = in.slice(in.position() + FRAME, length);
            try {
                replay = apply(body, replay, subscriptions);
            } catch (ProtocolException e) { // a checksum that is right by accident
                break;
            }
            in.position(in.position() + FRAME + length);
        }
        return new Contents(replay.snapshot(), List.copyOf(subscriptions.values()), in.position());
    }

    private static boolean isWhole(ByteBuffer in) {
        if (in.remaining() < FRAME) {
            return false;
        }
        int length = in.getInt(in.position());
        if (length < SHORTEST_BODY || length > in.remaining() - FRAME) {
            return false;
        }
        CRC32C sum = new CRC32C();
        sum.update(in.slice(in.position(), Integer.BYTES));
        sum.update(in.slice(in.position() + FRAME, length));
        return in.getInt(in.position() + Integer.BYTES) == (int) sum.getValue();
    }

    private static FlowReplay<Publish> apply(
            ByteBuffer body, FlowReplay<Publish> replay, Map<TopicFilter, StoredSubscription> subscriptions) {
        byte kind = body.get();
        int id = body.getShort() & 0xFFFF;
        switch (kind) {
            case PUBLISHED -> replay.apply(published(id, body));
            case RELEASED -> replay.apply(new FlowChange.Released<>(id));
            case COMPLETED -> replay.apply(new FlowChange.Completed<>(id));
            case RECEIVED -> replay.apply(new FlowChange.Received<>(id));
            case CONCLUDED -> replay.apply(new FlowChange.Concluded<>(id));
            case RESET -> {
                return new FlowReplay<>();
            }
            case LAST_PACKET_ID -> {
                FlowSnapshot<Publish> now = replay.snapshot();
                return new FlowReplay<>(new FlowSnapshot<>(now.outgoing(), now.received(), id));
            }
            case SUBSCRIBED -> {
                StoredSubscription granted = subscribed(body);
                subscriptions.put(granted.subscription().filter(), granted);
            }
            case UNSUBSCRIBED -> unsubscribed(body).forEach(subscriptions::remove);
            default -> throw ProtocolException.malformed("unknown kind of record: " + kind);
        }
        return replay;
    }

    private static StoredSubscription subscribed(ByteBuffer body) {
        Packet packet = MqttCodec.decode(body, ProtocolVersion.V5).get(0);
        if (!(packet instanceof Subscribe subscribe)) {
            throw ProtocolException.malformed("no subscription");
        }
        return new StoredSubscription(subscribe.subscriptions().get(0), subscribe.properties());
    }

    private static List<TopicFilter> unsubscribed(ByteBuffer body) {
        Packet packet = MqttCodec.decode(body, ProtocolVersion.V5).get(0);
        if (!(packet instanceof Unsubscribe unsubscribe)) {
            throw ProtocolException.malformed("no subscription to give up");
        }
        return unsubscribe.filters();
    }

    private static FlowChange<Publish> published(int id, ByteBuffer body) {
        Packet packet = MqttCodec.decode(body, ProtocolVersion.V5).get(0);
        if (!(packet instanceof Publish message) || message.qos() == QoS.AT_MOST_ONCE) {
            throw ProtocolException.malformed("no message to send again");
        }
        return new FlowChange.Published<>(id, message.qos(), message);
    }

    private static byte[] record(byte kind, int packetId, byte... rest) {
        int length = SHORTEST_BODY + rest.length;
        byte[] record = new byte[FRAME + length];
        ByteBuffer out = ByteBuffer.wrap(record);
        out.putInt(length).putInt(0).put(kind).putShort((short) packetId).put(rest);
        CRC32C sum = new CRC32C();
        sum.update(record, 0, Integer.BYTES);
        sum.update(record, FRAME, length);
        out.putInt(Integer.BYTES, (int) sum.getValue());
        return record;
    }
}

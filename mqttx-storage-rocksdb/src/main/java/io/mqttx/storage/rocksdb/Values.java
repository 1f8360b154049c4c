package io.mqttx.storage.rocksdb;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.mqttx.broker.spi.Kept;
import io.mqttx.codec.DecoderOptions;
import io.mqttx.codec.PacketDecoder;
import io.mqttx.codec.PacketEncoder;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.Publish;
import io.mqttx.packet.QoS;
import io.mqttx.packet.RetainHandling;
import io.mqttx.packet.Subscription;
import io.mqttx.topic.TopicFilter;
import java.nio.ByteBuffer;

/**
 * The values of the rows, both directions. Each begins with the version of its format. A text is its length in four
 * bytes and its UTF-8; a PUBLISH is written as in MQTT 5 without its payload, behind the length of that, and the payload
 * is all that follows: so one that just fits into a packet of 3.1.1 fits here too.
 *
 * <p>A reader belongs to one thread.
 */
final class Values {
    private static final byte VERSION = 1;
    private static final int EXACTLY_ONCE = 1;
    private static final int RETAIN = 2;
    private static final int COUNTED = 4;
    private static final int EMBEDDED = 8; // the message follows; else its number
    private static final int NO_LOCAL = 4;
    private static final int AS_PUBLISHED = 8;
    private static final int HANDLING = 4; // where its two bits begin
    private static final int LARGEST = 5 + 268_435_455;
    private static final ByteBuffer NO_PAYLOAD = ByteBuffer.allocate(0);
    private static final PacketEncoder ENCODER = new PacketEncoder(ProtocolVersion.V5);

    private final PacketDecoder decoder = PacketDecoder.forVersion(
            ProtocolVersion.V5,
            DecoderOptions.defaults().withMaxPacketSize(LARGEST).withPayloads(DecoderOptions.Payloads.SLICE));

    // ---- writing

    static byte[] session(Kept.Session session) {
        byte[] clientId = session.clientId().getBytes(UTF_8);
        ByteBuffer out = versioned(textLength(clientId) + 2 * Long.BYTES);
        putText(out, clientId);
        return whole(out.putLong(session.expirySeconds()).putLong(session.disconnected()));
    }

    static byte[] subscribed(Kept.Subscribed subscribed) {
        Subscription options = subscribed.subscription();
        int bits = options.maximumQoS().code()
                | (options.noLocal() ? NO_LOCAL : 0)
                | (options.retainAsPublished() ? AS_PUBLISHED : 0)
                | options.retainHandling().code() << HANDLING;
        return whole(versioned(1 + Integer.BYTES).put((byte) bits).putInt(subscribed.identifier()));
    }

    static byte[] will(Kept.Will will) {
        byte[] publisher = will.publisher().getBytes(UTF_8);
        byte[] userName = will.userName().getBytes(UTF_8);
        Publish head = head(will.message());
        ByteBuffer out = versioned(
                textLength(publisher) + textLength(userName) + 2 * Long.BYTES + publishLength(will.message(), head));
        putText(out, publisher);
        putText(out, userName);
        out.putLong(will.delaySeconds()).putLong(will.due());
        putPublish(out, will.message(), head);
        return whole(out);
    }

    static byte[] sent(int packetId, long order) {
        return whole(
                versioned(Short.BYTES + Long.BYTES).putShort((short) packetId).putLong(order));
    }

    static byte[] released(long order) {
        return whole(versioned(Long.BYTES).putLong(order));
    }

    /** A row that says all by being there. */
    static byte[] present() {
        return whole(versioned(0));
    }

    static byte[] format(int number) {
        return whole(versioned(Integer.BYTES).putInt(number));
    }

    static byte[] message(Kept.Message message) {
        byte[] publisher = message.publisher().getBytes(UTF_8);
        Publish head = head(message.publish());
        ByteBuffer out = versioned(messageLength(message, publisher, head));
        putMessage(out, message, publisher, head);
        return whole(out);
    }

    /** @param id the number of its message row, or 0 to write the message here */
    static byte[] queued(Kept.Entry entry, long id) {
        byte[] publisher = entry.message().publisher().getBytes(UTF_8);
        Kept.Terms terms = entry.terms();
        byte[] share = terms.share().getBytes(UTF_8);
        Publish head = head(entry.message().publish());
        int fixed = 1 + Integer.BYTES + textLength(share) + Integer.BYTES * (1 + terms.identifiers().length);
        ByteBuffer out = versioned(fixed + (id == 0 ? messageLength(entry.message(), publisher, head) : Long.BYTES));
        int bits = (terms.qos() == QoS.EXACTLY_ONCE ? EXACTLY_ONCE : 0)
                | (terms.retain() ? RETAIN : 0)
                | (terms.counted() ? COUNTED : 0)
                | (id == 0 ? EMBEDDED : 0);
        out.put((byte) bits).putInt(entry.message().bytes());
        if (id != 0) {
            out.putLong(id);
        }
        putText(out, share);
        out.putInt(terms.identifiers().length);
        for (int identifier : terms.identifiers()) {
            out.putInt(identifier);
        }
        if (id == 0) {
            putMessage(out, entry.message(), publisher, head);
        }
        return whole(out);
    }

    // ---- reading

    static Kept.Session session(long key, byte[] value) {
        ByteBuffer in = open(value);
        return new Kept.Session(key, text(in), in.getLong(), in.getLong());
    }

    static Kept.Subscribed subscribed(TopicFilter filter, byte[] value) {
        ByteBuffer in = open(value);
        int bits = in.get();
        Subscription subscription = new Subscription(
                filter,
                QoS.of(bits & 3),
                (bits & NO_LOCAL) != 0,
                (bits & AS_PUBLISHED) != 0,
                RetainHandling.of(bits >> HANDLING));
        return new Kept.Subscribed(subscription, in.getInt());
    }

    Kept.Will will(byte[] value) {
        ByteBuffer in = open(value);
        String publisher = text(in);
        String userName = text(in);
        long delay = in.getLong();
        long due = in.getLong();
        return new Kept.Will(publisher, userName, publish(in), delay, due);
    }

    static int format(byte[] value) {
        return ByteBuffer.wrap(value).getInt(1);
    }

    /** What is in flight with which identifier. */
    record Sent(int packetId, long order) {}

    static Sent sent(byte[] value) {
        ByteBuffer in = open(value);
        return new Sent(Short.toUnsignedInt(in.getShort()), in.getLong());
    }

    static long released(byte[] value) {
        return open(value).getLong();
    }

    Kept.Message message(byte[] value) {
        return message(open(value));
    }

    /**
     * A row of a queue as far as it can be told without its message.
     *
     * @param id   the number of its message row, or 0 if the message is here
     * @param rest terms, and perhaps the message
     */
    record Queued(int bits, int bytes, long id, ByteBuffer rest) {
        boolean counted() {
            return (bits & COUNTED) != 0;
        }

        boolean shared() {
            return rest.getInt(rest.position()) > 0; // the length of the text
        }
    }

    static Queued queued(byte[] value) {
        ByteBuffer in = open(value);
        int bits = in.get();
        int bytes = in.getInt();
        return new Queued(bits, bytes, (bits & EMBEDDED) != 0 ? 0 : in.getLong(), in);
    }

    /** @param message of its message row; not looked at if the message is in the row of the queue */
    Kept.Entry entry(long sequence, Queued row, byte[] message) {
        ByteBuffer in = row.rest();
        String share = text(in);
        int[] identifiers = new int[in.getInt()];
        for (int i = 0; i < identifiers.length; i++) {
            identifiers[i] = in.getInt();
        }
        Kept.Terms terms = new Kept.Terms(
                (row.bits() & EXACTLY_ONCE) != 0 ? QoS.EXACTLY_ONCE : QoS.AT_LEAST_ONCE,
                (row.bits() & RETAIN) != 0,
                row.counted(),
                identifiers,
                share);
        return new Kept.Entry(sequence, row.id() == 0 ? message(in) : message(message), terms);
    }

    private Kept.Message message(ByteBuffer in) {
        long arrived = in.getLong();
        String publisher = text(in);
        return new Kept.Message(publisher, publish(in), arrived);
    }

    private Publish publish(ByteBuffer in) {
        int length = in.getInt();
        ByteBuffer packet = in.slice(in.position(), length);
        in.position(in.position() + length);
        if (!decoder.next(packet)) {
            throw new IllegalArgumentException("a PUBLISH is cut short");
        }
        Publish head = (Publish) decoder.packet();
        return new Publish(
                head.dup(), head.qos(), head.retain(), head.topic(), head.packetId(), head.properties(), in.slice());
    }

    // ---- pieces

    private static Publish head(Publish publish) {
        return new Publish(
                publish.dup(),
                publish.qos(),
                publish.retain(),
                publish.topic(),
                publish.packetId(),
                publish.properties(),
                NO_PAYLOAD);
    }

    private static int publishLength(Publish publish, Publish head) {
        return Integer.BYTES + ENCODER.sizeOf(head) + publish.payloadLength();
    }

    private static void putPublish(ByteBuffer out, Publish publish, Publish head) {
        out.putInt(ENCODER.sizeOf(head));
        ENCODER.encode(head, out);
        publish.encodePayloadTo(out);
    }

    private static int messageLength(Kept.Message message, byte[] publisher, Publish head) {
        return Long.BYTES + textLength(publisher) + publishLength(message.publish(), head);
    }

    private static void putMessage(ByteBuffer out, Kept.Message message, byte[] publisher, Publish head) {
        out.putLong(message.arrived());
        putText(out, publisher);
        putPublish(out, message.publish(), head);
    }

    private static ByteBuffer versioned(int length) {
        return ByteBuffer.allocate(1 + length).put(VERSION);
    }

    @SuppressWarnings("ByteBufferBackingArray") // of versioned(), written to its end
    private static byte[] whole(ByteBuffer out) {
        return out.array();
    }

    private static ByteBuffer open(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        byte version = in.get();
        if (version != VERSION) {
            throw new IllegalArgumentException("a row has version " + version + ", known is " + VERSION);
        }
        return in;
    }

    private static int textLength(byte[] text) {
        return Integer.BYTES + text.length;
    }

    private static void putText(ByteBuffer out, byte[] text) {
        out.putInt(text.length).put(text);
    }

    private static String text(ByteBuffer in) {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }
}

package io.mqttx.codec;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads packets from the bytes of one connection, however they are cut.
 *
 * <pre>{@code
 * while (decoder.next(in)) {
 *     handle(decoder.packet());
 * }
 * }</pre>
 *
 * <p>{@code next} takes whole packets out of {@code in} one by one and, when it answers false, has taken the rest
 * too: the caller may use the buffer again. Any buffer will do, heap or direct; heap is read in place. Bytes of an
 * unfinished packet are kept, never more than have arrived or twice as many, whatever length the packet declares; a
 * packet that declares more than the limit is refused before its body is there. The time is linear in the bytes.
 *
 * <p>After a {@link ProtocolException} the bytes that follow mean nothing, so the decoder throws the same again. Owned
 * by one thread at a time.
 */
public final class PacketDecoder {
    private static final byte[] NOTHING = new byte[0];
    private static final int SCRATCH = 1024; // larger packets from direct buffers get an array of their own
    private static final int FIRST_HOLD = 64;
    private static final int LONGEST_HEADER = 5;
    private static final int PLAIN_ACK = 4; // bytes of an acknowledgement with neither reason code nor properties
    private static final int FIRST_BYTES = Long.BYTES;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final DecoderOptions options;
    private final boolean sliced;
    private final Reader reader = new Reader();
    // These four are null where there is none: an Optional a packet is what an acknowledgement itself costs.
    private ProtocolVersion version;
    private ProtocolException failure;
    private TopicNames topics; // until the first PUBLISH; many clients send none
    private Packet packet; // of the last next() alone: a connection at rest keeps no payload alive

    private byte[] held = NOTHING; // the start of a packet whose end is not here yet
    private int heldLength;
    private byte[] scratch = NOTHING; // only where buffers without an array come

    // The fixed header of the packet at hand, as far as it is known.
    private int firstByte;
    private int headerLength;
    private int packetLength; // with the header; 0: not known yet
    private boolean overLong;

    private PacketDecoder(DecoderOptions options) {
        this.options = options;
        this.sliced = options.payloads() == DecoderOptions.Payloads.SLICE;
    }

    /** For a server: the first packet must be a CONNECT [MQTT-3.1.0-1], which says the version. */
    public static PacketDecoder forServer(DecoderOptions options) {
        return new PacketDecoder(options);
    }

    /** For a client, or whoever knows the version: it is spoken from the first packet on. */
    public static PacketDecoder forVersion(ProtocolVersion version, DecoderOptions options) {
        PacketDecoder decoder = new PacketDecoder(options);
        decoder.version = Objects.requireNonNull(version, "version");
        return decoder;
    }

    /**
     * Reads on, and tells whether a packet is complete: {@link #packet()} has it then. If not, all of {@code in} was
     * taken.
     *
     * @throws ProtocolException if the bytes break the standard: with {@link ReasonCode#MALFORMED_PACKET}, or a more
     *     specific reason where the standard has one
     */
    public boolean next(ByteBuffer in) {
        packet = take(in);
        return packet != null;
    }

    /**
     * The packet that the last {@link #next} has found.
     *
     * @throws NoSuchElementException if it found none
     */
    public Packet packet() {
        if (packet == null) {
            throw new NoSuchElementException("no packet is complete");
        }
        return packet;
    }

    /** How many bytes the packet took that the last {@link #next} has found, the fixed header included. */
    public int packetSize() {
        return packetLength;
    }

    /**
     * The version spoken here. For a server it is known once CONNECT was read far enough to say it, also if the packet
     * was refused then: it is the version to answer in. A version above 5 is answered in 5.
     */
    public Optional<ProtocolVersion> version() {
        return Optional.ofNullable(version);
    }

    /** Whether the start of a packet has come and its end has not. */
    public boolean isInsidePacket() {
        return heldLength > 0;
    }

    /** How much memory an unfinished packet takes here: for the test that holds it against what has arrived. */
    int heldCapacity() {
        return held.length;
    }

    /** The next packet, or null if there is none whole. */
    private Packet take(ByteBuffer in) {
        if (failure != null) {
            throw failure;
        }
        try {
            Packet found = heldLength == 0 ? takeFrom(in) : completeFrom(in);
            if (found == null) {
                reader.release();
            }
            return found;
        } catch (ProtocolException e) {
            failure = e;
            packet = null;
            held = NOTHING;
            heldLength = 0;
            reader.release();
            throw e;
        }
    }

    private Packet takeFrom(ByteBuffer in) {
        int start = in.position();
        int available = in.limit() - start;
        if (available == 0) {
            return null;
        }
        if (available >= PLAIN_ACK && version != null) {
            Packet ack = plainAck(in, start);
            if (ack != null) {
                return ack;
            }
        }
        if (in.hasArray()) {
            byte[] bytes = in.array();
            int from = in.arrayOffset() + start;
            readHeader(bytes, from, available);
            if (packetLength != 0 && packetLength <= available) {
                in.position(start + packetLength);
                return parse(bytes, from + headerLength, from + packetLength, sliced);
            }
        } else {
            readHeaderOf(in, start, available);
            if (packetLength != 0 && packetLength <= available) {
                return parseCopyOf(in, start);
            }
        }
        hold(in, available);
        return null;
    }

    /**
     * Takes an acknowledgement of the usual four bytes, read as one number: at QoS 1 and 2 half of all packets are such.
     * Whatever is wrong with one is found on the long way.
     */
    private Packet plainAck(ByteBuffer in, int start) {
        int read = in.getInt(start);
        int four = in.order() == ByteOrder.BIG_ENDIAN ? read : Integer.reverseBytes(read);
        int packetId = four & 0xFFFF;
        Packet ack = packetId == 0 ? null : AckCodec.plain(four >>> 16, packetId);
        if (ack != null) {
            in.position(start + PLAIN_ACK);
        }
        return ack;
    }

    /** Copies the packet out of a buffer that has no array to read in place, and parses it. */
    private Packet parseCopyOf(ByteBuffer in, int start) {
        if (packetLength > SCRATCH) {
            byte[] own = new byte[packetLength];
            in.get(own);
            return parse(own, headerLength, packetLength, true);
        }
        if (packetLength <= FIRST_BYTES) {
            in.position(start + packetLength); // they came with the header
        } else {
            in.get(scratch, 0, packetLength);
        }
        return parse(scratch, headerLength, packetLength, false);
    }

    private Packet completeFrom(ByteBuffer in) {
        while (packetLength == 0) {
            if (!in.hasRemaining()) {
                return null;
            }
            append(in, 1);
            readHeader(held, 0, heldLength);
        }
        append(in, Math.min(in.remaining(), packetLength - heldLength));
        if (heldLength < packetLength) {
            return null;
        }
        byte[] own = held;
        held = NOTHING;
        heldLength = 0;
        return parse(own, headerLength, packetLength, true);
    }

    private void hold(ByteBuffer in, int available) {
        held = new byte[packetLength == 0 ? FIRST_HOLD : Math.min(packetLength, Math.max(FIRST_HOLD, 2 * available))];
        append(in, available);
    }

    private void append(ByteBuffer in, int length) {
        int needed = heldLength + length;
        if (needed > held.length) {
            int doubled = Math.max(needed, 2 * held.length);
            held = Arrays.copyOf(held, packetLength == 0 ? doubled : Math.min(packetLength, doubled));
        }
        in.get(held, heldLength, length);
        heldLength = needed;
    }

    /** The same from a buffer without an array, whose first eight bytes are copied at once: a packet may be no more. */
    private void readHeaderOf(ByteBuffer in, int start, int available) {
        if (scratch.length == 0) {
            scratch = new byte[SCRATCH];
        }
        int length = Math.min(available, FIRST_BYTES);
        if (length == FIRST_BYTES) {
            long first = in.getLong(start);
            LONG.set(scratch, 0, in.order() == ByteOrder.BIG_ENDIAN ? first : Long.reverseBytes(first));
        } else {
            for (int i = 0; i < length; i++) {
                scratch[i] = in.get(start + i);
            }
        }
        readHeader(scratch, 0, length);
    }

    /** Reads the fixed header (§2.1.1) and refuses what can be refused already. */
    private void readHeader(byte[] bytes, int start, int available) {
        packetLength = 0;
        firstByte = bytes[start] & 0xFF;
        checkFirstByte();
        if (available > 1 && bytes[start + 1] >= 0) {
            overLong = false;
            headerLength = 2; // as most have
            packetLength = 2 + bytes[start + 1];
            checkSize(packetLength);
            return;
        }
        int length = 0;
        for (int i = 1; i < available; i++) {
            int next = bytes[start + i];
            length |= (next & 0x7F) << 7 * (i - 1);
            if (next >= 0) {
                overLong = next == 0 && i > 1;
                headerLength = 1 + i;
                checkSize((long) headerLength + length);
                packetLength = headerLength + length;
                return;
            }
            if (i == LONGEST_HEADER - 1) {
                throw ProtocolException.malformed("remaining length takes more than four bytes (§1.5.5)");
            }
        }
    }

    private void checkSize(long size) {
        if (size > options.maxPacketSize()) {
            throw new ProtocolException(
                    ReasonCode.PACKET_TOO_LARGE,
                    "packet of " + size + " bytes, at most " + options.maxPacketSize() + " [MQTT-3.1.2-24]");
        }
    }

    private void checkFirstByte() {
        PacketType type = PacketType.of(firstByte >> 4);
        if (version == null && type != PacketType.CONNECT) {
            throw ProtocolException.protocolError("the first packet is " + type + ", not CONNECT [MQTT-3.1.0-1]");
        }
        int flags = firstByte & 0xF;
        if (type == PacketType.PUBLISH) {
            if ((flags & 6) == 6) {
                throw ProtocolException.malformed("QoS 3 [MQTT-3.3.1-4]");
            }
        } else if (flags != type.reservedFlags() && !isSentAgainIn31(flags, type)) {
            throw ProtocolException.malformed("fixed header flags of " + type + " are " + flags + " [MQTT-2.1.3-1]");
        } else if (type == PacketType.AUTH && !version.hasProperties()) {
            throw ProtocolException.malformed("packet type 15 is reserved before version 5 (3.1.1, section 2.2.1)");
        }
    }

    /** In 3.1 PUBREL, SUBSCRIBE and UNSUBSCRIBE have a DUP flag too (3.1, section 2.1). */
    private boolean isSentAgainIn31(int flags, PacketType type) {
        return version == ProtocolVersion.V3_1 && type.reservedFlags() == 2 && flags == 0xA;
    }

    private Packet parse(byte[] bytes, int from, int to, boolean slice) {
        reader.over(bytes, from, to);
        PacketType type = PacketType.of(firstByte >> 4);
        Packet read = type == PacketType.CONNECT ? readConnect() : read(type, version, slice);
        if (overLong) {
            refuseOverLong(read);
        }
        reader.requireEnd();
        return read;
    }

    /** Before version 5 there was no rule against it. */
    private void refuseOverLong(Packet read) {
        ProtocolVersion spoken = read instanceof Connect connect ? connect.version() : version;
        if (spoken.hasProperties()) {
            throw ProtocolException.malformed("remaining length is written longer than needed [MQTT-1.5.5-1]");
        }
    }

    private Packet readConnect() {
        Optional<ProtocolVersion> usual = ConnectCodec.readUsualVersion(reader);
        ProtocolVersion named = usual.isPresent() ? usual.get() : readVersion();
        version = version == null ? named : version;
        return ConnectCodec.read(reader, named, options.longClientIdsIn31());
    }

    private ProtocolVersion readVersion() {
        String name = reader.text("protocol name");
        int level = reader.u8("protocol version");
        Optional<ProtocolVersion> named = ProtocolVersion.of(name, level);
        if (named.isPresent()) {
            return named.get();
        }
        if (level > ProtocolVersion.V5.level() && name.equals(ProtocolVersion.V5.protocolName())) {
            version = version == null ? ProtocolVersion.V5 : version;
        }
        throw new ProtocolException(
                ReasonCode.UNSUPPORTED_PROTOCOL_VERSION,
                "protocol version " + level + " [MQTT-3.1.2-1] [MQTT-3.1.2-2]");
    }

    private Packet read(PacketType type, ProtocolVersion spoken, boolean slice) {
        return switch (type) {
            case CONNECT -> throw new IllegalStateException("CONNECT is read on its own");
            case CONNACK -> ConnAckCodec.read(reader, spoken);
            case PUBLISH -> PublishCodec.read(reader, firstByte & 0xF, spoken, topics(), slice);
            case PUBACK, PUBREC, PUBREL, PUBCOMP -> AckCodec.read(reader, type, spoken);
            case SUBSCRIBE -> SubscribeCodec.read(reader, spoken);
            case SUBACK -> SubAckCodec.read(reader, spoken);
            case UNSUBSCRIBE -> UnsubscribeCodec.read(reader, spoken);
            case UNSUBACK -> UnsubAckCodec.read(reader, spoken);
            case PINGREQ -> PingReq.INSTANCE;
            case PINGRESP -> PingResp.INSTANCE;
            case DISCONNECT -> DisconnectCodec.read(reader, spoken);
            case AUTH -> AuthCodec.read(reader);
        };
    }

    private TopicNames topics() {
        if (topics == null) {
            topics = new TopicNames();
        }
        return topics;
    }
}

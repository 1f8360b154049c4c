package io.mqttx.codec;

import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.PingResp;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.NoSuchElementException;
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

    private final DecoderOptions options;
    private final Reader reader = new Reader();
    private final TopicNames topics = new TopicNames();
    private Optional<ProtocolVersion> version;
    private Optional<ProtocolException> failure = Optional.empty();
    private Optional<Packet> packet = Optional.empty();

    private byte[] held = NOTHING; // the start of a packet whose end is not here yet
    private int heldLength;
    private byte[] scratch = NOTHING; // only where direct buffers come

    // The fixed header of the packet at hand, as far as it is known.
    private int firstByte;
    private int headerLength;
    private int packetLength; // with the header; 0: not known yet
    private boolean overLong;

    private PacketDecoder(Optional<ProtocolVersion> version, DecoderOptions options) {
        this.version = version;
        this.options = options;
    }

    /** For a server: the first packet must be a CONNECT [MQTT-3.1.0-1], which says the version. */
    public static PacketDecoder forServer(DecoderOptions options) {
        return new PacketDecoder(Optional.empty(), options);
    }

    /** For a client, or whoever knows the version: it is spoken from the first packet on. */
    public static PacketDecoder forVersion(ProtocolVersion version, DecoderOptions options) {
        return new PacketDecoder(Optional.of(version), options);
    }

    /**
     * Reads on, and tells whether a packet is complete: {@link #packet()} has it then. If not, all of {@code in} was
     * taken.
     *
     * @throws ProtocolException if the bytes break the standard: with {@link ReasonCode#MALFORMED_PACKET}, or a more
     *     specific reason where the standard has one
     */
    public boolean next(ByteBuffer in) {
        if (failure.isPresent()) {
            throw failure.get();
        }
        try {
            return heldLength == 0 ? takeFrom(in) : completeFrom(in);
        } catch (ProtocolException e) {
            failure = Optional.of(e);
            held = NOTHING;
            throw e;
        }
    }

    /** The packet that {@link #next} has found. */
    public Packet packet() {
        return packet.orElseThrow(NoSuchElementException::new);
    }

    /**
     * The version spoken here. For a server it is known once CONNECT was read far enough to say it, also if the packet
     * was refused then: it is the version to answer in. A version above 5 is answered in 5.
     */
    public Optional<ProtocolVersion> version() {
        return version;
    }

    /** Whether the start of a packet has come and its end has not. */
    public boolean isInsidePacket() {
        return heldLength > 0;
    }

    private boolean takeFrom(ByteBuffer in) {
        int start = in.position();
        int available = in.limit() - start;
        if (available == 0) {
            return false;
        }
        packetLength = 0;
        readHeader(in, start, available);
        if (packetLength == 0 || packetLength > available) {
            hold(in, available);
            return false;
        }
        if (in.hasArray()) {
            int from = in.arrayOffset() + start;
            boolean slice = options.payloads() == DecoderOptions.Payloads.SLICE;
            in.position(start + packetLength);
            parse(in.array(), from + headerLength, from + packetLength, slice);
        } else if (packetLength <= SCRATCH) {
            if (scratch.length == 0) {
                scratch = new byte[SCRATCH];
            }
            in.get(scratch, 0, packetLength);
            parse(scratch, headerLength, packetLength, false);
        } else {
            byte[] own = new byte[packetLength];
            in.get(own);
            parse(own, headerLength, packetLength, true);
        }
        return true;
    }

    private boolean completeFrom(ByteBuffer in) {
        while (packetLength == 0) {
            if (!in.hasRemaining()) {
                return false;
            }
            append(in, 1);
            readHeader(ByteBuffer.wrap(held), 0, heldLength);
        }
        append(in, Math.min(in.remaining(), packetLength - heldLength));
        if (heldLength < packetLength) {
            return false;
        }
        byte[] own = held;
        held = NOTHING;
        heldLength = 0;
        parse(own, headerLength, packetLength, true);
        return true;
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

    /** Reads the fixed header (§2.1.1) and refuses what can be refused already. */
    private void readHeader(ByteBuffer in, int start, int available) {
        firstByte = in.get(start) & 0xFF;
        checkFirstByte();
        int length = 0;
        for (int i = 1; i < available; i++) {
            int next = in.get(start + i);
            length |= (next & 0x7F) << 7 * (i - 1);
            if (next >= 0) {
                overLong = next == 0 && i > 1;
                headerLength = 1 + i;
                checkSize((long) headerLength + length);
                packetLength = headerLength + length;
                return;
            }
            if (i == 4) {
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
        if (version.isEmpty() && type != PacketType.CONNECT) {
            throw ProtocolException.protocolError("the first packet is " + type + ", not CONNECT [MQTT-3.1.0-1]");
        }
        int flags = firstByte & 0xF;
        if (type == PacketType.PUBLISH) {
            if ((flags & 6) == 6) {
                throw ProtocolException.malformed("QoS 3 [MQTT-3.3.1-4]");
            }
        } else if (flags != type.reservedFlags()) {
            throw ProtocolException.malformed("fixed header flags of " + type + " are " + flags + " [MQTT-2.1.3-1]");
        } else if (type == PacketType.AUTH && !version.get().hasProperties()) {
            throw ProtocolException.malformed("packet type 15 is reserved before version 5 (3.1.1, section 2.2.1)");
        }
    }

    private void parse(byte[] bytes, int from, int to, boolean slice) {
        reader.over(bytes, from, to);
        PacketType type = PacketType.of(firstByte >> 4);
        Packet read = type == PacketType.CONNECT ? readConnect() : read(type, version.get(), slice);
        if (overLong && version.get().hasProperties()) {
            throw ProtocolException.malformed("remaining length is written longer than needed [MQTT-1.5.5-1]");
        }
        reader.requireEnd();
        packet = Optional.of(read);
    }

    private Packet readConnect() {
        String name = reader.text("protocol name");
        int level = reader.u8("protocol version");
        Optional<ProtocolVersion> named = ProtocolVersion.of(name, level);
        if (named.isEmpty()) {
            if (level > ProtocolVersion.V5.level() && name.equals(ProtocolVersion.V5.protocolName())) {
                version = version.or(() -> Optional.of(ProtocolVersion.V5));
            }
            throw new ProtocolException(
                    ReasonCode.UNSUPPORTED_PROTOCOL_VERSION, "protocol version " + level + " [MQTT-3.1.2-2]");
        }
        version = version.or(() -> named);
        return ConnectCodec.read(reader, named.get(), options.longClientIdsIn31());
    }

    private Packet read(PacketType type, ProtocolVersion spoken, boolean slice) {
        return switch (type) {
            case CONNECT -> throw new IllegalStateException("CONNECT is read on its own");
            case CONNACK -> ConnAckCodec.read(reader, spoken);
            case PUBLISH -> PublishCodec.read(reader, firstByte & 0xF, spoken, topics, slice);
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
}

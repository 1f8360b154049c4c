package io.mqttx.codec;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/**
 * What must hold for any bytes at all; a fuzzer looks for bytes for which it does not.
 *
 * <p>The first byte says how the others are cut into pieces, the others are fed to a decoder of each version. Jazzer
 * finds {@link #fuzzerTestOneInput} by its name; nothing here needs Jazzer.
 */
public final class DecoderFuzz {
    private static final DecoderOptions OPTIONS = DecoderOptions.defaults();
    private static final DecoderOptions SLICES = OPTIONS.withPayloads(DecoderOptions.Payloads.SLICE);

    private DecoderFuzz() {}

    /** Throws if something does not hold for {@code input}. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length < 2) {
            return;
        }
        int cuts = input[0];
        byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
        check(bytes, cuts, PacketDecoder::forServer);
        for (ProtocolVersion version : ProtocolVersion.values()) {
            check(bytes, cuts, options -> PacketDecoder.forVersion(version, options));
        }
    }

    /** What came of some bytes, however they were cut. */
    record Outcome(List<Packet> packets, String error, boolean insidePacket) {}

    /** A decoder with these options. */
    interface Maker {
        PacketDecoder with(DecoderOptions options);
    }

    private static void check(byte[] bytes, int cuts, Maker maker) {
        PacketDecoder decoder = maker.with(OPTIONS);
        Outcome whole = decode(decoder, List.of(ByteBuffer.wrap(bytes)));
        Outcome inPieces = decode(maker.with(OPTIONS), pieces(bytes, cuts, cuts % 2 == 0));
        same(whole, inPieces, "cut into pieces");
        Outcome slices =
                decode(maker.with(SLICES), List.of(ByteBuffer.wrap(bytes).asReadOnlyBuffer()));
        same(whole, slices, "sliced out of a read-only buffer");
        decoder.version().ifPresent(version -> whole.packets().forEach(packet -> checkRoundTrip(packet, version)));
    }

    /** Feeds the buffers one by one until an error or the end. */
    static Outcome decode(PacketDecoder decoder, List<ByteBuffer> pieces) {
        List<Packet> packets = new ArrayList<>();
        try {
            for (ByteBuffer in : pieces) {
                while (decoder.next(in)) {
                    packets.add(decoder.packet());
                }
                if (in.hasRemaining()) {
                    throw new AssertionError("left over: " + in);
                }
            }
        } catch (ProtocolException e) {
            checkMessage(e);
            return new Outcome(packets, e.reason() + ": " + e.getMessage(), false);
        }
        return new Outcome(packets, "", decoder.isInsidePacket());
    }

    /** What the decoder accepts, the encoder can say, and the decoder reads it again. */
    static void checkRoundTrip(Packet packet, ProtocolVersion version) {
        ProtocolVersion spoken = packet instanceof Connect connect ? connect.version() : version;
        PacketEncoder encoder = new PacketEncoder(spoken);
        int size = encoder.sizeOf(packet);
        ByteBuffer out = ByteBuffer.allocate(size + 1);
        encoder.encode(packet, out);
        if (out.position() != size) {
            throw new AssertionError("size " + size + ", written " + out.position() + ": " + packet);
        }
        List<Packet> again = MqttCodec.decode(out.flip(), spoken);
        if (!again.equals(List.of(packet))) {
            throw new AssertionError(packet + " came back as " + again);
        }
    }

    /** Every refusal ends with the statement that the bytes break. */
    static void checkMessage(ProtocolException e) {
        String message = e.getMessage();
        int statement = Math.max(message.lastIndexOf("[MQTT-"), message.lastIndexOf('('));
        boolean last = message.endsWith("]") || message.endsWith(")");
        if (statement < 1 || !last || !e.reason().isError()) {
            throw new AssertionError("refused without a statement: " + e.reason() + " " + message);
        }
    }

    private static List<ByteBuffer> pieces(byte[] bytes, int seed, boolean direct) {
        Random random = new Random(seed);
        int longest = 1 + random.nextInt(seed % 3 == 0 ? 1 : 40);
        List<ByteBuffer> pieces = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(longest));
            pieces.add(piece(bytes, at, length, direct));
            at += length;
        }
        return pieces;
    }

    private static ByteBuffer piece(byte[] bytes, int at, int length, boolean direct) {
        Supplier<ByteBuffer> heap = () -> ByteBuffer.wrap(bytes, at, length).slice(); // with an array offset
        return direct ? ByteBuffer.allocateDirect(length).put(heap.get()).flip() : heap.get();
    }

    private static void same(Outcome expected, Outcome actual, String how) {
        if (!expected.equals(actual)) {
            throw new AssertionError(how + ": " + actual + " instead of " + expected);
        }
    }
}

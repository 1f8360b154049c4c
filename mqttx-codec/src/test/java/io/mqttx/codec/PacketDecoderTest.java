package io.mqttx.codec;

import static io.mqttx.codec.Vectors.assertRefusal;
import static io.mqttx.codec.Vectors.bytes;
import static io.mqttx.codec.Vectors.utf8;
import static io.mqttx.packet.ProtocolVersion.V3_1_1;
import static io.mqttx.packet.ProtocolVersion.V5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.Statement;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketGenerator;
import io.mqttx.packet.PingReq;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.PubAck;
import io.mqttx.packet.PubComp;
import io.mqttx.packet.PubRec;
import io.mqttx.packet.PubRel;
import io.mqttx.packet.Publish;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PacketDecoderTest {
    private static final DecoderOptions OPTIONS = DecoderOptions.defaults();

    /** The same bytes in every kind of buffer; around them stands what must not be read. */
    private enum Kind {
        HEAP,
        HEAP_WITH_OFFSET,
        HEAP_BETWEEN,
        READ_ONLY,
        DIRECT,
        LITTLE_ENDIAN_DIRECT,
        READ_ONLY_DIRECT;

        ByteBuffer copy(ByteBuffer bytes) {
            int size = bytes.remaining() + 9;
            return switch (this) {
                case HEAP -> bytes.duplicate();
                case HEAP_WITH_OFFSET ->
                    between(ByteBuffer.allocate(size), bytes).slice();
                case HEAP_BETWEEN -> between(ByteBuffer.allocate(size), bytes);
                case READ_ONLY -> between(ByteBuffer.allocate(size), bytes).asReadOnlyBuffer();
                case DIRECT -> between(ByteBuffer.allocateDirect(size), bytes);
                case LITTLE_ENDIAN_DIRECT ->
                    between(ByteBuffer.allocateDirect(size), bytes).order(ByteOrder.LITTLE_ENDIAN);
                case READ_ONLY_DIRECT ->
                    between(ByteBuffer.allocateDirect(size), bytes).asReadOnlyBuffer();
            };
        }

        private static ByteBuffer between(ByteBuffer larger, ByteBuffer bytes) {
            while (larger.hasRemaining()) {
                larger.put((byte) 0xFF);
            }
            larger.limit(larger.capacity() - 4).position(5);
            return larger.put(bytes.duplicate()).position(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anyBufferIsReadToItsLimitAndNotBeyond(Kind kind) {
        List<Packet> expected = somePackets(1);
        ByteBuffer in = kind.copy(encoded(expected));
        int limit = in.limit();

        assertEquals(expected, readAll(PacketDecoder.forVersion(V5, OPTIONS), in));
        assertEquals(limit, in.position());
        assertEquals(limit, in.limit());
    }

    @ParameterizedTest
    @EnumSource
    void anyBufferMayBeCutAnywhere(Kind kind) {
        List<Packet> expected = somePackets(2);
        ByteBuffer all = encoded(expected);
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            int longest = seed == 0 ? 1 : 1 + random.nextInt(100);
            PacketDecoder decoder = PacketDecoder.forVersion(V5, OPTIONS);
            List<Packet> read = new ArrayList<>();
            int at = 0;
            while (at < all.limit()) {
                int length = Math.min(all.limit() - at, 1 + random.nextInt(longest));
                ByteBuffer piece = kind.copy(all.slice(at, length));
                read.addAll(readAll(decoder, piece));
                assertFalse(piece.hasRemaining());
                at += length;
            }
            assertEquals(expected, read, "seed " + seed);
            assertFalse(decoder.isInsidePacket());
        }
    }

    @Test
    void packetsAreTakenOutOneByOne() {
        ByteBuffer in = ByteBuffer.wrap(bytes("C0 00 C0 00 C0"));
        PacketDecoder decoder = PacketDecoder.forVersion(V5, OPTIONS);

        assertTrue(decoder.next(in));
        assertEquals(2, in.position());
        assertTrue(decoder.next(in));
        assertEquals(4, in.position());
        assertFalse(decoder.isInsidePacket());
        assertFalse(decoder.next(in));
        assertEquals(5, in.position());
        assertTrue(decoder.isInsidePacket());
        assertFalse(decoder.next(ByteBuffer.allocate(0)));
        assertTrue(decoder.next(ByteBuffer.wrap(bytes("00"))));
        assertEquals(PingReq.INSTANCE, decoder.packet());
        assertFalse(decoder.isInsidePacket());
    }

    @Test
    void thereIsAPacketOnlyAfterOneWasFound() {
        PacketDecoder decoder = PacketDecoder.forVersion(V5, OPTIONS);
        assertThrows(NoSuchElementException.class, decoder::packet);

        decoder.next(ByteBuffer.wrap(bytes("C0 00")));
        assertEquals(PingReq.INSTANCE, decoder.packet());

        decoder.next(ByteBuffer.allocate(0));
        assertThrows(NoSuchElementException.class, decoder::packet, "kept alive by a connection at rest");
    }

    @ParameterizedTest
    @EnumSource
    @Statement({"P5-17", "MQTT-3.1.2-24"})
    void aPacketOverTheLimitIsRefusedFromItsHeaderAlone(Kind kind) {
        DecoderOptions options = OPTIONS.withMaxPacketSize(200);
        ByteBuffer largest = MqttCodec.encode(new Publish(TopicName.of("a"), ByteBuffer.allocate(193)), V5);
        assertEquals(200, largest.remaining());
        assertEquals(
                1,
                readAll(PacketDecoder.forVersion(V5, options), kind.copy(largest))
                        .size());

        for (String header : new String[] {"30 C601", "30 FFFFFF7F", "30 808001"}) {
            PacketDecoder decoder = PacketDecoder.forVersion(V5, options);
            ByteBuffer in = kind.copy(ByteBuffer.wrap(bytes(header)));
            ProtocolException e = assertThrows(ProtocolException.class, () -> decoder.next(in));
            assertRefusal(e, ReasonCode.PACKET_TOO_LARGE, "[MQTT-3.1.2-24]");
            assertEquals(0, decoder.heldCapacity());
        }
    }

    @Test
    void theLimitHoldsForAHeaderThatComesByteByByteToo() {
        PacketDecoder decoder = PacketDecoder.forVersion(V3_1_1, OPTIONS.withMaxPacketSize(16));

        assertFalse(decoder.next(ByteBuffer.wrap(bytes("30"))));
        ProtocolException e = assertThrows(ProtocolException.class, () -> decoder.next(ByteBuffer.wrap(bytes("0F"))));

        assertRefusal(e, ReasonCode.PACKET_TOO_LARGE, "[MQTT-3.1.2-24]");
        assertFalse(decoder.isInsidePacket());
    }

    @Test
    void theLargestPacketOfAllHasFiveBytesOfHeader() {
        PacketDecoder decoder = PacketDecoder.forVersion(V5, OPTIONS.withMaxPacketSize(DecoderOptions.LARGEST_PACKET));

        assertFalse(decoder.next(ByteBuffer.wrap(bytes("30 FFFFFF7F 0001 61"))));
        assertTrue(decoder.heldCapacity() <= 64, "took " + decoder.heldCapacity());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 64, 100, 1500, 65_536})
    void halfAPacketTakesAtMostTwiceWhatHasArrivedAndGrowsInFewSteps(int piece) {
        int size = 1 << 20;
        ByteBuffer packet = MqttCodec.encode(new Publish(TopicName.of("a"), ByteBuffer.allocate(size - 8)), V5);
        assertEquals(size, packet.remaining());
        PacketDecoder decoder = PacketDecoder.forVersion(V5, OPTIONS);
        int steps = 0;
        long copied = 0;
        int before = 0;
        for (int at = 0; at + piece < size; at += piece) {
            assertFalse(decoder.next(packet.slice(at, piece)));
            int arrived = at + piece;
            int capacity = decoder.heldCapacity();
            assertTrue(capacity <= Math.max(64, 2 * arrived), capacity + " bytes for " + arrived);
            assertTrue(capacity <= Math.max(64, size), capacity + " bytes for a packet of " + size);
            if (capacity != before) {
                steps++;
                copied += before;
                before = capacity;
                assertTrue(steps <= 16, "grew " + steps + " times");
                assertTrue(copied <= 2L * size, "copied " + copied + " bytes anew");
            }
        }
        assertTrue(decoder.next(packet.slice((size - 1) / piece * piece, size - (size - 1) / piece * piece)));
        assertEquals(0, decoder.heldCapacity());
        assertEquals(size - 8, ((Publish) decoder.packet()).payloadLength());
    }

    @Test
    void afterAnErrorTheSameErrorComesAgain() {
        PacketDecoder decoder = PacketDecoder.forVersion(V5, OPTIONS);
        ByteBuffer in = ByteBuffer.wrap(bytes("C0 00 C1 00 C0 00"));
        assertTrue(decoder.next(in));

        ProtocolException first = assertThrows(ProtocolException.class, () -> decoder.next(in));
        ProtocolException second =
                assertThrows(ProtocolException.class, () -> decoder.next(ByteBuffer.wrap(bytes("C0 00"))));
        ProtocolException third = assertThrows(ProtocolException.class, () -> decoder.next(ByteBuffer.allocate(0)));

        assertSame(first, second);
        assertSame(first, third);
        assertFalse(decoder.isInsidePacket());
        assertThrows(NoSuchElementException.class, decoder::packet);
    }

    @ParameterizedTest
    @EnumSource
    void anAcknowledgementIsReadOutOfAnyBufferWithItsFaultsAndWithoutEndInSight(Kind kind) {
        List<Packet> acks = List.of(new PubAck(0x1234), new PubRec(1), new PubRel(0xFFFF), new PubComp(0x8001));
        assertEquals(acks, readAll(PacketDecoder.forVersion(V3_1_1, OPTIONS), kind.copy(encoded(acks))));

        ByteBuffer cut = kind.copy(ByteBuffer.wrap(bytes("40 02 12 34 40 02 12")));
        assertEquals(List.of(acks.get(0)), readAll(PacketDecoder.forVersion(V5, OPTIONS), cut));
        for (String wrong : List.of("40 02 00 00", "41 02 00 01", "60 02 00 01", "40 01 00 01", "40 82 00 00 01")) {
            ByteBuffer in = kind.copy(ByteBuffer.wrap(bytes(wrong)));
            assertThrows(ProtocolException.class, () -> readAll(PacketDecoder.forVersion(V5, OPTIONS), in), wrong);
        }
        ByteBuffer first = kind.copy(ByteBuffer.wrap(bytes("40 02 00 01")));
        assertThrows(ProtocolException.class, () -> readAll(PacketDecoder.forServer(OPTIONS), first));
    }

    @ParameterizedTest
    @EnumSource
    void aCopiedPayloadStaysAsItWasWhenTheBufferIsUsedAgain(Kind kind) {
        for (int length : new int[] {0, 1, 5, 900, 5000}) {
            Publish message = new Publish(TopicName.of("a/b"), utf8("x".repeat(length)));
            ByteBuffer in = kind.copy(MqttCodec.encode(message, V5));
            PacketDecoder decoder = PacketDecoder.forVersion(V5, OPTIONS);

            assertTrue(decoder.next(in));
            Packet read = decoder.packet();
            if (!in.isReadOnly()) {
                in.clear();
                while (in.hasRemaining()) {
                    in.put((byte) 'z');
                }
            }
            assertTrue(decoder.next(kind.copy(MqttCodec.encode(message.withTopic(TopicName.of("b")), V5))));

            assertEquals(message, read);
        }
    }

    @Test
    void aSlicedPayloadIsAViewOfTheArrayItCameIn() {
        byte[] array = MqttCodec.toBytes(new Publish(TopicName.of("a"), utf8("hello")), V3_1_1);
        PacketDecoder decoder = PacketDecoder.forVersion(V3_1_1, OPTIONS.withPayloads(DecoderOptions.Payloads.SLICE));
        assertTrue(decoder.next(ByteBuffer.wrap(array)));
        Publish read = (Publish) decoder.packet();
        assertEquals(utf8("hello"), read.payload());

        array[array.length - 1] = '!';

        assertEquals(utf8("hell!"), read.payload());
    }

    @Test
    void aSlicedPayloadThatCameInPiecesIsItsOwn() {
        ByteBuffer whole = MqttCodec.encode(new Publish(TopicName.of("a"), utf8("hello")), V3_1_1);
        PacketDecoder decoder = PacketDecoder.forVersion(V3_1_1, OPTIONS.withPayloads(DecoderOptions.Payloads.SLICE));
        byte[] tail = {'l', 'o'};
        decoder.next(whole.slice(0, whole.limit() - 2));
        assertTrue(decoder.next(ByteBuffer.wrap(tail)));

        tail[0] = '!';

        assertEquals(utf8("hello"), ((Publish) decoder.packet()).payload());
    }

    @Test
    void aTopicNameMetAgainAndAgainIsTheSameObjectHoweverManyCameBefore() {
        PacketDecoder decoder = PacketDecoder.forVersion(V3_1_1, OPTIONS);
        for (int i = 0; i < 500; i++) {
            topicReadBy(decoder, "once/" + i);
        }
        for (int round = 0; round < 100; round++) {
            for (int i = 0; i < 4; i++) {
                topicReadBy(decoder, "line/machine" + i + "/temperature");
            }
        }
        for (int i = 0; i < 4; i++) {
            String name = "line/machine" + i + "/temperature";
            assertSame(topicReadBy(decoder, name), topicReadBy(decoder, name));
        }
    }

    private static TopicName topicReadBy(PacketDecoder decoder, String name) {
        Publish message = new Publish(TopicName.of(name), utf8(""));
        assertTrue(decoder.next(MqttCodec.encode(message, V3_1_1)));
        assertEquals(message, decoder.packet());
        return ((Publish) decoder.packet()).topic();
    }

    @Test
    void namesThatLookAlikeAreKeptApart() {
        PacketDecoder decoder = PacketDecoder.forVersion(V3_1_1, OPTIONS);
        Random random = new Random(3);
        for (int i = 0; i < 20_000; i++) {
            String text = "t/" + "x".repeat(random.nextInt(3) * 4) + random.nextInt(300);
            Publish message = new Publish(TopicName.of(text), utf8(""));
            assertTrue(decoder.next(MqttCodec.encode(message, V3_1_1)));
            assertEquals(text, ((Publish) decoder.packet()).topic().text());
        }
    }

    @Test
    void theOptionsAreChecked() {
        assertThrows(IllegalArgumentException.class, () -> OPTIONS.withMaxPacketSize(15));
        assertThrows(IllegalArgumentException.class, () -> OPTIONS.withMaxPacketSize(268_435_461));
        assertEquals(1 << 20, OPTIONS.maxPacketSize());
        assertEquals(DecoderOptions.Payloads.COPY, OPTIONS.payloads());
        assertFalse(OPTIONS.longClientIdsIn31());
        assertNotEquals(OPTIONS, OPTIONS.withLongClientIdsIn31(true));
    }

    @Test
    void theEncoderWritesNothingWhereItDoesNotFit() {
        PacketGenerator generator = new PacketGenerator(new Random(9));
        for (int i = 0; i < 200; i++) {
            Packet packet = generator.packet(V5);
            PacketEncoder encoder = new PacketEncoder(V5);
            ByteBuffer out = ByteBuffer.allocate(encoder.sizeOf(packet) - 1);
            assertThrows(java.nio.BufferOverflowException.class, () -> encoder.encode(packet, out));
            assertEquals(0, out.position());
        }
    }

    private static List<Packet> somePackets(int seed) {
        PacketGenerator generator = new PacketGenerator(new Random(seed));
        List<Packet> packets = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            packets.add(generator.packet(V5));
        }
        packets.add(new Publish(TopicName.of("large"), generator.bytes(5000)));
        return packets;
    }

    private static ByteBuffer encoded(List<Packet> packets) {
        ByteBuffer out = ByteBuffer.allocate(1 << 21);
        packets.forEach(packet -> out.put(MqttCodec.encode(packet, V5)));
        return out.flip().slice();
    }

    private static List<Packet> readAll(PacketDecoder decoder, ByteBuffer in) {
        List<Packet> packets = new ArrayList<>();
        while (decoder.next(in)) {
            packets.add(decoder.packet());
        }
        return packets;
    }
}

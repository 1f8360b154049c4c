package io.mqttx.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.packet.Connect;
import io.mqttx.packet.Packet;
import io.mqttx.packet.PacketGenerator;
import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.Property;
import io.mqttx.packet.ProtocolVersion;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Many packets and much noise, all from one seed: a failure says which, and {@code -Dmqttx.seed=} plays that one again.
 */
class GeneratedPacketsTest {
    private static final List<ProtocolVersion> VERSIONS = List.of(ProtocolVersion.values());
    private static final int PACKETS = 6_000;
    private static final int DAMAGED = 60_000;
    private static final long FIRST_SEED = 20_190_307;

    /** What is done with one seed. */
    private interface Trial {
        void run(Random random);
    }

    @Test
    void whatIsEncodedIsDecodedEqualHoweverItIsCut() {
        forSeeds(PACKETS, random -> {
            ProtocolVersion version = anyVersion(random);
            Packet packet = new PacketGenerator(random).packet(version);

            DecoderFuzz.checkRoundTrip(packet, version);
            byte[] bytes = MqttCodec.toBytes(packet, version);
            DecoderFuzz.Outcome outcome = DecoderFuzz.decode(
                    PacketDecoder.forVersion(version, DecoderOptions.defaults()), cut(bytes, random));
            assertEquals(new DecoderFuzz.Outcome(List.of(packet), "", false), outcome);
        });
    }

    @Test
    void damagedPacketsAreRefusedOrReadAndNothingElse() {
        int[] read = new int[1];
        forSeeds(DAMAGED, random -> {
            ProtocolVersion version = anyVersion(random);
            PacketGenerator generator = new PacketGenerator(random);
            byte[] bytes =
                    damage(MqttCodec.toBytes(smallPacket(generator, version), version), generator, version, random);
            PacketDecoder decoder = random.nextInt(4) == 0
                    ? PacketDecoder.forServer(DecoderOptions.defaults())
                    : PacketDecoder.forVersion(version, DecoderOptions.defaults());
            DecoderFuzz.Outcome outcome = DecoderFuzz.decode(decoder, List.of(ByteBuffer.wrap(bytes)));
            decoder.version()
                    .ifPresent(spoken -> outcome.packets().forEach(p -> DecoderFuzz.checkRoundTrip(p, spoken)));
            read[0] += outcome.packets().size();
        });
        assertTrue(read[0] > DAMAGED / 100 || replays(), "only " + read[0] + " were read: the damage is too large");
    }

    @Test
    void arbitraryBytesAreRefusedOrReadAndNothingElse() {
        forSeeds(DAMAGED / 3, random -> {
            byte[] noise = new byte[1 + random.nextInt(64)];
            random.nextBytes(noise);
            DecoderFuzz.fuzzerTestOneInput(noise);
        });
    }

    @Test
    void theGeneratorMakesEveryTypeAndEveryProperty() {
        for (ProtocolVersion version : ProtocolVersion.values()) {
            PacketGenerator generator = new PacketGenerator(new Random(FIRST_SEED));
            Set<PacketType> types = EnumSet.noneOf(PacketType.class);
            Set<Property<?>> properties = new HashSet<>();
            for (int i = 0; i < 2_000; i++) {
                Packet packet = generator.packet(version);
                types.add(packet.type());
                collect(packet.properties(), properties);
                if (packet instanceof Connect connect) {
                    collect(connect.will().properties(), properties);
                }
            }
            Set<PacketType> expected = EnumSet.allOf(PacketType.class);
            if (!version.hasProperties()) {
                expected.remove(PacketType.AUTH);
            }
            assertEquals(expected, types);
            assertEquals(version.hasProperties() ? Set.copyOf(Property.all()) : Set.of(), properties);
        }
    }

    private static void collect(Properties list, Set<Property<?>> into) {
        Property.all().stream().filter(list::has).forEach(into::add);
    }

    private static void forSeeds(int count, Trial trial) {
        long first = Long.getLong("mqttx.seed", FIRST_SEED);
        for (long seed = first; seed < first + (replays() ? 1 : count); seed++) {
            try {
                trial.run(new Random(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("again with -Dmqttx.seed=" + seed, e);
            }
        }
    }

    private static boolean replays() {
        return Long.getLong("mqttx.seed") != null;
    }

    private static ProtocolVersion anyVersion(Random random) {
        return VERSIONS.get(random.nextInt(VERSIONS.size()));
    }

    private static Packet smallPacket(PacketGenerator generator, ProtocolVersion version) {
        Packet packet = generator.packet(version);
        return new PacketEncoder(version).sizeOf(packet) > 2_000 ? smallPacket(generator, version) : packet;
    }

    private static byte[] damage(byte[] bytes, PacketGenerator generator, ProtocolVersion version, Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            case 1 -> splice(bytes, MqttCodec.toBytes(smallPacket(generator, version), version), random);
            case 2 -> {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                yield bytes;
            }
            default -> {
                int flips = 1 + random.nextInt(3);
                for (int i = 0; i < flips; i++) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                yield bytes;
            }
        };
    }

    private static byte[] splice(byte[] one, byte[] other, Random random) {
        int head = random.nextInt(one.length + 1);
        int tail = random.nextInt(other.length + 1);
        byte[] both = Arrays.copyOf(one, head + tail);
        System.arraycopy(other, other.length - tail, both, head, tail);
        return both;
    }

    private static List<ByteBuffer> cut(byte[] bytes, Random random) {
        List<ByteBuffer> pieces = new ArrayList<>();
        int at = 0;
        while (at < bytes.length) {
            int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : bytes.length));
            pieces.add(ByteBuffer.wrap(bytes, at, length));
            at += length;
        }
        return pieces;
    }
}

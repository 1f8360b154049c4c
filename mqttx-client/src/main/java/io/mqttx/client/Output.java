package io.mqttx.client;

import io.mqttx.codec.PacketEncoder;
import io.mqttx.packet.Packet;
import io.mqttx.packet.ProtocolVersion;
import java.nio.ByteBuffer;

/**
 * Packets on their way to the link, as bytes: one buffer is filled while the other is written. Guarded by the lock of
 * the client, except that who has {@linkplain #take taken} a buffer owns it until {@link #giveBack}.
 */
final class Output {
    private static final int ENOUGH = 1 << 20; // bytes that may wait before publishers have to
    private static final int SMALLEST = 256; // bytes; many clients never need more
    private static final int LARGEST_KEPT = 256 << 10; // what was needed for a large packet is not kept for small ones

    private final PacketEncoder encoder;
    private ByteBuffer filling = ByteBuffer.allocate(SMALLEST);
    private ByteBuffer spare = ByteBuffer.allocate(0);

    Output(ProtocolVersion version) {
        this.encoder = new PacketEncoder(version);
    }

    /** Adds a packet, whatever waits already: answers must not wait for messages. */
    void put(Packet packet) {
        int size = encoder.sizeOf(packet);
        if (filling.remaining() < size) {
            int needed = Math.addExact(filling.position(), size);
            ByteBuffer larger =
                    ByteBuffer.allocate((int) Math.max(needed, Math.min(2L * needed, Integer.MAX_VALUE - 8)));
            filling = larger.put(filling.flip());
        }
        encoder.encode(packet, filling);
    }

    /** Whether nothing waits to be taken. */
    boolean isEmpty() {
        return filling.position() == 0;
    }

    /** Whether a message may be added without taking ever more memory. */
    boolean hasRoom() {
        return filling.position() < ENOUGH;
    }

    /** All that waits, ready to be read. */
    ByteBuffer take() {
        ByteBuffer full = filling.flip();
        filling = spare.capacity() > 0 ? spare : ByteBuffer.allocate(SMALLEST);
        spare = ByteBuffer.allocate(0);
        return full;
    }

    /** What was taken is written; its memory can be used again. */
    void giveBack(ByteBuffer written) {
        if (written.capacity() <= LARGEST_KEPT) {
            spare = written.clear();
        }
    }

    /** Forgets what waits: there is nobody to write it to. */
    void clear() {
        filling = ByteBuffer.allocate(0);
        spare = filling;
    }
}

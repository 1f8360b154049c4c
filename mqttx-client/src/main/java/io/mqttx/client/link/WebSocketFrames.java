package io.mqttx.client.link;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/** Writes frames as a client must: masked, each with a new key (RFC 6455 §5.3). Not safe for several threads. */
final class WebSocketFrames {
    private static final int LARGEST_HEADER = 8;
    private static final int LARGEST_FRAME = 64 << 10; // bytes with its header; what is longer goes in several
    private static final int LAST = 0x80;
    private static final int MASKED = 0x80;

    private final Link below;
    private final Random random;
    private ByteBuffer frame = ByteBuffer.allocate(256);

    WebSocketFrames(Link below, Random random) {
        this.below = below;
        this.random = random;
    }

    /** Writes one frame, or if there are more bytes than fit into one, several that are a message each. */
    void write(int opcode, ByteBuffer payload) throws IOException {
        do {
            int length = Math.min(payload.remaining(), LARGEST_FRAME - LARGEST_HEADER);
            ByteBuffer part = payload.slice(payload.position(), length);
            payload.position(payload.position() + length);
            below.write(encode(opcode, part));
        } while (payload.hasRemaining());
    }

    private ByteBuffer encode(int opcode, ByteBuffer payload) {
        int length = payload.remaining();
        int needed = LARGEST_HEADER + length;
        if (frame.capacity() < needed) {
            frame = ByteBuffer.allocate(Math.max(needed, Math.min(2 * needed, LARGEST_FRAME)));
        }
        frame.clear().put((byte) (LAST | opcode));
        if (length < 126) {
            frame.put((byte) (MASKED | length));
        } else {
            frame.put((byte) (MASKED | 126)).putShort((short) length);
        }
        int key = random.nextInt();
        frame.putInt(key);
        mask(payload, key);
        return frame.flip();
    }

    private void mask(ByteBuffer payload, int key) {
        long twice = (long) key << 32 | key & 0xFFFFFFFFL;
        while (payload.remaining() >= Long.BYTES) {
            frame.putLong(payload.getLong() ^ twice);
        }
        for (int shift = 56; payload.hasRemaining(); shift -= 8) {
            frame.put((byte) (payload.get() ^ twice >>> shift));
        }
    }
}

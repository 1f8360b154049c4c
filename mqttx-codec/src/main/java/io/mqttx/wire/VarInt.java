package io.mqttx.wire;

import java.nio.ByteBuffer;

/** Variable byte integers (§1.5.5): seven bits a byte, lowest first, four bytes at most. */
public final class VarInt {
    /** The largest value that four bytes can say: 268,435,455. */
    public static final int MAX = 0x0FFF_FFFF;

    private VarInt() {}

    /** How many bytes {@code value} takes, 1 to 4; the fewest possible [MQTT-1.5.5-1]. */
    public static int size(int value) {
        if (value < 0x80) {
            return 1;
        }
        if (value < 0x4000) {
            return 2;
        }
        return value < 0x20_0000 ? 3 : 4;
    }

    /** Writes {@code value}, which is 0 to {@link #MAX}: the caller has checked. */
    public static void put(ByteBuffer out, int value) {
        int rest = value;
        while (rest >= 0x80) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }
}

package io.mqttx.topic;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Finds {@code +} and {@code #} (§4.7.1), eight bytes at a time: every name and filter is searched for them. */
final class Wildcards {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private Wildcards() {}

    /** The place of the next wildcard at or behind {@code from}, or the end. */
    static int next(byte[] utf8, int from) {
        int i = from;
        while (i <= utf8.length - Long.BYTES && !mayHold((long) LONG.get(utf8, i))) {
            i += Long.BYTES;
        }
        int lastEight = utf8.length - Long.BYTES;
        if (i > lastEight && lastEight >= from && !mayHold((long) LONG.get(utf8, lastEight))) {
            return utf8.length; // what was left over, looked at with what stands before it
        }
        while (i < utf8.length && utf8[i] != '+' && utf8[i] != '#') {
            i++;
        }
        return i;
    }

    /** Whether one of these eight bytes may be a wildcard: never says no where there is one. */
    private static boolean mayHold(long eight) {
        long plus = eight ^ '+' * LOW_BITS; // the byte that was + is 0 now
        long hash = eight ^ '#' * LOW_BITS;
        return ((plus - LOW_BITS & ~plus | hash - LOW_BITS & ~hash) & HIGH_BITS) != 0;
    }
}

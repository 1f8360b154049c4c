package io.mqttx.codec;

import java.util.Objects;

/**
 * How a decoder behaves.
 *
 * @param maxPacketSize     bytes of the largest packet taken, its fixed header included, 16 to 268,435,460; a larger
 *                          one is refused with {@code PACKET_TOO_LARGE} before its body is there (§3.1.2.11.4).
 *                          Default 1 MiB
 * @param payloads          whether payloads are copied out of the input. Default {@link Payloads#COPY}
 * @param longClientIdsIn31 whether MQTT 3.1 clients may have identifiers of more than 23 characters, as most servers
 *                          allow. Default no
 */
public record DecoderOptions(int maxPacketSize, Payloads payloads, boolean longClientIdsIn31) {
    /** The largest packet that MQTT can say: five bytes of fixed header and 268,435,455 behind it. */
    public static final int LARGEST_PACKET = 268_435_460;

    private static final DecoderOptions DEFAULTS = new DecoderOptions(1 << 20, Payloads.COPY, false);

    /** What a payload is to the buffer that it came in. */
    public enum Payloads {
        /** Its own bytes: the input may be used again at once. */
        COPY,
        /**
         * A view of the input where the input is backed by an array and holds the whole packet: the caller must not
         * write to that array as long as the packet is in use.
         */
        SLICE
    }

    /** Checks the range. */
    public DecoderOptions {
        Objects.requireNonNull(payloads, "payloads");
        if (maxPacketSize < 16 || maxPacketSize > LARGEST_PACKET) {
            throw new IllegalArgumentException("maxPacketSize is 16 to " + LARGEST_PACKET + ", not " + maxPacketSize);
        }
    }

    /** The defaults above. */
    public static DecoderOptions defaults() {
        return DEFAULTS;
    }

    /** These options with another largest packet, in bytes. */
    public DecoderOptions withMaxPacketSize(int bytes) {
        return new DecoderOptions(bytes, payloads, longClientIdsIn31);
    }

    /** These options with payloads copied or sliced. */
    public DecoderOptions withPayloads(Payloads other) {
        return new DecoderOptions(maxPacketSize, other, longClientIdsIn31);
    }

    /** These options with long client identifiers in MQTT 3.1 allowed or not. */
    public DecoderOptions withLongClientIdsIn31(boolean allowed) {
        return new DecoderOptions(maxPacketSize, payloads, allowed);
    }
}

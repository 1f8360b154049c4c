package io.mqttx.packet;

import io.mqttx.wire.Utf8;
import java.nio.ByteBuffer;
import java.util.Objects;

/** What the records of this package check in the same way. */
final class Checks {
    private Checks() {}

    static void text(String text, String what) {
        Objects.requireNonNull(text, what);
        try {
            Utf8.encodedLength(text);
        } catch (IllegalArgumentException e) {
            throw ProtocolException.malformed(what + ": " + e.getMessage());
        }
    }

    static void packetId(int packetId) {
        if (packetId < 1 || packetId > 0xFFFF) {
            throw ProtocolException.malformed("packet identifier is 1 to 65535, not " + packetId + " [MQTT-2.2.1-3]");
        }
    }

    static void twoBytes(int value, String what) {
        if (value < 0 || value > 0xFFFF) {
            throw ProtocolException.malformed(what + " is 0 to 65535, not " + value + " (§1.5.2)");
        }
    }

    /** Its own view of the bytes, which moves with nobody else's position. */
    static ByteBuffer bytes(ByteBuffer bytes, String what) {
        Objects.requireNonNull(bytes, what);
        boolean whole = bytes.position() == 0 && bytes.limit() == bytes.capacity();
        return (whole ? bytes : bytes.slice()).asReadOnlyBuffer();
    }

    /** Appends all of {@code bytes} without moving their position, and without making a view for that. */
    static void put(ByteBuffer bytes, ByteBuffer out) {
        int length = bytes.remaining();
        int at = out.position();
        out.position(at + length);
        out.put(at, bytes, bytes.position(), length);
    }

    /** Binary data, which two length bytes must be able to say (§1.5.6). */
    static ByteBuffer binary(ByteBuffer bytes, String what) {
        ByteBuffer own = bytes(bytes, what);
        if (own.remaining() > Utf8.MAX_LENGTH) {
            throw ProtocolException.malformed(what + " takes " + own.remaining() + " bytes, at most 65535 (§1.5.6)");
        }
        return own;
    }
}

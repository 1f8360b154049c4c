package io.mqttx.codec;

import io.mqttx.packet.PacketType;
import io.mqttx.packet.Properties;
import io.mqttx.packet.ProtocolException;
import io.mqttx.packet.ProtocolVersion;
import io.mqttx.packet.ReasonCode;
import io.mqttx.topic.TopicFilter;
import io.mqttx.topic.TopicName;
import io.mqttx.wire.Utf8;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the data representations of §1.5 out of one packet, and never past its end.
 *
 * <p>One is used again for every packet of a decoder: a plain array with an index is what the JIT reads fastest.
 */
final class Reader {
    private byte[] array; // null between reads
    private int at;
    private int end;

    /** Turns to the bytes between {@code from} and {@code to}. */
    void over(byte[] bytes, int from, int to) {
        if (array != bytes) { // a store to an old object costs more than this look at it
            array = bytes;
        }
        this.at = from;
        this.end = to;
    }

    /** Lets go of the bytes, so that a connection at rest keeps none of them alive. */
    void release() {
        this.array = null;
    }

    boolean hasMore() {
        return at < end;
    }

    int u8(String what) {
        need(1, what);
        return array[at++] & 0xFF;
    }

    int u16(String what) {
        need(2, what);
        int value = (array[at] & 0xFF) << 8 | array[at + 1] & 0xFF;
        at += 2;
        return value;
    }

    /** Steps over these bytes if they come next, and tells whether they did. */
    boolean skip(byte[] expected) {
        if (end - at < expected.length
                || !Arrays.equals(array, at, at + expected.length, expected, 0, expected.length)) {
            return false;
        }
        at += expected.length;
        return true;
    }

    /** A packet identifier; the packet checks that it is not 0. */
    int packetId() {
        return u16("packet identifier");
    }

    String text(String what) {
        int length = u16(what);
        need(length, what);
        int from = at;
        at += length;
        String fault = Utf8.fault(array, from, at);
        if (!fault.isEmpty()) {
            throw ProtocolException.malformed(what + ": " + fault);
        }
        return Utf8.decode(array, from, at);
    }

    TopicFilter topicFilter() {
        int length = u16("topic filter");
        need(length, "topic filter");
        int from = at;
        at += length;
        try {
            return TopicFilter.ofUtf8(array, from, at);
        } catch (IllegalArgumentException e) {
            boolean isText = Utf8.fault(array, from, at).isEmpty();
            throw new ProtocolException(
                    isText ? ReasonCode.TOPIC_FILTER_INVALID : ReasonCode.MALFORMED_PACKET, e.getMessage());
        }
    }

    /** A topic name, or none where its length is 0. */
    TopicName topicName(TopicNames names) {
        int from = skipTopicName();
        return names.spelled(array, from, at);
    }

    /** One that is not worth remembering. */
    TopicName topicName() {
        int from = skipTopicName();
        return TopicNames.spelledOnce(array, from, at);
    }

    private int skipTopicName() {
        int length = u16("topic name");
        need(length, "topic name");
        int from = at;
        at += length;
        return from;
    }

    /** Binary data with its length in front (§1.5.6), copied. */
    ByteBuffer binary(String what) {
        int length = u16(what);
        need(length, what);
        ByteBuffer data = copy(at, at + length);
        at += length;
        return data;
    }

    /** The same where it lies, for who copies it at once. */
    ByteBuffer binaryInPlace(String what) {
        int length = u16(what);
        need(length, what);
        ByteBuffer data = ByteBuffer.wrap(array, at, length);
        at += length;
        return data;
    }

    /** All that is left, copied or not. */
    ByteBuffer rest(boolean slice) {
        int from = at;
        at = end;
        return slice ? ByteBuffer.wrap(array, from, end - from).slice() : copy(from, end);
    }

    /** The properties, which only version 5 has (§2.2.2). */
    Properties properties(ProtocolVersion version) {
        if (!version.hasProperties()) {
            return Properties.EMPTY;
        }
        int length = varInt();
        need(length, "properties");
        int from = at;
        at += length;
        return Properties.decode(array, from, at);
    }

    /** Reason codes to the end of the packet. */
    List<ReasonCode> reasons(PacketType type) {
        ReasonCode[] reasons = new ReasonCode[end - at];
        for (int i = 0; i < reasons.length; i++) {
            reasons[i] = ReasonCode.of(type, array[at++] & 0xFF);
        }
        return List.of(reasons);
    }

    void requireEnd() {
        if (at != end) {
            throw ProtocolException.malformed((end - at) + " bytes too many at the end of the packet (§2.1.4)");
        }
    }

    private ByteBuffer copy(int from, int to) {
        return ByteBuffer.wrap(Arrays.copyOfRange(array, from, to)); // packets make it read-only
    }

    private int varInt() {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int next = u8("property length");
            value |= (next & 0x7F) << shift;
            if (next < 0x80) {
                if (next == 0 && shift > 0) {
                    throw ProtocolException.malformed("property length is written longer than needed [MQTT-1.5.5-1]");
                }
                return value;
            }
        }
        throw ProtocolException.malformed("property length takes more than four bytes (§1.5.5)");
    }

    private void need(int bytes, String what) {
        if (end - at < bytes) {
            throw ProtocolException.malformed("the packet ends inside its " + what + " (§2.1.4)");
        }
    }
}

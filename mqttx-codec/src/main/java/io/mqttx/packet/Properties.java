package io.mqttx.packet;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The properties of a packet (§2.2.2), in the order in which they were written.
 *
 * <p>Kept as the bytes that go over the wire, checked once, and read when asked for: a broker that passes a
 * message on copies them as they are, and pays for the value that it looks at. Two lists are equal if they say
 * the same in the same order. Immutable and safe for all threads.
 */
public final class Properties {
    /** No properties. */
    public static final Properties EMPTY = new Properties(new byte[0], 0);

    /** Set in {@link #present} beside the bits of the identifiers (0x01 to 0x2A). */
    private static final long SUBSCRIPTION_IDENTIFIER_REPEATED = 1L << 63;

    private final byte[] wire; // identifier and value, one behind the other, without the length in front
    private final long present; // bit per identifier

    private Properties(byte[] wire, long present) {
        this.wire = wire;
        this.present = present;
    }

    /** A list of one. */
    public static <T> Properties of(Property<T> property, T value) {
        return builder().add(property, value).build();
    }

    /** Builds a list step by step. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Reads the properties between {@code from} and {@code to}, the length in front left out, and copies them.
     *
     * @throws ProtocolException with {@link ReasonCode#MALFORMED_PACKET} for an unknown identifier or a value cut
     *     short, {@link ReasonCode#PROTOCOL_ERROR} for a repetition or a value out of range,
     *     {@link ReasonCode#TOPIC_ALIAS_INVALID} for topic alias 0
     */
    public static Properties decode(byte[] bytes, int from, int to) {
        if (from == to) {
            return EMPTY;
        }
        long present = 0;
        int at = from;
        while (at < to) {
            Property<?> property = Property.withId(bytes[at++]);
            present = add(property, present);
            at = PropertyWire.check(property, bytes, at, to);
        }
        return new Properties(Arrays.copyOfRange(bytes, from, to), present);
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return wire.length == 0;
    }

    /** Whether {@code property} is there. */
    public boolean has(Property<?> property) {
        return (present & 1L << property.id()) != 0;
    }

    /** The value of {@code property}, the first if it is there more than once. */
    public <T> Optional<T> find(Property<T> property) {
        int at = indexOf(property, 0);
        return at < 0 ? Optional.empty() : Optional.of(PropertyWire.value(property, wire, at));
    }

    /** The value of a property that is a number, or {@code absent} if it is not there. */
    public long number(Property<? extends Number> property, long absent) {
        int at = indexOf(property, 0);
        return at < 0 ? absent : PropertyWire.number(property, wire, at);
    }

    /** The value of a property that is yes or no, or {@code absent} if it is not there. */
    public boolean flag(Property<Boolean> property, boolean absent) {
        int at = indexOf(property, 0);
        return at < 0 ? absent : wire[at] != 0;
    }

    /** Every value of {@code property}, in order: several are possible for user properties and, in PUBLISH,
     * subscription identifiers. */
    public <T> List<T> all(Property<T> property) {
        int at = indexOf(property, 0);
        if (at < 0) {
            return List.of();
        }
        List<T> values = new ArrayList<>();
        while (at >= 0) {
            values.add(PropertyWire.value(property, wire, at));
            at = indexOf(property, PropertyWire.skip(property, wire, at));
        }
        return List.copyOf(values);
    }

    /** The user properties, in order [MQTT-3.3.2-18]. */
    public List<UserProperty> userProperties() {
        return all(Property.USER_PROPERTY);
    }

    /** This list with {@code property} set to {@code value}: in its old place if it was there, else at the end. */
    public <T> Properties with(Property<T> property, T value) {
        byte[] encoded = PropertyWire.encode(property, value);
        if (!has(property)) {
            return new Properties(PropertyWire.append(wire, encoded), add(property, present));
        }
        return replaced(property, encoded);
    }

    /** This list without any {@code property}. */
    public Properties without(Property<?> property) {
        if (!has(property)) {
            return this;
        }
        Properties rest = replaced(property, EMPTY.wire);
        return rest.isEmpty() ? EMPTY : rest;
    }

    /** How many bytes they take, the length in front not counted. */
    public int encodedLength() {
        return wire.length;
    }

    /** Writes them, without the length in front. */
    public void encodeTo(ByteBuffer out) {
        out.put(wire);
    }

    Properties requireIn(PacketType type) {
        if (present == 0) {
            return this;
        }
        requireIn(type.code(), type.toString());
        if (type != PacketType.PUBLISH && (present & SUBSCRIPTION_IDENTIFIER_REPEATED) != 0) {
            throw repeated(Property.SUBSCRIPTION_IDENTIFIER);
        }
        return this;
    }

    Properties requireInWill() {
        requireIn(0, "a will");
        return this;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Properties properties && Arrays.equals(wire, properties.wire);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(wire);
    }

    /** Names and values for people; the values of binary properties are not shown. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("[");
        int at = 0;
        while (at < wire.length) {
            Property<?> property = Property.withId(wire[at]);
            text.append(at == 0 ? "" : ", ").append(property.standardName());
            if (property.wire() != Property.Wire.BINARY) {
                text.append('=').append(PropertyWire.value(property, wire, at + 1));
            }
            at = PropertyWire.skip(property, wire, at + 1);
        }
        return text.append(']').toString();
    }

    /** These bytes in the place of the first {@code property}, and no other of its kind. */
    private Properties replaced(Property<?> property, byte[] encoded) {
        ByteBuffer out = ByteBuffer.allocate(wire.length + encoded.length);
        long bits = 0;
        boolean done = false;
        int at = 0;
        while (at < wire.length) {
            Property<?> next = Property.withId(wire[at]);
            int end = PropertyWire.skip(next, wire, at + 1);
            if (next != property) {
                out.put(wire, at, end - at);
                bits = add(next, bits);
            } else if (!done && encoded.length > 0) {
                out.put(encoded);
                bits = add(next, bits);
                done = true;
            }
            at = end;
        }
        return new Properties(Arrays.copyOf(out.array(), out.position()), bits);
    }

    /** Where the value of the next {@code property} begins, at or behind {@code from}, or -1. */
    private int indexOf(Property<?> property, int from) {
        if (!has(property)) {
            return -1;
        }
        int at = from;
        while (at < wire.length) {
            int id = wire[at];
            if (id == property.id()) {
                return at + 1;
            }
            at = PropertyWire.skip(Property.withId(id), wire, at + 1);
        }
        return -1;
    }

    private void requireIn(int place, String where) {
        long left = present & ~SUBSCRIPTION_IDENTIFIER_REPEATED;
        while (left != 0) {
            Property<?> property = Property.withId(Long.numberOfTrailingZeros(left));
            if ((property.places() & 1 << place) == 0) {
                throw ProtocolException.malformed(property + " does not belong in " + where + " (§2.2.2.2)");
            }
            left &= left - 1;
        }
    }

    private static long add(Property<?> property, long present) {
        long bit = 1L << property.id();
        if ((present & bit) == 0) {
            return present | bit;
        }
        if (!property.mayRepeat()) {
            throw repeated(property);
        }
        return property == Property.SUBSCRIPTION_IDENTIFIER ? present | SUBSCRIPTION_IDENTIFIER_REPEATED : present;
    }

    private static ProtocolException repeated(Property<?> property) {
        return ProtocolException.protocolError(property + " stands twice (§2.2.2.2)");
    }

    /** Builds a list of properties. Not safe for several threads at once. */
    public static final class Builder {
        private byte[] wire = EMPTY.wire;
        private long present;

        private Builder() {}

        /**
         * Adds {@code property} at the end.
         *
         * @throws ProtocolException if the value is out of range, or the property is there and may not repeat
         */
        public <T> Builder add(Property<T> property, T value) {
            byte[] encoded = PropertyWire.encode(property, value);
            present = Properties.add(property, present);
            wire = PropertyWire.append(wire, encoded);
            return this;
        }

        /** Adds a user property at the end. */
        public Builder userProperty(String name, String value) {
            return add(Property.USER_PROPERTY, new UserProperty(name, value));
        }

        /** The list. */
        public Properties build() {
            return wire.length == 0 ? EMPTY : new Properties(wire, present);
        }
    }
}

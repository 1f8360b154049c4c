package io.mqttx.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mqttx.conformance.SpecTable;
import io.mqttx.conformance.Statement;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PropertyTest {
    private static final Map<String, Property.Wire> WIRES = Map.of(
            "Byte", Property.Wire.BYTE,
            "Two Byte Integer", Property.Wire.TWO_BYTES,
            "Four Byte Integer", Property.Wire.FOUR_BYTES,
            "Variable Byte Integer", Property.Wire.VAR_INT,
            "UTF-8 Encoded String", Property.Wire.UTF8,
            "Binary Data", Property.Wire.BINARY,
            "UTF-8 String Pair", Property.Wire.UTF8_PAIR);
    private static final Map<Property.Wire, Long> LARGEST = Map.of(
            Property.Wire.BYTE, 0xFFL,
            Property.Wire.TWO_BYTES, 0xFFFFL,
            Property.Wire.FOUR_BYTES, 0xFFFF_FFFFL,
            Property.Wire.VAR_INT, 0xFFF_FFFFL);

    static List<SpecTable.Row> rows() {
        return SpecTable.properties().rows();
    }

    static List<Property<?>> numbers() {
        return Property.all().stream()
                .filter(property -> LARGEST.containsKey(property.wire()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyRowOfTheTableIsAProperty(SpecTable.Row row) {
        Property<?> property = Property.withId(row.number("id_dec"));

        assertEquals(row.text("name"), property.standardName());
        assertEquals(row.text("name").replace(' ', '_').toUpperCase(java.util.Locale.ROOT), constantNameOf(property));
        assertEquals(Integer.decode(row.text("id_hex")), property.id());
        assertEquals(WIRES.get(row.text("type")), property.wire());
    }

    @ParameterizedTest
    @MethodSource("rows")
    @Statement("P5-07")
    void everyPropertyStandsInThePacketsOfItsRowAndInNoOther(SpecTable.Row row) {
        Property<?> property = Property.withId(row.number("id_dec"));
        Set<String> places = new TreeSet<>();
        for (PacketType type : PacketType.values()) {
            if (property.allowedIn(type)) {
                places.add(type.name());
            }
        }
        if (property.allowedInWill()) {
            places.add("WILL");
        }

        assertEquals(new TreeSet<>(row.list("packets")), places);
    }

    @ParameterizedTest
    @MethodSource("rows")
    @Statement("P5-43")
    void everyPropertyRepeatsWhereItsRowSaysSo(SpecTable.Row row) {
        Property<?> property = Property.withId(row.number("id_dec"));
        for (PacketType type : PacketType.values()) {
            if (property.allowedIn(type)) {
                String rule = row.text("may_repeat");
                boolean expected = rule.equals("yes") || rule.contains(type.name() + ": yes");
                assertEquals(expected, property.mayRepeatIn(type), property + " in " + type);
            }
        }
    }

    @Test
    void thereIsNoPropertyBesideTheTable() {
        Set<Integer> ids = rows().stream().map(row -> row.number("id_dec")).collect(Collectors.toSet());

        assertEquals(27, Property.all().size());
        assertEquals(ids, Property.all().stream().map(Property::id).collect(Collectors.toSet()));
        for (int id = -128; id < 128; id++) {
            if (!ids.contains(id)) {
                int unknown = id;
                ProtocolException e = assertThrows(ProtocolException.class, () -> Property.withId(unknown));
                assertEquals(ReasonCode.MALFORMED_PACKET, e.reason());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    @Statement({"P5-14", "P5-17", "P5-20", "P5-24", "P5-25", "P5-36", "P5-37", "P5-39", "P5-40", "P5-41", "P5-46"})
    void aNumberIsTakenInTheRangeOfItsRowAndNowhereElse(Property<?> property) {
        SpecTable.Row row =
                SpecTable.properties().find("name", property.standardName()).orElseThrow();
        String limits = row.text("value_limits");
        long first;
        long last;
        if (limits.startsWith("0 or 1")) {
            first = 0;
            last = 1;
        } else {
            first = Long.parseLong(limits.split(" ", 2)[0]);
            last = LARGEST.get(property.wire());
        }
        boolean namesItsEnd = property == Property.TOPIC_ALIAS || limits.contains(Long.toString(last));
        assertTrue(namesItsEnd, limits);

        for (long value : List.of(0L, 1L, 2L, 0x7FL, 0x80L, 0xFFL, 0x7FFFL, 0xFFFFL, 0xFFF_FFFFL, 0xFFFF_FFFFL)) {
            if (value <= LARGEST.get(property.wire())) {
                byte[] wire = onTheWire(property, value);
                if (value >= first && value <= last) {
                    Properties.decode(wire, 0, wire.length);
                } else {
                    ProtocolException e = assertThrows(
                            ProtocolException.class,
                            () -> Properties.decode(wire, 0, wire.length),
                            property + "=" + value);
                    ReasonCode expected = property == Property.TOPIC_ALIAS
                            ? ReasonCode.TOPIC_ALIAS_INVALID
                            : ReasonCode.PROTOCOL_ERROR;
                    assertEquals(expected, e.reason());
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void aNumberOutOfRangeIsRefusedBeforeItIsWrittenToo(Property<?> property) {
        List<Object> wrong = new ArrayList<>();
        if (property.javaType() == Long.class) {
            wrong.addAll(List.of(-1L, 0x1_0000_0000L));
        } else if (property.javaType() == Integer.class) {
            wrong.addAll(List.of(-1, Integer.MAX_VALUE));
        }
        for (Object value : wrong) {
            assertThrows(ProtocolException.class, () -> PropertyWire.encode(property, value), property + "=" + value);
        }
    }

    @Test
    void aValueOfAnotherTypeIsRefusedHereAndNotByThePeer() {
        assertThrows(ClassCastException.class, () -> PropertyWire.encode(Property.CONTENT_TYPE, 7));
    }

    @Test
    void valuesComeBackAsTheyWentIn() {
        Properties properties = Properties.builder()
                .add(Property.PAYLOAD_FORMAT_INDICATOR, true)
                .add(Property.MESSAGE_EXPIRY_INTERVAL, 0xFFFF_FFFFL)
                .add(Property.CONTENT_TYPE, "text/plain; ä")
                .add(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {0, -1}))
                .add(Property.SUBSCRIPTION_IDENTIFIER, 268_435_455)
                .add(Property.SUBSCRIPTION_IDENTIFIER, 1)
                .add(Property.TOPIC_ALIAS, 65_535)
                .userProperty("a", "1")
                .userProperty("a", "")
                .build();

        assertEquals(true, properties.flag(Property.PAYLOAD_FORMAT_INDICATOR, false));
        assertEquals(0xFFFF_FFFFL, properties.number(Property.MESSAGE_EXPIRY_INTERVAL, 0));
        assertEquals("text/plain; ä", properties.find(Property.CONTENT_TYPE).orElseThrow());
        assertEquals(
                ByteBuffer.wrap(new byte[] {0, -1}),
                properties.find(Property.CORRELATION_DATA).orElseThrow());
        assertEquals(List.of(268_435_455, 1), properties.all(Property.SUBSCRIPTION_IDENTIFIER));
        assertEquals(65_535, properties.find(Property.TOPIC_ALIAS).orElseThrow());
        assertEquals(List.of(new UserProperty("a", "1"), new UserProperty("a", "")), properties.userProperties());
        assertTrue(properties.find(Property.RESPONSE_TOPIC).isEmpty());
        assertEquals(7, properties.number(Property.RECEIVE_MAXIMUM, 7));
        assertTrue(properties.flag(Property.RETAIN_AVAILABLE, true));
        assertEquals(List.of(), properties.all(Property.REASON_STRING));
    }

    @Test
    void aPropertyIsReplacedInItsPlaceAndRemovedWhole() {
        Properties before = Properties.builder()
                .userProperty("first", "1")
                .add(Property.MESSAGE_EXPIRY_INTERVAL, 60L)
                .userProperty("last", "2")
                .build();

        Properties shorter = before.with(Property.MESSAGE_EXPIRY_INTERVAL, 59L);
        Properties without = shorter.without(Property.USER_PROPERTY);

        assertEquals(59, shorter.number(Property.MESSAGE_EXPIRY_INTERVAL, 0));
        assertEquals(before.userProperties(), shorter.userProperties());
        assertEquals(before.encodedLength(), shorter.encodedLength());
        assertEquals(Properties.of(Property.MESSAGE_EXPIRY_INTERVAL, 59L), without);
        assertFalse(without.has(Property.USER_PROPERTY));
        assertEquals(Properties.EMPTY, without.without(Property.MESSAGE_EXPIRY_INTERVAL));
        assertEquals(
                "alias",
                Properties.EMPTY
                        .with(Property.CONTENT_TYPE, "alias")
                        .find(Property.CONTENT_TYPE)
                        .get());
    }

    @Test
    void severalSubscriptionIdentifiersBecomeOneWhereOneIsSet() {
        Properties several = Properties.builder()
                .add(Property.SUBSCRIPTION_IDENTIFIER, 1)
                .add(Property.SUBSCRIPTION_IDENTIFIER, 2)
                .build();

        Properties one = several.with(Property.SUBSCRIPTION_IDENTIFIER, 3);

        assertEquals(List.of(3), one.all(Property.SUBSCRIPTION_IDENTIFIER));
        one.requireIn(PacketType.SUBSCRIBE);
        assertThrows(ProtocolException.class, () -> several.requireIn(PacketType.SUBSCRIBE));
    }

    @Test
    void theTextForPeopleShowsNoBinaryData() {
        Properties properties = Properties.builder()
                .add(Property.AUTHENTICATION_METHOD, "SCRAM")
                .add(Property.AUTHENTICATION_DATA, ByteBuffer.wrap(new byte[] {1, 2}))
                .build();

        assertEquals("[Authentication Method=SCRAM, Authentication Data]", properties.toString());
    }

    @Test
    void aBinaryValueIsNotMovedByWhoReadsIt() {
        Properties properties = Properties.of(Property.CORRELATION_DATA, ByteBuffer.wrap(new byte[] {1, 2}));

        properties.find(Property.CORRELATION_DATA).orElseThrow().get();

        assertEquals(2, properties.find(Property.CORRELATION_DATA).orElseThrow().remaining());
    }

    private static String constantNameOf(Property<?> property) {
        for (java.lang.reflect.Field field : Property.class.getFields()) {
            try {
                if (field.get(null) == property) {
                    return field.getName();
                }
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
        return "";
    }

    private static byte[] onTheWire(Property<?> property, long value) {
        ByteBuffer out = ByteBuffer.allocate(8).put((byte) property.id());
        switch (property.wire()) {
            case BYTE -> out.put((byte) value);
            case TWO_BYTES -> out.putShort((short) value);
            case FOUR_BYTES -> out.putInt((int) value);
            default -> io.mqttx.wire.VarInt.put(out, (int) value);
        }
        return java.util.Arrays.copyOf(out.array(), out.position());
    }
}

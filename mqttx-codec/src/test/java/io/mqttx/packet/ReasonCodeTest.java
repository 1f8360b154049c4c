package io.mqttx.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.mqttx.conformance.SpecTable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class ReasonCodeTest {

    static List<SpecTable.Row> rows() {
        return SpecTable.reasonCodes().rows();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void everyRowOfTheTableIsAReasonCode(SpecTable.Row row) {
        ReasonCode reason = ReasonCode.valueOf(constantName(row));

        assertEquals(row.number("dec"), reason.code());
        assertEquals(Integer.decode(row.text("hex")), reason.code());
        assertEquals(row.text("is_error").equals("yes"), reason.isError());
        Set<String> places = reason.packets().stream().map(PacketType::name).collect(Collectors.toSet());
        assertEquals(new TreeSet<>(row.list("packets")), new TreeSet<>(places));
    }

    @Test
    void thereIsNoReasonCodeBesideTheTable() {
        Set<String> names = rows().stream().map(ReasonCodeTest::constantName).collect(Collectors.toSet());

        assertEquals(names, Arrays.stream(ReasonCode.values()).map(Enum::name).collect(Collectors.toSet()));
    }

    @ParameterizedTest
    @EnumSource
    void aCodeIsKnownInThePacketsOfItsRowAndInNoOther(PacketType type) {
        for (int code = 0; code < 0x100; code++) {
            int wanted = code;
            List<SpecTable.Row> meant = rows().stream()
                    .filter(row ->
                            row.number("dec") == wanted && row.list("packets").contains(type.name()))
                    .toList();
            if (meant.isEmpty()) {
                ProtocolException e =
                        assertThrows(ProtocolException.class, () -> ReasonCode.of(type, wanted), type + " " + wanted);
                assertEquals(ReasonCode.MALFORMED_PACKET, e.reason());
            } else {
                assertEquals(
                        constantName(meant.get(0)), ReasonCode.of(type, code).name());
            }
        }
    }

    @Test
    void noNumberOutsideOneByteIsAReasonCode() {
        assertThrows(ProtocolException.class, () -> ReasonCode.of(PacketType.CONNACK, -1));
        assertThrows(ProtocolException.class, () -> ReasonCode.of(PacketType.CONNACK, 0x100));
    }

    @Test
    void everyQosHasItsGrant() {
        for (QoS qos : QoS.values()) {
            assertEquals(ReasonCode.of(PacketType.SUBACK, qos.code()), ReasonCode.granted(qos));
        }
    }

    private static String constantName(SpecTable.Row row) {
        return row.text("name").replaceAll("[ -]", "_").toUpperCase(Locale.ROOT);
    }
}

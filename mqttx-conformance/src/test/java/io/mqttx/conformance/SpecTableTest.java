package io.mqttx.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpecTableTest {

    @Test
    void everyTableOfTheRepositoryHasTheRowsThatItsReadmeCounts() {
        assertEquals(141, SpecTable.statements(Version.V3_1_1).rows().size());
        assertEquals(251, SpecTable.statements(Version.V5).rows().size());
        assertEquals(45, SpecTable.reasonCodes().rows().size());
        assertEquals(27, SpecTable.properties().rows().size());
    }

    @Test
    void aRowIsFoundByItsIdAndReadByColumnName() {
        SpecTable.Row row =
                SpecTable.properties().find("name", "Message Expiry Interval").orElseThrow();

        assertEquals(2, row.number("id_dec"));
        assertEquals(List.of("PUBLISH", "WILL"), row.list("packets"));
    }

    @Test
    void whatIsNotInTheTableIsNotFound() {
        assertTrue(SpecTable.properties().find("name", "Colour").isEmpty());
    }

    @Test
    void aColumnThatDoesNotExistIsNamedInTheError() {
        SpecTable.Row row = SpecTable.properties().rows().get(0);

        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> row.text("colour"));

        assertEquals("properties.tsv:2 has no column colour", e.getMessage());
    }

    @Test
    void aLineWithAFieldTooFewIsRefusedWithItsPlace() {
        List<String> lines = List.of("id\tname", "1\tone", "2");

        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> SpecTable.parse("numbers.tsv", lines));

        assertEquals("numbers.tsv:3 has 1 fields, not 2", e.getMessage());
    }
}

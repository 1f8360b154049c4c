package io.mqttx.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class RequirementTest {

    @Test
    void allAreReadFromTheTables() {
        List<Requirement> all = Requirement.all();

        assertEquals(
                141, all.stream().filter(r -> r.version() == Version.V3_1_1).count());
        assertEquals(73, all.stream().filter(r -> r.id().startsWith("P5-")).count());
        assertEquals(141 + 251 + 73, all.size());
        assertEquals(
                all.size(),
                all.stream().map(r -> r.version() + r.id()).distinct().count());
    }

    @Test
    void aSentenceWithoutANumberIsARowOfTheReadme() {
        List<Requirement> found = Requirement.unnumbered(
                List.of("| Id | Section |", "|---|---|", "| P5-07 | 2.2.2 | codec | Be right. |"));

        assertEquals(List.of(new Requirement(Version.V5, "P5-07", "2.2.2", "codec", "yes", "Be right.")), found);
    }

    @Test
    void aRowThatCannotBeReadIsNotPassedOver() {
        assertThrows(
                IllegalArgumentException.class,
                () -> Requirement.unnumbered(List.of("| P5-07 | 2.2.2 | nobody | Be right. |")));
    }
}

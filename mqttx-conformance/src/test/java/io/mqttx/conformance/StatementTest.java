package io.mqttx.conformance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StatementTest {

    @Test
    @Statement({"MQTT-3.3.1-2", "P5-01"})
    @Statement(value = "MQTT-3.3.1-2", version = Version.V3_1_1)
    void aTestCarriesStatementsOfBothVersions() throws NoSuchMethodException {
        Statement[] found = StatementTest.class
                .getDeclaredMethod("aTestCarriesStatementsOfBothVersions")
                .getAnnotationsByType(Statement.class);

        assertEquals(2, found.length);
        assertArrayEquals(new String[] {"MQTT-3.3.1-2", "P5-01"}, found[0].value());
        assertEquals(Version.V5, found[0].version());
        assertEquals(Version.V3_1_1, found[1].version());
    }
}
